"""Lines of JSON that end with a digest of themselves: a torn or changed line is told from a whole one.

    {"chunk": 7, "num_bytes": 812, "sha256": "9f86d0…"}

The digest is that of the line's bytes before `, "sha256"`. Lines are ASCII: a text of any kind is one line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cpmi.digests import OWN, digest_of_bytes

_END = f', "{OWN}": "'.encode()
_TAIL = len(_END) + 64 + len(b'"}\n')


def sealed_line(facts: Mapping[str, Any]) -> bytes:
    """The line of a mapping that is not empty; it ends with a line break."""
    body = json.dumps(facts, allow_nan=False).encode()[:-1]
    return body + _END + digest_of_bytes(body).encode() + b'"}\n'


def unsealed_line(line: bytes) -> dict[str, Any] | None:
    """What `sealed_line` was given; None if the line is not whole."""
    body, tail = line[:-_TAIL], line[-_TAIL:]
    if tail != _END + digest_of_bytes(body).encode() + b'"}\n':
        return None
    facts: dict[str, Any] = json.loads(body + b"}")
    return facts
