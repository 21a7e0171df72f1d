"""Every word cpmi says to a model, and how pieces of text become tokens.

Pieces are tokenized apart and joined as tokens, so that a context and its continuation are the same tokens
in every branch and on every engine. Where the model's tokenizer would cut the joined text differently, that
is counted and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

from cpmi.errors import RecordError, UnsupportedModelError
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
        style: "raw" text; "chat": the question in a user turn, steps and answer in the assistant's, as in a
            finished conversation; "short": raw text with one word of instruction.

    Attributes:
        templates: the K wordings of the request, given to `question` as its instruction.
        wrong_answer: the request for a wrong answer, likewise.
        judge: the request for a judgment of every step, likewise.
        terminator: what ends an answer: a line break, or the end of the assistant's turn.
        stop: strings that end a sampled solution, beside the model's own end token.

    Raises:
        UnsupportedModelError: "chat" with a model that has no chat template, or one that changes what is
            said; a tokenizer that encodes a line break or the terminator as nothing.
    """

    def __init__(self, tokenizer: Tokenizer, style: Style = "raw") -> None:
        self.tokenizer = tokenizer
        self.style = style
        self.templates = SHORT_TEMPLATES if style == "short" else TEMPLATES
        self.wrong_answer = SHORT_TEMPLATES[0] if style == "short" else WRONG_ANSWER
        self.judge = SHORT_TEMPLATES[0] if style == "short" else JUDGE
        before, after = tokenizer.chat_frame("?") if style == "chat" else ("", "")
        self._before = before
        self.terminator = after or "\n"
        # A chat's end token ends it, but where the template ends a turn in plain text.
        stop = {"raw": RUN_ON, "short": SHORT_RUN_ON, "chat": (after,)}[style]
        self.stop = tuple(text for text in stop if text)
        self._expect_ends()

    def _expect_ends(self) -> None:
        for text, ends in (("\n", "a step"), (self.terminator, "an answer")):
            if not self.tokenizer.encode(text):
                raise UnsupportedModelError(
                    f"the tokenizer encodes what ends {ends} as nothing",
                    got=repr(text),
                    expected="at least one token",
                    hint="Steps and answers could not be told from longer ones: use another model.",
                )

    def facts(self) -> dict[str, Any]:
        """For the manifest: what ends an answer, and what a chat puts before the assistant's words."""
        if self.style != "chat":
            return {"terminator": self.terminator}
        return {
            "terminator": self.terminator,
            "before": self._before,
            "generation_prompt": self.tokenizer.generation_prompt("?"),
        }

    def question(self, instruction: str, question: str) -> tuple[int, ...]:
        """The shared prefix's beginning: instruction, problem, and where a given solution starts."""
        return self._opening(self.question_text(instruction, question))

    def unsolved(self, instruction: str, question: str) -> tuple[int, ...]:
        """Instruction, problem, and the place where the model begins a solution of its own.

        In a chat this is the template's generation prompt, which may open a thought or leave the channel
        to the model; elsewhere it is `question`.
        """
        if self.style != "chat":
            return self.question(instruction, question)
        return self._opening(self.tokenizer.generation_prompt(_request(instruction, question)))

    def question_text(self, instruction: str, question: str) -> str:
        """The text of `question`."""
        if self.style == "short":
            return f"{instruction} {question.strip()}\nSolution:\n"
        text = _request(instruction, question)
        return f"{text}\nSolution:\n" if self.style == "raw" else self.tokenizer.chat_frame(text)[0]

    def _opening(self, text: str) -> tuple[int, ...]:
        tokens = self._said(text)
        return tokens if self.style == "chat" else self.tokenizer.prefix + tokens

    def step(self, step: str) -> tuple[int, ...]:
        """One step and the line break that ends it; errors as `cue`."""
        return self._said(step_text(step), beyond="\n")

    def cue(self, cue: str) -> tuple[int, ...]:
        """Tokens of a cue.

        Raises:
            RecordError: the tokenizer encodes it as nothing.
        """
        return self._said(cue)

    def answer(self, answer: str) -> tuple[int, ...]:
        """The answer's own tokens, without a terminator (as published: 5 is a prefix of 5.5); errors as
        `cue`."""
        return self._said(f" {answer}", beyond=" ")

    def ended_answer(self, answer: str) -> tuple[int, ...]:
        """The answer's own tokens and its terminator; errors as `cue`."""
        return self.answer(answer) + self.tokenizer.encode(self.terminator)

    def _said(self, text: str, *, beyond: str = "") -> tuple[int, ...]:
        """Tokens of a text, of which more than `beyond` must be left."""
        tokens = self.tokenizer.encode(text)
        if not tokens or (beyond and tokens == self.tokenizer.encode(beyond)):
            raise RecordError(
                "the tokenizer encodes a piece of text as nothing",
                got=repr(text[:80]),
                expected="at least one token",
                hint="Remove it from the data, use another model, or --on-error skip.",
            )
        return tokens

    def num_tokenization_mismatches(self, *texts: Sequence[str]) -> int:
        """At how many joins the tokenizer would cut the joined text differently from the pieces.

        Args:
            texts: sequences of pieces that follow each other in a prompt; a join that is in several
                counts once.
        """
        encode = self.tokenizer.encode
        joins = {join for pieces in texts for join in pairwise(pieces)}
        return sum(encode(left + right) != encode(left) + encode(right) for left, right in joins)


def prefix_free(sequences: Sequence[tuple[int, ...]]) -> bool:
    """Whether no sequence of tokens begins with another one, nor equals it."""
    in_order = sorted(sequences)
    return all(after[: len(before)] != before for before, after in pairwise(in_order))


def _request(instruction: str, question: str) -> str:
    return f"{instruction}\n\nProblem: {question.strip()}\n"


def step_text(step: str) -> str:
    """A step as it is in a prompt."""
    return step.strip() + "\n"
