"""Let a model solve problems: the flow that turns a problem into chains of thought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cpmi.answers import (
    Decimal,
    Equivalence,
    Grading,
    against_golds,
    answer_in,
    extract_answer,
    tagged_answer,
    tagged_text,
    texts_wanted,
)
from cpmi.answers.choices import letter_or_text
from cpmi.answers.decimal_comma import DECIMAL, with_answers_written
from cpmi.answers.extract import BY_PLACE
from cpmi.errors import ContextTooLongError, RecordError
from cpmi.flows import Flow, draw_seed, sample
from cpmi.prompts import Prompter
from cpmi.requests import SampleRequest
from cpmi.steps import StepRule, parts, split_text
from cpmi.types import CUT_OFF, FINISH, Chain, Problem, Relation, Verdict

# What `meta` of a sampled chain says, and under which names.
GENERATOR = "generator"
FINAL_ANSWER, FINAL_ANSWER_REASON = "final_answer", "final_answer_reason"

NO_ANSWER_STATED = "the chain states no answer"
NO_ANSWER_YET = "cut off before an answer was stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """Draws chains for problems.

    Attributes:
        prompter: says the problem to the model, in its first wording.
        equivalence: compares the chains' final answers with the gold.
        generator: the model's name, kept in every chain.
        num_samples: chains a problem.
        max_tokens: tokens a chain; what is longer is cut off, kept and marked.
        temperature: 0 takes the most probable token.
        top_p: nucleus mass.
        split_steps: where one step ends and the next begins.
        decimal: what the numbers of problems and chains are written with.
        seed: of the draws; they also depend on the problem's id, and on nothing else.
    """

    prompter: Prompter
    equivalence: Equivalence
    generator: str
    num_samples: int = 1
    max_tokens: int = 512
    temperature: float = 0.8
    top_p: float = 1.0
    split_steps: StepRule | str = StepRule.AUTO
    decimal: Decimal = "point"
    seed: int = 0

    def sample(self, problem: Problem) -> Flow[tuple[Chain | RecordError, ...]]:
        """A flow that returns one chain a sample, or the error that the completion has no step.

        A chain's `meta` holds the generator, how it finished ("stop" or "length") and, where the problem has
        a gold answer, the verdict on the final answer ("same", "different", "undecided") and its reason.

        Raises:
            ContextTooLongError: prompt and `max_tokens` exceed the model's context.
        """
        problem = with_answers_written(problem, self.decimal)
        try:
            (reply,) = yield from sample([self._request(problem)])
        except ContextTooLongError as error:
            raise ContextTooLongError(
                "the problem and its solution do not fit into the model's context",
                got=error.got,
                expected=error.expected,
                hint="Lower --max-tokens, use a model with a longer context, or --on-error skip.",
            ) from error
        answers = [
            _final_answer(text, finish, problem, self.equivalence.grading, self.decimal)
            for text, finish in zip(reply.texts, reply.finish, strict=True)
        ]
        verdicts = self._verdicts(problem, answers, reply.finish)
        return tuple(
            self._chain(problem, index, text, finish, answer, verdict)
            for index, (text, finish, answer, verdict) in enumerate(
                zip(reply.texts, reply.finish, answers, verdicts, strict=True)
            )
        )

    def _request(self, problem: Problem) -> SampleRequest:
        return SampleRequest(
            prompt=self.prompter.unsolved(self.prompter.templates[0], problem.question),
            num_samples=self.num_samples,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            stop=self.prompter.stop,
            seed=draw_seed(self.seed, problem.id),
        )

    def _verdicts(
        self, problem: Problem, answers: Sequence[str | None], finish: Sequence[str]
    ) -> list[Verdict | None]:
        """One verdict a chain; None where there is no gold answer to compare with."""
        if problem.gold is None:
            return [None] * len(answers)
        given = [answer for answer in answers if answer is not None]
        stated = iter(against_golds(problem, given, self.equivalence, self.decimal))
        return [
            _no_answer(end) if answer is None else next(stated)
            for answer, end in zip(answers, finish, strict=True)
        ]

    def _chain(
        self,
        problem: Problem,
        index: int,
        text: str,
        finish: str,
        answer: str | None,
        verdict: Verdict | None,
    ) -> Chain | RecordError:
        meta = {GENERATOR: self.generator, FINISH: finish}
        if self.decimal == "comma":
            meta[DECIMAL] = self.decimal
        if verdict is not None:
            meta[FINAL_ANSWER] = verdict.relation.value
            if verdict.reason:
                meta[FINAL_ANSWER_REASON] = verdict.reason
        try:
            return Chain(
                id=f"{problem.id}/{index}",
                question=problem.question,
                steps=split_text(text, self.split_steps).steps,
                gold=problem.gold,
                answer=answer,
                meta=meta,
                source=problem.source,
                options=problem.options,
                other_golds=problem.other_golds,
                distractors=problem.distractors,
            )
        except RecordError as error:  # a completion without a step; the other chains are fine
            return error


def _final_answer(text: str, finish: str, problem: Problem, grading: Grading, decimal: Decimal) -> str | None:
    """The answer that a completion states; none of what may be half a number or on the way to the answer."""
    inside, wanted = parts(text).answer, texts_wanted(problem, grading)
    if inside is not None and wanted is not None:
        return tagged_text(inside, wanted, decimal)
    if (tagged := tagged_answer(inside, decimal)) is not None:
        return letter_or_text(tagged, problem.options)
    found = extract_answer(text, decimal)
    # What stands last in a chain that was cut off is a result on the way.
    if finish == CUT_OFF and (found is None or found.rule in BY_PLACE or found.at_end):
        return None
    return answer_in(text, problem.options, decimal, wanted)


def _no_answer(finish: str) -> Verdict:
    reason = NO_ANSWER_YET if finish == CUT_OFF else NO_ANSWER_STATED
    return Verdict(relation=Relation.UNDECIDED, reason=reason)
