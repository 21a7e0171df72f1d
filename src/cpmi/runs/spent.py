"""What a finished run cost, as its `usage.json` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cpmi.digests import expect_intact
from cpmi.errors import RunError
from cpmi.json_files import parse_json
from cpmi.places import unreadable
from cpmi.runs.format_0 import upgraded
from cpmi.runs.lost_usage import tell_if_lost
from cpmi.runs.results import USAGE_NAME
from cpmi.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The cost of labels, or of targets made from them.

    Attributes:
        num_steps: steps that it was paid for.
        wall_s: seconds of labeling, without loading the model.
        usage: what all requests cost.
    """

    num_steps: int
    wall_s: float
    usage: Usage

    def to_json(self) -> dict[str, Any]:
        """As `totals` in `usage.json`."""
        return asdict(self)


def read_spent(folder: Path, *, notice: bool = True) -> Spent | None:
    """What is in the folder's `usage.json`; None if there is none.

    Args:
        folder: of the run.
        notice: warn of one that the run wrote and that is missing.

    Raises:
        RunError: it is damaged.
    """
    if notice:
        tell_if_lost(folder)
    path = folder / USAGE_NAME
    try:
        expect_intact(path)
        totals = parse_json(path.read_bytes())["totals"]
        return Spent(
            num_steps=int(totals["num_steps"]),
            wall_s=float(totals["wall_s"]),
            usage=Usage(**upgraded(totals["usage"])),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise RunError("not the usage of a cpmi run", where=str(path), got=repr(error)) from error


def spent_together(runs: Sequence[Spent | None], num_steps: int) -> Spent | None:
    """What several runs cost that label the same steps; None if it is not known of one of them.

    Args:
        runs: what each cost, with all its chains.
        num_steps: of the chains that all of them have: a step that two runs label is one step.
    """
    known = [run for run in runs if run is not None]
    if len(known) < len(runs):
        return None
    return Spent(
        num_steps=num_steps,
        wall_s=sum(run.wall_s for run in known),
        usage=sum((run.usage for run in known), Usage()),
    )
