"""Monte-Carlo labels (arXiv 2312.08935): how often a chain that goes on from here ends at the right answer.

N rollouts from the question and the first i steps, for every step i. The soft label is the share of them
that end at the gold answer, the hard one whether any does. Either says what the prefix is worth to the model
that completes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from cpmi.answers import Equivalence, extract_answer
from cpmi.errors import ContextTooLongError
from cpmi.flows import Flow, draw_seed, sample
from cpmi.labelers.common import marks
from cpmi.prompts import Prompter, step_text
from cpmi.requests import SampleRequest, Samples
from cpmi.types import Candidate, Origin, Relation, StepLabels, Trajectory

CUT_OFF = "no rollout came to an end within its tokens"
UNDECIDED = "no rollout's answer could be decided against the gold"
NEITHER = "every rollout was cut off or could not be decided against the gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """What became of the N rollouts of one prefix: right ones, wrong ones, and two kinds that say nothing."""

    right: int = 0
    wrong: int = 0
    undecided: int = 0
    cut_off: int = 0

    @property
    def num_rollouts(self) -> int:
        return self.right + self.wrong + self.undecided + self.cut_off

    @property
    def num_decided(self) -> int:
        return self.right + self.wrong

    @property
    def reason(self) -> str:
        """Why there is no label, or empty."""
        if self.num_decided:
            return ""
        if not self.undecided:
            return CUT_OFF
        return NEITHER if self.cut_off else UNDECIDED


class MonteCarlo:
    """Success rate of rollouts from every prefix 1..S; a probability.

    A rollout that its length cut off is not a wrong one, nor is one whose answer is UNDECIDED against the
    gold: both are counted apart and leave the denominator. A rollout that ends and states no answer is wrong.
    What is read is the prefix and the rollout together, so a chain that has stated its answer may stop at
    once. A rollout ends at the model's end token or where it begins a new problem (`Prompter.stop`).

    Parts of a label, all [S]: `successes`, `rollouts` (N), `undecided`, `cut_off`. The soft label is
    successes / (rollouts − undecided − cut_off).

    Args:
        num_rollouts, temperature, top_p: as published with arXiv 2604.10660.
        max_tokens: of one rollout; published are 2,048.
        seed: of the draws, which also depend on the chain's id and the prefix, and on nothing else.
    """

    name = "monte_carlo"
    part_names = ("successes", "rollouts", "undecided", "cut_off")

    def __init__(
        self,
        prompter: Prompter,
        equivalence: Equivalence,
        *,
        label: Literal["soft", "hard"] = "soft",
        num_rollouts: int = 8,
        temperature: float = 0.6,
        top_p: float = 0.95,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> None:
        self._prompter = prompter
        self._equivalence = equivalence
        self._label = label
        self._num_rollouts = num_rollouts
        self._temperature = temperature
        self._top_p = top_p
        self._max_tokens = max_tokens
        self._seed = seed

    def label(self, trajectory: Trajectory) -> Flow[StepLabels]:
        """All prefixes are asked for at once, so that the engine computes what they share once.

        Raises:
            ContextTooLongError: the chain and `max_tokens` exceed the model's context.
            ValueError: the trajectory has no gold.
        """
        if trajectory.gold is None:
            raise ValueError(f"{trajectory.id}: rollouts are judged by a gold answer")
        try:
            replies = yield from sample(self.requests(trajectory))
        except ContextTooLongError as error:
            raise ContextTooLongError(
                "the chain and a rollout do not fit into the model's context",
                got=error.got,
                expected=error.expected,
                hint="Lower --max-tokens, use a model with a longer context, or --on-error skip.",
            ) from error
        return self.read(trajectory, trajectory.gold, replies)

    def requests(self, trajectory: Trajectory) -> list[SampleRequest]:
        """One a step: the rollouts that go on after it."""
        question = self._prompter.question(self._prompter.templates[0], trajectory.question)
        prompts = list(accumulate(map(self._prompter.step, trajectory.steps), initial=question))
        return [
            SampleRequest(
                prompt=prompt,
                num_samples=self._num_rollouts,
                max_tokens=self._max_tokens,
                temperature=self._temperature,
                top_p=self._top_p,
                stop=self._prompter.stop,
                seed=draw_seed(self._seed, f"{trajectory.id}/{prefix}"),
            )
            for prefix, prompt in enumerate(prompts)
            if prefix
        ]

    def read(self, trajectory: Trajectory, gold: str, replies: Sequence[Samples]) -> StepLabels:
        """Labels from the replies to `requests`."""
        prefixes = accumulate(map(step_text, trajectory.steps))
        counts = [self._count(prefix, gold, reply) for prefix, reply in zip(prefixes, replies, strict=True)]
        candidates = (Candidate(text=gold, origin=Origin.GOLD),)
        question = self._prompter.question_text(self._prompter.templates[0], trajectory.question)
        return StepLabels(
            trajectory_id=trajectory.id,
            labeler=self.name,
            values=tuple(None if count.reason else self._value(count) for count in counts),
            unit="probability",
            candidates=candidates,
            parts={
                "successes": tuple(float(count.right) for count in counts),
                "rollouts": tuple(float(count.num_rollouts) for count in counts),
                "undecided": tuple(float(count.undecided) for count in counts),
                "cut_off": tuple(float(count.cut_off) for count in counts),
            },
            marks=marks(trajectory, candidates),
            num_joint_differences=self._prompter.num_joint_differences(
                (question, *map(step_text, trajectory.steps))
            ),
            abstained={step: count.reason for step, count in enumerate(counts) if count.reason},
        )

    def _value(self, count: _Count) -> float:
        return float(count.right > 0) if self._label == "hard" else count.right / count.num_decided

    def _count(self, prefix: str, gold: str, reply: Samples) -> _Count:
        ended = [text for text, end in zip(reply.texts, reply.finish, strict=True) if end == "stop"]
        # Rollouts often agree to the letter: a text is read once.
        stated = {text: extract_answer(prefix + text) for text in dict.fromkeys(ended)}
        answers = list({found.text for found in stated.values() if found is not None})
        verdicts = self._equivalence.compare_many((gold, answer) for answer in answers)
        relation_of = dict(zip(answers, (verdict.relation for verdict in verdicts), strict=True))
        relations = [
            Relation.DIFFERENT if (found := stated[text]) is None else relation_of[found.text]
            for text in ended
        ]
        return _Count(
            right=relations.count(Relation.SAME),
            wrong=relations.count(Relation.DIFFERENT),
            undecided=relations.count(Relation.UNDECIDED),
            cut_off=len(reply.texts) - len(ended),
        )
