"""Render a model's chat template in a process that is ended when it takes too long.

A template comes with the model, as its code would: it may loop, grow a text without end, or call what is not
there. So a small program (`chat_template_worker.py`) renders it by the code of transformers. Guaranteed is:
no conversation takes more than `LIMIT_S` seconds of processor time, `MEMORY_BYTES` of memory and
`MAX_CHARACTERS` beyond what is said in it, and what is rendered depends neither on the day nor on chance.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cpmi.bounded import BoundedProgram, ProgramEndedError

LIMIT_S = 2.0
"""Seconds of processor time per conversation."""
MEMORY_BYTES = 2 * 1024**3
"""Memory of the process that renders."""
MAX_CHARACTERS = 200_000
"""Characters of a text beyond twice those of the turns."""

Turns = Sequence[Mapping[str, str]]

_WORKER = Path(__file__).with_name("chat_template_worker.py")
# Some chat templates print today's date: a run resumed tomorrow would then ask other questions. What is not
# among these directives is an error, not text.
_NEW_YEAR = {
    "%-d": "1", "%-m": "1", "%-H": "0", "%-M": "0", "%-I": "12", "%-j": "1", "%Y": "2026", "%y": "26",
    "%m": "01", "%d": "01", "%e": " 1", "%j": "001", "%B": "January", "%b": "Jan", "%h": "Jan",
    "%A": "Thursday", "%a": "Thu", "%u": "4", "%w": "4", "%H": "00", "%I": "12", "%p": "AM", "%M": "00",
    "%S": "00", "%f": "000000", "%Z": "", "%z": "", "%F": "2026-01-01", "%D": "01/01/26", "%T": "00:00:00",
    "%R": "00:00",
}  # fmt: skip
_NO_CLOCK = (
    "{%- macro strftime_now(format) -%}{%- set said = format"
    + "".join(f"|replace('{directive}', '{said}')" for directive, said in _NEW_YEAR.items())
    + " -%}{%- if '%' in said -%}{{ raise_exception('a form of date that is not known: ' ~ format) }}"
    "{%- endif -%}{{ said }}{%- endmacro -%}"
)


class TemplateFailedError(Exception):
    """A template that gives no text, with the reason as its message."""


def render(template: str, variables: Mapping[str, object], turns: Turns, *, generation: bool = False) -> str:
    """The text of a conversation.

    Args:
        template: in Jinja.
        variables: that it may name beside the turns, such as special tokens.
        turns: role and content of each.
        generation: end with what opens a new turn of the assistant.

    Raises:
        TemplateFailedError: the template raises, exceeds a limit, or gives too long a text.
        WorkerError: the process cannot be started.
    """
    program = _program(template, tuple((name, str(value)) for name, value in sorted(variables.items())))
    try:
        reply = program.ask([list(map(dict, turns)), generation])
    except ProgramEndedError as ended:
        raise TemplateFailedError(
            ended.phrase("the template", limit_s=LIMIT_S, memory_bytes=MEMORY_BYTES)
        ) from ended
    if "error" in reply:
        raise TemplateFailedError(reply["error"])
    return str(reply["text"])


@lru_cache(maxsize=8)
def _program(template: str, variables: tuple[tuple[str, str], ...]) -> BoundedProgram:
    limits = map(str, (LIMIT_S, MEMORY_BYTES, MAX_CHARACTERS))
    return BoundedProgram(
        [sys.executable, "-P", str(_WORKER), *limits],
        [_NO_CLOCK + template, dict(variables)],
        name="the chat template",
        environment=_environment(),
    )


def _environment() -> dict[str, str]:
    """The caller's, with the places from which it imports; equal hashes make equal orders."""
    path = dict.fromkeys(os.path.abspath(place) for place in sys.path)
    own = {"PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": "0"}
    # Every thread of a library of linear algebra takes address space, and none of them is used.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**{n: v for n, v in os.environ.items() if n != "PYTHONINSPECT"}, **own, **threads}
