"""Candidate answers of one chain: the gold, other equivalent gold forms of it, and hard negatives.

Negatives come in this order: the chain's own wrong answer, wrong answers that come with the problem, answers
sampled from the model, results inside the chain, near misses made by rule, gold answers of other problems; of
a multiple choice the own answer, sampled ones, and the other options. The first M that are distinct and of
the gold's type stand. A negative is kept only where the verdict against the gold is DIFFERENT, or the input
says that it is wrong; the others are counted by reason. If none is left there is no contrast, and the label
abstains: the gold-only form that would remain is known to mislead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from cpmi.answers import (
    Decimal,
    Equivalence,
    OtherGolds,
    decimal_of,
    equivalent_forms,
    extract_answer,
    find_near_misses,
    in_style_of,
    like,
    parse_answer,
    plain,
    results_of,
    stated_answer,
)
from cpmi.answers.choices import letter_of
from cpmi.flows import Flow, draw_seed, sample
from cpmi.golds import LETTERS
from cpmi.prompts import Prompter
from cpmi.requests import SampleRequest
from cpmi.types import Candidate, Chain, Origin, Relation

# How the published procedure samples wrong answers.
TEMPERATURE, TOP_P, MAX_TOKENS = 1.05, 0.9, 24
MAX_ANSWER_CHARACTERS = 40
_TRIED = 4  # answers of other problems that are tried for every negative


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSet:
    """The A candidates, gold forms first, gold at 0; `reason` says why there is no contrast, else empty."""

    candidates: tuple[Candidate, ...]
    rejected: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""

    def because(self, reason: str) -> CandidateSet:
        """The same candidates, with the reason why nothing can be told from them."""
        return replace(self, reason=reason)

    def written(self, gold: str, decimal: Decimal) -> CandidateSet:
        """The same answers with the gold as it is given, and the others in its digits and decimal mark."""
        first, *others = self.candidates
        kept = [replace(other, text=like(other.text, gold, decimal)) for other in others]
        return replace(self, candidates=(replace(first, text=gold), *kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Negatives:
    """Proposes the candidate answers of a chain.

    Attributes:
        equivalence: decides whether two answers are the same.
        num_negatives: M, how many negatives at most.
        num_gold_forms: how many forms of the gold at most, the gold itself included.
        num_sampled: how many answers are sampled from the model; 0 generates no token.
        num_intermediate: how many results inside the chain may serve as negatives.
        use_own: whether the chain's own wrong final answer is the first negative.
        other_golds: of other problems, the last resort; None for no such answer.
        seed: of the sampling; draws also depend on the chain's id, and on nothing else.
    """

    equivalence: Equivalence
    num_negatives: int = 4
    num_gold_forms: int = 1
    num_sampled: int = 0
    num_intermediate: int = 0
    use_own: bool = False
    other_golds: OtherGolds | None = None
    seed: int = 0

    def propose(self, chain: Chain, prompter: Prompter) -> Flow[CandidateSet]:
        """A flow that returns the CandidateSet of a chain.

        Raises:
            ValueError: the chain has no gold.
        """
        if chain.gold is None:
            raise ValueError(f"{chain.id}: candidates need a gold answer")
        decimal = decimal_of(chain)
        sampled: list[str] = []
        if self.num_sampled:
            (reply,) = yield from sample([self._request(chain, prompter)])
            drawn = zip(reply.texts, reply.finish, strict=True)
            sampled = [_short_answer(plain(text, decimal), finish) for text, finish in drawn]
        if chain.options:
            return self._of_options(chain, chain.gold, sampled)
        gold = plain(chain.gold, decimal)
        others = [plain(other, decimal) for other in chain.other_golds]
        found = self.select(gold, self._proposals(chain, gold, sampled), other_golds=others)
        return found.written(chain.gold, decimal)

    def select(
        self, gold: str, proposals: Iterable[tuple[str, Origin]], *, other_golds: Sequence[str] = ()
    ) -> CandidateSet:
        """The first M proposals that are of the gold's type, DIFFERENT from all golds and from each other."""
        kept: list[Candidate] = []
        rejected: Counter[str] = Counter()
        for proposed, origin in proposals:
            if len(kept) == self.num_negatives:
                break
            is_given = origin is Origin.GIVEN
            text = proposed if is_given or not proposed else _of_golds_type(proposed, gold)
            if not text:
                reason = "not of the gold's type" if proposed else "no answer in the sample"
            else:
                reason = self._why_rejected(text, (gold, *other_golds), kept, is_given=is_given)
            if text and not reason:
                kept.append(Candidate(text=text, origin=origin))
            else:
                rejected[f"{origin}: {reason}"] += 1
        right = [Candidate(text=gold, origin=Origin.GOLD)]
        forms = [*other_golds, *self._gold_forms(gold)][: self.num_gold_forms - 1]
        right += [Candidate(text=form, origin=Origin.EQUIVALENT) for form in forms]
        return CandidateSet(
            candidates=(*right, *kept),
            rejected=dict(sorted(rejected.items())),
            reason="" if kept else f"no negative for a gold answer of type {parse_answer(gold).kind}",
        )

    def _of_options(self, chain: Chain, gold: str, sampled: Iterable[str]) -> CandidateSet:
        """Letters of options that are wrong: the own answer, sampled ones, then the others as drawn."""
        letters = LETTERS[: len(chain.options)]
        right = [letter for letter in (gold, *chain.other_golds) if letter in letters]
        named: list[tuple[str | None, Origin]] = []
        if self.use_own:
            named.append((stated_answer(chain), Origin.OWN))
        named += [(letter_of(text, chain.options), Origin.SAMPLED) for text in sampled]
        wrong: dict[str, Origin] = {}
        rejected: Counter[str] = Counter()
        for letter, origin in named:
            if letter in right:
                rejected[f"{origin}: equals the gold"] += 1
            elif letter is None or letter not in letters:
                rejected[f"{origin}: none of the options"] += 1
            else:
                wrong.setdefault(letter, origin)
        for letter in sorted(letters, key=lambda letter: draw_seed(self.seed, f"{chain.question}\0{letter}")):
            if letter not in right:
                wrong.setdefault(letter, Origin.OPTION)
        kept = islice(wrong.items(), self.num_negatives)
        forms = [Candidate(text=text, origin=Origin.EQUIVALENT) for text in right[1 : self.num_gold_forms]]
        return CandidateSet(
            candidates=(
                Candidate(text=gold, origin=Origin.GOLD),
                *forms,
                *(Candidate(text=letter, origin=origin) for letter, origin in kept),
            ),
            rejected=dict(sorted(rejected.items())),
            reason="" if wrong else "every option is right",
        )

    def _why_rejected(
        self, text: str, golds: Sequence[str], kept: Sequence[Candidate], *, is_given: bool
    ) -> str:
        """Why an answer is no negative, else ""; one that the input gives as wrong needs no verdict."""
        for gold in golds:
            verdict = self.equivalence.compare(gold, text)
            if verdict.relation is Relation.SAME:
                return "equals the gold"
            if verdict.relation is Relation.UNDECIDED and not is_given:
                return f"undecided against the gold ({verdict.reason})"
        for candidate in kept:
            relation = self.equivalence.compare(candidate.text, text).relation
            doubtful = relation is Relation.UNDECIDED and not is_given
            if candidate.text == text or relation is Relation.SAME or doubtful:
                return "not distinct from another negative"
        return ""

    def _gold_forms(self, gold: str) -> list[str]:
        """Other written forms of the gold that are SAME beyond doubt."""
        if self.num_gold_forms == 1:
            return []
        forms = equivalent_forms(gold)
        same = [form for form in forms if self.equivalence.compare(gold, form).relation is Relation.SAME]
        return same[: self.num_gold_forms - 1]

    def _proposals(self, chain: Chain, gold: str, sampled: Iterable[str]) -> Iterator[tuple[str, Origin]]:
        decimal = decimal_of(chain)
        if self.use_own and (own := stated_answer(chain, self.equivalence.grading)) is not None:
            yield plain(own, decimal), Origin.OWN
        for text in chain.distractors:
            yield plain(text, decimal), Origin.GIVEN
        for text in sampled:
            yield text, Origin.SAMPLED
        inside = [result for step in chain.steps for result in results_of(plain(step, decimal))]
        # The last ones first: they stand nearest to the answer.
        for result in list(dict.fromkeys(reversed(inside)))[: self.num_intermediate]:
            yield result, Origin.INTERMEDIATE
        yield from near_miss_proposals(gold)
        if self.other_golds is not None:
            for text in self.other_golds.like(gold, key=chain.question, most=_TRIED * self.num_negatives):
                yield plain(text, decimal), Origin.OTHER

    def _request(self, chain: Chain, prompter: Prompter) -> SampleRequest:
        prompt = prompter.question(prompter.wrong_answer, chain.question)
        for step in chain.steps:
            prompt += prompter.step(step)
        return SampleRequest(
            prompt=prompt + prompter.cue(prompter.wrong_answer_cue),
            num_samples=self.num_sampled,
            max_tokens=MAX_TOKENS,
            temperature=TEMPERATURE,
            top_p=TOP_P,
            stop=("\n",),
            seed=draw_seed(self.seed, chain.id),
        )


def near_miss_proposals(gold: str) -> Iterator[tuple[str, Origin]]:
    """The near misses of a gold answer as proposals, most plausible first."""
    for text in find_near_misses(gold):
        yield text, Origin.RULE


def _of_golds_type(proposed: str, gold: str) -> str | None:
    """The proposal as the gold is written, or None if it is of another type.

    A negative of another type, or written in another style, would be told apart by its look alone.
    """
    read, right = parse_answer(proposed), parse_answer(gold)
    if right.quantity is None:
        return proposed if read.kind == right.kind else None
    # "36 apples" for a gold "18" is a wrong 36: only the gold's own units are kept.
    for text in (proposed, read.core):
        if (restyled := in_style_of(text, gold)) is not None:
            return restyled
    return None


def _short_answer(text: str, finish: str) -> str:
    """The answer in a sampled line: what extraction finds, or a short line itself; empty if there is none."""
    line = text.strip().split("\n", 1)[0].strip().rstrip(".")
    found = extract_answer(line)
    answer = found.text if found is not None else line
    # A number at which the sample was cut off may be half a number.
    cut_off = finish == "length" and (found is None or found.at_end)
    return "" if cut_off or len(answer) > MAX_ANSWER_CHARACTERS else answer
