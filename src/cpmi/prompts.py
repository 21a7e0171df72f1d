"""Every word cpmi says to a model, and how pieces of text become tokens.

Pieces are tokenized apart and joined as tokens, so that a context and its continuation are the same tokens
in every branch and on every engine. Where the model's tokenizer would cut the joined text differently, that
is counted and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from cpmi.requests import Tokenizer

Style = Literal["raw", "chat", "short"]

# Four wordings of one request, 50 to 60 tokens each; averaging over them removes what one wording likes.
TEMPLATES = (
    "You will read a mathematics problem and then part of a written solution to it. Follow the reasoning "
    "closely, carry out any arithmetic that is still missing, and then state the single final answer to the "
    "problem in the form in which it was asked for.",
    "Below stands a word problem together with some of the work that a student has written down for it. Use "
    "that work as far as it goes, complete what remains to be done on your own, and give the final result of "
    "the whole problem at the end.",
    "Here is an exercise and a piece of somebody's solution. Think about which quantity the exercise asks "
    "for, continue from the given piece of reasoning until that quantity is known, and report its value as "
    "the one and final answer, without any further explanation.",
    "Read the question first and the notes underneath it afterwards. The notes may hold only some of the "
    "steps that are needed. Decide what the notes imply, do the steps that are left, and finish with the "
    "final answer to the question that was asked.",
)

# The "short" style says one word before the problem: for small models that were trained on just this layout.
SHORT_TEMPLATES = ("Problem:", "Question:", "Task:", "Exercise:")

# Answer cues that follow the steps; differing after the shared prefix, they share its computation.
CUES = ("The answer is:", "Final answer:", "So the result is:", "Therefore, the final answer is:")

# Where a model that goes on after its solution begins the next problem: what follows is not the solution.
RUN_ON = ("\nProblem:", "\nQuestion:")
SHORT_RUN_ON = tuple(f"\n{template}" for template in SHORT_TEMPLATES)

# Asks for wrong results. It shows the chain's steps and never the gold answer.
WRONG_ANSWER = (
    "Below are a problem and a draft solution that may contain mistakes. A student slipped somewhere in this "
    "draft: a wrong operation, a forgotten step, or an arithmetic error. Write a wrong final result that the "
    "student could plausibly have ended with. Give only the result."
)
WRONG_ANSWER_CUE = "The wrong result is:"

# Asks for a judgment of every step. What follows a step is a cue and one of two markers: right, wrong.
JUDGE = (
    "Below are a problem and a solution that may contain mistakes. Check the solution step by step: a step "
    "is correct if its numbers, its arithmetic and its reasoning follow from the problem and the steps "
    "before it, and incorrect otherwise."
)
JUDGMENTS = (
    ("Judgment of the last step:", " correct", " incorrect"),
    ("Is the last step correct? Answer:", " Yes", " No"),
    ("True or false: the last step holds.", " True", " False"),
    ("Mark for the last step:", " right", " wrong"),
)


def wording() -> dict[str, object]:
    """Every word said to a model, for the manifest: another wording gives other labels."""
    return {
        "templates": list(TEMPLATES),
        "short_templates": list(SHORT_TEMPLATES),
        "cues": list(CUES),
        "run_on": list(RUN_ON),
        "short_run_on": list(SHORT_RUN_ON),
        "wrong_answer": WRONG_ANSWER,
        "wrong_answer_cue": WRONG_ANSWER_CUE,
        "judge": JUDGE,
        "judgments": [list(judgment) for judgment in JUDGMENTS],
    }


class Prompter:
    """Turns questions, steps and answers into tokens for one tokenizer.

    Args:
        tokenizer: of the labeling model.
        style: "raw" text; "chat": the question in a user turn, steps and answer in the assistant's; "short":
            raw text with one word of instruction.

    Attributes:
        templates: the K wordings of the request, given to `question` as its instruction.
        wrong_answer: the request for a wrong answer, likewise.
        judge: the request for a judgment of every step, likewise.
        stop: strings that end a sampled solution, beside the model's own end token.

    Raises:
        UnsupportedModelError: "chat" with a model that has no chat template.
    """

    def __init__(self, tokenizer: Tokenizer, style: Style = "raw") -> None:
        self.tokenizer = tokenizer
        self.style = style
        self.templates = SHORT_TEMPLATES if style == "short" else TEMPLATES
        self.wrong_answer = SHORT_TEMPLATES[0] if style == "short" else WRONG_ANSWER
        self.judge = SHORT_TEMPLATES[0] if style == "short" else JUDGE
        self._terminator = tokenizer.chat_frame("?")[1] if style == "chat" else "\n"
        # A chat's end token ends it, but where the template ends a turn in plain text.
        stop = {"raw": RUN_ON, "short": SHORT_RUN_ON, "chat": (self._terminator,)}[style]
        self.stop = tuple(text for text in stop if text)

    def question(self, instruction: str, question: str) -> tuple[int, ...]:
        """The shared prefix's beginning: instruction, problem, and the place where the solution starts."""
        tokens = self.tokenizer.encode(self.question_text(instruction, question))
        return tokens if self.style == "chat" else self.tokenizer.prefix + tokens

    def question_text(self, instruction: str, question: str) -> str:
        if self.style == "short":
            return f"{instruction} {question.strip()}\nSolution:\n"
        text = f"{instruction}\n\nProblem: {question.strip()}\n"
        return f"{text}\nSolution:\n" if self.style == "raw" else self.tokenizer.chat_frame(text)[0]

    def step(self, step: str) -> tuple[int, ...]:
        """One step and the line break that ends it."""
        return self.tokenizer.encode(step_text(step))

    def cue(self, cue: str) -> tuple[int, ...]:
        return self.tokenizer.encode(cue)

    def answer(self, answer: str) -> tuple[int, ...]:
        """The answer's own tokens, without a terminator (as published: 5 is a prefix of 5.5)."""
        return self.tokenizer.encode(f" {answer}")

    def ended_answer(self, answer: str) -> tuple[int, ...]:
        """The answer's own tokens and its terminator: a line break, or the end of the turn in chat."""
        return self.tokenizer.encode(f" {answer}") + self.tokenizer.encode(self._terminator)

    def num_tokenization_mismatches(self, *texts: Sequence[str]) -> int:
        """At how many joins the tokenizer would cut the joined text differently from the pieces.

        Args:
            texts: sequences of pieces that follow each other in a prompt; a join that is in several
                counts once.
        """
        encode = self.tokenizer.encode
        joins = {join for pieces in texts for join in pairwise(pieces)}
        return sum(encode(left + right) != encode(left) + encode(right) for left, right in joins)

    @property
    def terminator(self) -> str:
        """What ends an answer: a line break, or the end of the assistant's turn."""
        return self._terminator


def step_text(step: str) -> str:
    """A step as it is in a prompt."""
    return step.strip() + "\n"
