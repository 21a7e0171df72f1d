"""Texts for property tests: plain ones, and ones put together from the marks that splitting looks at."""

from hypothesis import strategies as st

# Plain text rarely holds blank lines, so white space of all kinds is drawn often.
texts = st.text(
    alphabet=st.one_of(st.sampled_from("\n\r\t \u2028\u00a0\x1c"), st.sampled_from("ab."), st.characters())
)
STRUCTURES = (
    r"\[", r"\]", "$$", r"\begin{a}", r"\end{a}", r"\begin{b}", r"\end{b}", "```", "~~~", "```py", "`",
    r"\(", r"\)", "$", "1. ", "2. ", "Step 1: ", "**Step 2**", "### Step 3", "(a) ", "(b) ", "第3步", "①",
    "- ", "> ", "|", "---", "|--|", "<think>", "</think>", "<thinking>", "</thinking>",
    "<|begin_of_thought|>", "<|end_of_thought|>", "<|begin_of_solution|>", "<|end_of_solution|>",
    "<answer>", "</answer>", "<solution>", "</solution>",
    "[THINK]", "text", "A", "Mr.", "e.g.", "2.5", "x.", "!", "?", "...", ":", "。", "？", "؟", "۔", "”",
    "\ud800", "\u200b",
)  # fmt: skip
WHITE_SPACE = (
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\t",
    "\x0c",
    "\x85",
    "\u2028",
    "\u2029",
    "\u00a0",
    "\n \n",
    "",
)
structured = st.lists(st.sampled_from((*STRUCTURES, *WHITE_SPACE, *WHITE_SPACE)), max_size=40).map("".join)
