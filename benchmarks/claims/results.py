"""The committed results that the page is made from, and what is read off them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.claims.run import KEPT

RIVAL = "monte_carlo"
FILES = ("test", "all", "paired", "consensus", "costs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One JSON file each, by `benchmarks.claims.measure`; and the manifests of the kept runs.

    Attributes:
        test, all: evaluations of the test half and of all chains.
        paired: comparisons with Monte Carlo.
        consensus: what two label sets agree on.
        costs: of every method.
        manifests: of the kept runs, by name.
    """

    test: Mapping[str, Any]
    all: Mapping[str, Any]
    paired: Mapping[str, Any]
    consensus: Mapping[str, Any]
    costs: Mapping[str, Any]
    manifests: Mapping[str, Any]

    @classmethod
    def read(cls, kept: Path = KEPT) -> Results:
        """From the folder of the kept runs."""
        found = {name: json.loads((kept / f"{name}.json").read_text("utf-8")) for name in FILES}
        runs = {
            path.stem: path for path in sorted(kept.glob("*.json")) if path.with_suffix(".parquet").exists()
        }
        manifests = {name: json.loads(path.read_text("utf-8")) for name, path in runs.items()}
        return cls(**found, manifests=manifests)

    def row(self, name: str) -> Mapping[str, Any]:
        """A row of the test half."""
        return next(row for row in self.test["rows"] if row["name"] == name)

    def difference(self, first: str, second: str, *, on: str = "test") -> dict[str, Any]:
        """First minus second, whichever way it is stored."""
        for item in getattr(self, on)["differences"]:
            if (item["first"], item["second"]) == (first, second):
                return dict(item)
            if (item["first"], item["second"]) == (second, first):
                return {name: turned(value) for name, value in item.items()}
        raise KeyError(f"{first} − {second}")

    def share(self, name: str, what: str) -> float:
        """Cost per step on the timed chains, as a share of Monte Carlo's."""
        return self.per_step(name, what) / self.per_step(RIVAL, what)

    def per_step(self, name: str, what: str) -> float:
        """Cost per step on the timed chains."""
        spent = self.timed(name)
        return float(spent[what]) / float(spent["num_steps"])

    def timed(self, name: str) -> Mapping[str, Any]:
        """What a method cost on the timed chains; of two methods put together, the sum of both."""
        timed = self.costs["timed"]
        if name not in PUT_TOGETHER:
            return dict(timed[name])
        parts = [timed[part] for part in PUT_TOGETHER[name]]
        whole = {what: sum(part[what] for part in parts) for what in parts[0]}
        return {**whole, "num_steps": parts[0]["num_steps"], "num_chains": parts[0]["num_chains"]}


PUT_TOGETHER = {
    "hybrid": ("monte_carlo_first", "cpmi"),
    "consensus": ("evidence", "monte_carlo"),
    "pav": ("monte_carlo", "from_question"),
}


def turned(value: Any) -> Any:
    """A paired difference the other way round."""
    if not isinstance(value, Mapping) or value["value"] is None:
        return value
    low, high = value["low"], value["high"]
    return {
        **value,
        "value": -value["value"],
        "low": None if high is None else -high,
        "high": None if low is None else -low,
    }
