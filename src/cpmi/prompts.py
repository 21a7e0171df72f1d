"""Prompts: how the words of a language, questions, steps and answers become tokens.

Pieces are tokenized apart and joined as tokens, so that a context and its continuation are the same tokens
in every branch and on every engine. Where the model's tokenizer would cut the joined text differently, that
is counted and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

from cpmi.errors import ConfigError, RecordError, UnsupportedModelError
from cpmi.languages import ENGLISH, Language
from cpmi.requests import Tokenizer

Style = Literal["raw", "chat", "short"]

# The "short" style says one word before the problem: for small models that were trained on just this layout.
SHORT_TEMPLATES = ("Problem:", "Question:", "Task:", "Exercise:")

SHORT_RUN_ON = tuple(f"\n{template}" for template in SHORT_TEMPLATES)


def wording(language: Language) -> dict[str, object]:
    """Every word said to a model, for the manifest: another wording gives other labels."""
    said: dict[str, object] = {
        "templates": list(language.templates),
        "short_templates": list(SHORT_TEMPLATES),
        "cues": list(language.cues),
        "run_on": list(language.run_on),
        "short_run_on": list(SHORT_RUN_ON),
        "wrong_answer": language.wrong_answer,
        "wrong_answer_cue": language.wrong_answer_cue,
        "judge": language.judge,
        "judgments": [list(judgment) for judgment in language.judgments],
    }
    if language is not ENGLISH:  # English runs have the fingerprints they had before there were others
        said["labels"] = [language.problem, language.solution, language.gap]
    return said


class Prompter:
    """Turns questions, steps and answers into tokens for one tokenizer.

    Args:
        tokenizer: of the labeling model.
        style: "raw" text; "chat": the question in a user turn, steps and answer in the assistant's, as in a
            finished conversation; "short": raw text with one word of instruction, in English only.
        language: what is said, but for "short".

    Attributes:
        templates: the K wordings of the request, given to `question` as its instruction.
        wrong_answer: the request for a wrong answer, likewise.
        judge: the request for a judgment of every step, likewise.
        cues: what announces an answer.
        wrong_answer_cue: what announces a wrong answer.
        judgments: what follows a step that is judged.
        terminator: what ends an answer: a line break, or the end of the assistant's turn.
        stop: strings that end a sampled solution, beside the model's own end token.

    Raises:
        ConfigError: "short" with another language than English.
        UnsupportedModelError: "chat" with a model that has no chat template, or one that changes what is
            said; a tokenizer that encodes a line break or the terminator as nothing.
    """

    def __init__(self, tokenizer: Tokenizer, style: Style = "raw", language: Language = ENGLISH) -> None:
        expect_known_words(style, language)
        self.tokenizer = tokenizer
        self.style = style
        self.language = language
        self.templates = SHORT_TEMPLATES if style == "short" else language.templates
        self.wrong_answer = SHORT_TEMPLATES[0] if style == "short" else language.wrong_answer
        self.judge = SHORT_TEMPLATES[0] if style == "short" else language.judge
        self.cues = language.cues
        self.wrong_answer_cue = language.wrong_answer_cue
        self.judgments = language.judgments
        before, after = tokenizer.chat_frame("?") if style == "chat" else ("", "")
        self._before = before
        self.terminator = after or "\n"
        # A chat's end token ends it, but where the template ends a turn in plain text.
        stop = {"raw": language.run_on, "short": SHORT_RUN_ON, "chat": (after,)}[style]
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
        return self._opening(self.tokenizer.generation_prompt(self._request(instruction, question)))

    def question_text(self, instruction: str, question: str) -> str:
        """The text of `question`."""
        if self.style == "short":
            return f"{instruction} {question.strip()}\nSolution:\n"
        text = self._request(instruction, question)
        raw = f"{text}\n{self.language.solution}\n"
        return raw if self.style == "raw" else self.tokenizer.chat_frame(text)[0]

    def _request(self, instruction: str, question: str) -> str:
        return f"{instruction}\n\n{self.language.problem}{question.strip()}\n"

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
        return self._said(self.answer_text(answer), beyond=self.language.gap)

    def answer_text(self, answer: str) -> str:
        """An answer as it follows a cue."""
        return f"{self.language.gap}{answer}"

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


def step_text(step: str) -> str:
    """A step as it is in a prompt."""
    return step.strip() + "\n"


def expect_known_words(style: Style, language: Language) -> None:
    """Nothing, or an error.

    Raises:
        ConfigError: the short style has no words in this language.
    """
    if style == "short" and language is not ENGLISH:
        raise ConfigError(
            "the short prompts are English",
            where="option language",
            got=repr(language.code),
            expected="'en' with --prompt short, the style of the embedded model",
            hint="Give --prompt raw or --prompt chat, and a model that knows the language.",
        )
