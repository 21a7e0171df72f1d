"""The data sets and models behind a run, for its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cpmi.config import RunConfig
from cpmi.facts import Ancestor
from cpmi.runs.ancestors import ancestor_of_model, ancestors_of_input


def ancestors_of(config: RunConfig, second: Mapping[str, str] | None = None) -> tuple[Ancestor, ...]:
    """Of a run of `label` or `sample`: of its input, of a gold file, of its models.

    Args:
        config: of the run.
        second: further models by role.

    Raises:
        ConfigError: the option `license` is none.
    """
    gold = getattr(config, "gold", None)
    kind = "labeling model" if hasattr(config, "method") else "sampling model"
    found: Iterable[Ancestor] = (
        *ancestors_of_input(config.input, config.license),
        *(() if gold is None else ancestors_of_input(gold)),
        ancestor_of_model(config.model, kind),
        *(ancestor_of_model(model, role.replace("_", " ")) for role, model in (second or {}).items()),
    )
    return tuple(dict.fromkeys(found))
