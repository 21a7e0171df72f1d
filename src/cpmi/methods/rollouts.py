"""Rollouts: solutions that a model goes on to write from a prefix of a chain, counted against the gold.

What `monte_carlo`, `binary_search` and `pav` have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from cpmi.answers import Equivalence, against_golds, answer_in, decimal_of, texts_wanted
from cpmi.errors import ContextTooLongError
from cpmi.flows import Flow, draw_seed, sample
from cpmi.methods.base import Setup
from cpmi.methods.options import RolloutOptions
from cpmi.prompts import Prompter, step_text
from cpmi.requests import Role, SampleRequest, Samples
from cpmi.types import ROLLOUT_PARTS, Candidate, Chain, Origin, Relation

CUT_OFF = "no rollout came to an end within its tokens"
UNDECIDED = "no rollout's answer could be decided against the gold"
NEITHER = "every rollout was cut off or could not be decided against the gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What became of the N rollouts of one prefix: right ones, wrong ones, and two kinds that say nothing."""

    right: int = 0
    wrong: int = 0
    undecided: int = 0
    cut_off: int = 0

    @property
    def num_rollouts(self) -> int:
        return self.right + self.wrong + self.undecided + self.cut_off

    @property
    def success(self) -> float:
        """Share of the decided rollouts that are right; of no use where there is a `reason`."""
        return self.right / (self.right + self.wrong)

    @property
    def reason(self) -> str:
        """Why no success rate can be told, or empty."""
        if self.right + self.wrong:
            return ""
        if not self.undecided:
            return CUT_OFF
        return NEITHER if self.cut_off else UNDECIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollouts:
    """How rollouts are drawn and read.

    A rollout that its length cut off is not a wrong one, nor is one whose answer is UNDECIDED against the
    gold: both are counted apart and leave the denominator. A rollout that ends and states no answer is wrong.
    What is read is the prefix and the rollout together, so a chain that has stated its answer may stop at
    once. A rollout ends at the model's end token or where it begins a new problem (`Prompter.stop`).

    Attributes:
        prompter: of the model that draws them.
        options: how many are drawn, and how.
        seed: of the draws, which also depend on the chain's id, the prefix and the role, and on nothing else.
        role: the model that draws them.
    """

    prompter: Prompter
    equivalence: Equivalence
    options: RolloutOptions
    seed: int = 0
    role: Role = "policy"

    @classmethod
    def of(cls, options: RolloutOptions, setup: Setup) -> Rollouts:
        """Rollouts by the labeling model."""
        return cls(prompter=setup.prompter(), equivalence=setup.equivalence, options=options, seed=setup.seed)

    def count(self, chain: Chain, prefixes: Sequence[int]) -> Flow[tuple[Count, ...]]:
        """What becomes of the rollouts after the first i steps, for every prefix i in 0..S; a flow.

        All prefixes are asked for at once, so that the engine computes what they share once.

        Raises:
            ContextTooLongError: the chain and `max_tokens` exceed the model's context.
            ValueError: the chain has no gold.
        """
        gold_of(chain)
        try:
            replies = yield from sample(self.requests(chain, prefixes))
        except ContextTooLongError as error:
            raise ContextTooLongError(
                "the chain and a rollout do not fit into the model's context",
                got=error.got,
                expected=error.expected,
                hint="Lower --max-tokens, use a model with a longer context, or --on-error skip.",
            ) from error
        shown = ["".join(map(step_text, chain.steps[:prefix])) for prefix in prefixes]
        return tuple(self.read(chain, text, reply) for text, reply in zip(shown, replies, strict=True))

    def requests(self, chain: Chain, prefixes: Sequence[int]) -> list[SampleRequest]:
        """One per prefix: the rollouts that go on after its steps."""
        pieces = [
            self.prompter.question(self.prompter.templates[0], chain.question),
            *map(self.prompter.step, chain.steps),
        ]
        whole = tuple(token for piece in pieces for token in piece)
        ends = list(accumulate(map(len, pieces)))
        record = chain.id if self.role == "policy" else f"{chain.id}/{self.role}"
        return [
            SampleRequest(
                prompt=whole[: ends[prefix]],
                num_samples=self.options.rollouts,
                max_tokens=self.options.max_tokens,
                temperature=self.options.temperature,
                top_p=self.options.top_p,
                stop=self.prompter.stop,
                seed=draw_seed(self.seed, f"{record}/{prefix}"),
                role=self.role,
            )
            for prefix in prefixes
        ]

    def read(self, chain: Chain, shown: str, reply: Samples) -> Count:
        """The count of one reply; `shown` is the text of the prefix's steps. Errors as `gold_of`."""
        decimal = decimal_of(chain)
        ended = [text for text, end in zip(reply.texts, reply.finish, strict=True) if end == "stop"]
        # Rollouts often agree to the letter: a text is read once.
        wanted = texts_wanted(chain, self.equivalence.grading)
        stated = {
            text: answer_in(shown + text, chain.options, decimal, wanted) for text in dict.fromkeys(ended)
        }
        # Of a text that announces none, `exact` leaves open which part is the answer.
        without = Relation.DIFFERENT if wanted is None else Relation.UNDECIDED
        answers = list({answer for answer in stated.values() if answer is not None})
        verdicts = against_golds(chain, answers, self.equivalence, decimal)
        relation_of = dict(zip(answers, (verdict.relation for verdict in verdicts), strict=True))
        relations = [without if (answer := stated[text]) is None else relation_of[answer] for text in ended]
        return Count(
            right=relations.count(Relation.SAME),
            wrong=relations.count(Relation.DIFFERENT),
            undecided=relations.count(Relation.UNDECIDED),
            cut_off=len(reply.texts) - len(ended),
        )

    def num_tokenization_mismatches(self, chain: Chain, num_steps: int | None = None) -> int:
        """Joins of a prompt at which the tokenizer would cut the joined text differently.

        Args:
            chain: the chain.
            num_steps: how many of its steps the longest prompt has; None for all.
        """
        question = self.prompter.question_text(self.prompter.templates[0], chain.question)
        steps = chain.steps[:num_steps]
        return self.prompter.num_tokenization_mismatches((question, *map(step_text, steps)))


def gold_of(chain: Chain) -> str:
    """The answer that rollouts are judged by.

    Raises:
        ValueError: there is none.
    """
    if chain.gold is None:
        raise ValueError(f"{chain.id}: rollouts are judged by a gold answer")
    return chain.gold


def gold_alone(chain: Chain) -> tuple[Candidate]:
    """The one candidate of a method that compares no answers; errors as `gold_of`."""
    return (Candidate(text=gold_of(chain), origin=Origin.GOLD),)


def count_columns(counts: Sequence[Count], *, prefix: str = "") -> dict[str, tuple[float, ...]]:
    """Counts as the columns `ROLLOUT_PARTS` of a label, each name with `prefix` before it."""
    numbers = ([c.right, c.num_rollouts, c.undecided, c.cut_off] for c in counts)
    table = list(zip(*numbers, strict=True)) or [()] * len(ROLLOUT_PARTS)
    return {f"{prefix}{name}": tuple(map(float, row)) for name, row in zip(ROLLOUT_PARTS, table, strict=True)}
