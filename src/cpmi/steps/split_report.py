"""Say how texts were cut: numbers of steps, lengths, what was not split and why, blocks kept whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from cpmi.steps.cutting import SplitText


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Five numbers of a sample of whole numbers; the quartiles are values of the sample (nearest rank)."""

    minimum: int
    lower_quartile: int
    median: int
    upper_quartile: int
    maximum: int

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> Distribution | None:
        """The distribution of values with their counts; None if there are none."""
        total = sum(counts.values())
        if not total:
            return None
        values = sorted(counts.items())

        def at(share: float) -> int:
            reached = 0
            for value, count in values:
                reached += count
                if reached >= share * total:
                    return value
            return values[-1][0]

        return cls(
            minimum=values[0][0],
            lower_quartile=at(0.25),
            median=at(0.5),
            upper_quartile=at(0.75),
            maximum=values[-1][0],
        )


@dataclass(slots=True)
class SplitReport:
    """What became of many texts. Memory does not grow with their number, but with that of different lengths.

    Attributes:
        num_texts: texts added.
        num_thinking: texts with a thinking part.
        num_cut_off: texts that end in a thinking part, without a final one.
        num_kept: blocks kept whole although the rule would have cut inside, by kind.
        num_unsplit: texts of fewer than two steps, by reason.
        num_between: visible characters that are in no step: tags, and what a regular expression matched.
    """

    num_texts: int = 0
    num_thinking: int = 0
    num_cut_off: int = 0
    num_kept: Counter[str] = field(default_factory=Counter)
    num_unsplit: Counter[str] = field(default_factory=Counter)
    num_between: int = 0
    _steps: Counter[int] = field(default_factory=Counter)
    _characters: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, splits: Iterable[SplitText]) -> SplitReport:
        """The report of `splits`."""
        report = cls()
        for split in splits:
            report.add(split)
        return report

    def add(self, split: SplitText) -> None:
        """Count one text."""
        self.num_texts += 1
        self.num_thinking += split.cut_off or bool(split.thinking)
        self.num_cut_off += split.cut_off
        self.num_kept.update(kind.value for kind in split.kept)
        if split.unsplit is not None:
            self.num_unsplit[split.unsplit.value] += 1
        self.num_between += sum(len(separator.strip()) for separator in split.separators)
        self._steps[len(split.steps)] += 1
        self._characters.update(map(len, split.steps))

    @property
    def steps(self) -> Distribution | None:
        """Steps per text; None without a text."""
        return Distribution.of(self._steps)

    @property
    def characters(self) -> Distribution | None:
        """Characters per step; None without a step."""
        return Distribution.of(self._characters)

    @property
    def num_steps(self) -> int:
        """Steps of all texts."""
        return sum(number * count for number, count in self._steps.items())

    def as_json(self) -> dict[str, object]:
        """All figures, for JSON."""
        steps, characters = self.steps, self.characters
        return {
            "texts": self.num_texts,
            "steps": self.num_steps,
            "steps_per_text": asdict(steps) if steps else None,
            "characters_per_step": asdict(characters) if characters else None,
            "characters_between": self.num_between,
            "unsplit": dict(sorted(self.num_unsplit.items())),
            "kept_whole": dict(sorted(self.num_kept.items())),
            "thinking": self.num_thinking,
            "cut_off": self.num_cut_off,
        }
