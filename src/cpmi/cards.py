"""What the cards of data sets and of models have in common: metadata as the Hub reads it, and licenses.

The metadata are written here and not by `huggingface_hub`, which a plain installation does not have; tests
hold them to be what its card classes write and read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from cpmi.facts import UNKNOWN_LICENSE, Ancestor

_SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"),
)  # fmt: skip
_LARGER = "100M<n<1B"


def front_matter(fields: Mapping[str, Any]) -> str:
    """The head of a README.md; fields that are None or empty are left out."""
    given = {name: value for name, value in fields.items() if value or value == 0}
    return f"---\n{yaml.safe_dump(given, sort_keys=False, allow_unicode=True).strip()}\n---"


def size_category(num_rows: int) -> str:
    """How the Hub names a number of rows."""
    return next((name for limit, name in _SIZES if num_rows < limit), _LARGER)


def licenses_of(ancestors: Sequence[Ancestor]) -> list[str]:
    """All licenses, each once, "unknown" among them where one is; ["unknown"] without ancestors."""
    named = [license for ancestor in ancestors for license in ancestor.license.split(", ")]
    return list(dict.fromkeys(named)) or [UNKNOWN_LICENSE]


def data_license(ancestors: Sequence[Ancestor]) -> str | list[str]:
    """For the card of a data set: one license, or the list of all."""
    found = licenses_of(ancestors)
    return found[0] if len(found) == 1 else found


def model_license(ancestors: Sequence[Ancestor]) -> dict[str, str]:
    """For the card of a model, which takes one license: "other" by name where there are several."""
    found = licenses_of(ancestors)
    if len(found) == 1:
        return {"license": found[0]}
    if UNKNOWN_LICENSE in found:
        return {"license": UNKNOWN_LICENSE}
    return {"license": "other", "license_name": "-and-".join(found), "license_link": "README.md"}


def hub_ids(ancestors: Sequence[Ancestor], kind: str) -> list[str]:
    """The hub ids among the ancestors of a kind."""
    return list(dict.fromkeys(one.name for one in ancestors if one.kind == kind and one.on_hub))


def license_section(ancestors: Sequence[Ancestor]) -> str:
    """What is inherited from whom; all that differ are listed, and one that is not known is called so."""
    if not ancestors:
        return "## Licenses\n\nUnknown: no record says what this was made from."
    lines = [
        f"| {one.kind} | {_cell(one.name) or 'not named'} | {_cell(one.license)} | {_cell(one.stated)} |"
        for one in ancestors
    ]
    text = "## Licenses\n\n| made from | | license | stated by |\n|---|---|---|---|\n" + "\n".join(lines)
    if UNKNOWN_LICENSE in licenses_of(ancestors):
        text += "\n\nAn unknown license is not a free one: ask where the material comes from."
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
