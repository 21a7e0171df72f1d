"""Chat frames are those of a finished assistant turn; templates that change what is said are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

import tests.tiny_model as tiny
from cpmi.answers import Equivalence
from cpmi.api.label import label
from cpmi.data import write_jsonl
from cpmi.engines.fake import FakeEngine
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.errors import UnsupportedModelError
from cpmi.prompts import Prompter
from cpmi.requests import SampleRequest
from cpmi.sampling import Sampler
from cpmi.types import Chain, Problem
from tests.methods import make_method

OPEN = "{% for m in messages %}<|{{ m.role }}|>"
CLOSE = "<|end|>\n{% endfor %}"
PROMPT = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
TURN = OPEN + "{{ m.content }}" + CLOSE

PLAIN = TURN + PROMPT
EMPTY_THOUGHT = (  # a last finished turn shows that it thought nothing; a new one begins bare
    OPEN
    + "{% if m.role == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}{{ m.content }}"
    + CLOSE
    + PROMPT
)
THOUGHT_CUT = (  # a new turn opens a thought, a finished one has lost it
    OPEN
    + "{% set said = m.content %}"
    + "{% if '</think>' in said %}{% set said = said.split('</think>')[-1] %}{% endif %}"
    + "{{ said }}"
    + CLOSE
    + "{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
)
CHANNELS = (
    "<|start|>system<|message|>Current date: {{ strftime_now('%Y-%m-%d') }}<|end|>"
    "{% for m in messages %}<|start|>{{ m.role }}"
    "{% if m.role == 'assistant' %}<|channel|>final{% endif %}<|message|>{{ m.content }}"
    "{% if loop.last and m.role == 'assistant' %}<|return|>{% else %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
SPACED = (
    "{% for m in messages %}{% if m.role == 'user' %}[Q] {{ m.content | trim }} [/Q]"
    "{% else %} {{ m.content | trim }} {{ eos_token }}{% endif %}{% endfor %}"
)
DEFAULT_SYSTEM = "<|system|>Be kind.<|end|>\n" + PLAIN


def tokenizer(template: str) -> HuggingFaceTokenizer:
    inner = tiny.tokenizer()
    inner.chat_template = template
    return HuggingFaceTokenizer(inner)


@pytest.mark.parametrize(
    ("template", "before", "after", "generation_prompt"),
    [
        (PLAIN, "<|user|>Hi\n<|end|>\n<|assistant|>", "<|end|>", None),
        (DEFAULT_SYSTEM, "<|system|>Be kind.<|end|>\n<|user|>Hi\n<|end|>\n<|assistant|>", "<|end|>", None),
        (
            EMPTY_THOUGHT,
            "<|user|>Hi\n<|end|>\n<|assistant|><think>\n\n</think>\n\n",
            "<|end|>",
            "<|user|>Hi\n<|end|>\n<|assistant|>",
        ),
        (
            THOUGHT_CUT,
            "<|user|>Hi\n<|end|>\n<|assistant|>",
            "<|end|>",
            "<|user|>Hi\n<|end|>\n<|assistant|><think>\n",
        ),
        (
            CHANNELS,
            "<|start|>system<|message|>Current date: 2026-01-01<|end|><|start|>user<|message|>Hi\n<|end|>"
            "<|start|>assistant<|channel|>final<|message|>",
            "<|return|>",
            "<|start|>system<|message|>Current date: 2026-01-01<|end|><|start|>user<|message|>Hi\n<|end|>"
            "<|start|>assistant",
        ),
        (SPACED, "[Q] Hi [/Q] ", " <|end|>", "[Q] Hi [/Q]"),
        (TURN.replace("<|end|>", ""), "<|user|>Hi\n\n<|assistant|>", "", "<|user|>Hi\n\n"),
    ],
    ids=["plain", "system", "empty thought", "thought cut", "channels", "spaced", "no end"],
)
def test_a_frame_is_that_of_a_finished_turn(
    template: str, before: str, after: str, generation_prompt: str | None
) -> None:
    made = tokenizer(template)
    assert made.chat_frame("Hi\n") == (before, after)
    assert made.generation_prompt("Hi\n") == (before if generation_prompt is None else generation_prompt)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (TURN.replace("m.content", "m.content | upper"), "changes, drops or repeats what the assistant says"),
        (TURN.replace("m.content", "m.content | e"), "changes, drops or repeats what the assistant says"),
        (TURN.replace("m.content", "m.content | replace('\n', ' ')"), "0 times"),
        (TURN.replace("m.content", "m.content | tojson"), "0 times"),
        (TURN.replace("m.content", "m.content ~ m.content"), "2 times"),
        (OPEN + "{% if m.role == 'user' %}{{ m.content }}{% endif %}" + CLOSE, "0 times"),
        (OPEN + "{% if m.role != 'user' %}{{ m.content }}{% endif %}" + CLOSE, "what the user says"),
        ("{{ raise_exception('System role first') }}", "TemplateError: System role first"),
        ("{{ messages[2].content.x }}", "UndefinedError"),
        ("{{ 1 + messages[0].content }}", "TypeError"),
        ("{% for %}", "TemplateSyntaxError"),
    ],
)
def test_a_template_that_changes_what_is_said_is_refused(template: str, message: str) -> None:
    made = tokenizer(template)
    with pytest.raises(UnsupportedModelError, match=r"--prompt raw") as caught:
        Prompter(made, "chat").question("Solve.", "How many?")
    assert message in str(caught.value)


def test_a_question_that_the_template_escapes_is_refused() -> None:
    made = tokenizer(TURN.replace("m.content", "(m.content | e if m.role == 'user' else m.content)"))
    assert made.chat_frame("5 or 6?")[0] == "<|user|>5 or 6?<|end|>\n<|assistant|>"
    with pytest.raises(UnsupportedModelError, match="what the user says"):
        made.chat_frame("5 < 6?")


def test_chains_are_in_a_finished_turn_and_new_solutions_after_the_generation_prompt() -> None:
    prompter = Prompter(tokenizer(EMPTY_THOUGHT), "chat")
    decode: Any = prompter.tokenizer.decode
    given, own = prompter.question("Solve.", "1 + 1?"), prompter.unsolved("Solve.", "1 + 1?")
    assert decode(given).endswith("<|assistant|><think>\n\n</think>\n\n")
    assert decode(own).endswith("<|end|>\n<|assistant|>")
    assert prompter.facts() == {
        "terminator": "<|end|>",
        "before": "<|user|>?<|end|>\n<|assistant|><think>\n\n</think>\n\n",
        "generation_prompt": "<|user|>?<|end|>\n<|assistant|>",
    }


def test_a_turn_that_nothing_ends_is_ended_by_a_line_break() -> None:
    prompter = Prompter(tokenizer(TURN.replace("<|end|>", "")), "chat")
    assert (prompter.terminator, prompter.stop) == ("\n", ())
    assert prompter.ended_answer("5") == prompter.tokenizer.encode(" 5\n")


@pytest.mark.parametrize("style", ["raw", "short"])
def test_without_a_chat_a_new_solution_begins_where_a_given_one_does(style: Any) -> None:
    prompter = Prompter(tokenizer(PLAIN), style)
    assert prompter.unsolved("Solve.", "1 + 1?") == prompter.question("Solve.", "1 + 1?")
    assert prompter.facts() == {"terminator": "\n"}


CHAIN = Chain(id="c", question="1 + 1?", steps=("1 + 1 = 3.",), gold="2", answer="3")


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("evidence", {}),
        ("net_gain", {"sampled": 1}),
        ("cpmi", {}),
        ("judge", {}),
        ("monte_carlo", {}),
        ("binary_search", {}),
        ("pav", {}),
    ],
)
def test_every_method_reads_a_chain_in_a_finished_turn(method: str, options: dict[str, Any]) -> None:
    made = tokenizer(EMPTY_THOUGHT)
    flow = make_method(method, made, prompt="chat", **options).label(CHAIN)
    asked = next(flow)
    flow.close()
    for request in asked:
        tokens = request.prompt if isinstance(request, SampleRequest) else request.shared_prefix
        assert "<|assistant|><think>\n\n</think>\n\n" in made.decode(tokens)


def test_a_new_solution_is_sampled_after_the_generation_prompt() -> None:
    made = tokenizer(EMPTY_THOUGHT)
    sampler = Sampler(prompter=Prompter(made, "chat"), equivalence=Equivalence(inline=True), generator="g")
    (request,) = next(flow := sampler.sample(Problem(id="p", question="1 + 1?")))
    flow.close()
    assert isinstance(request, SampleRequest)
    assert made.decode(request.prompt).endswith("<|end|>\n<|assistant|>")


def test_the_frame_is_in_the_manifest(tmp_path: Path) -> None:
    engine = FakeEngine()
    write_jsonl([CHAIN], tmp_path / "chains.jsonl")
    for prompt, frame in (
        ("raw", {"terminator": "\n"}),
        (
            "chat",
            {
                "terminator": "</assistant>\n",
                "before": "<user>?</user>\n<assistant>",
                "generation_prompt": "<user>?</user>\n<assistant>",
            },
        ),
    ):
        out = tmp_path / prompt
        label(tmp_path / "chains.jsonl", model=engine, method="judge", prompt=prompt, out=out)
        determines = json.loads((out / "manifest.json").read_text())["determines"]
        assert determines["prompts"]["frame"] == frame
