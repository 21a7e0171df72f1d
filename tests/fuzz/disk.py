"""Refuses single calls of the disk to every command that writes, and runs the command again.

    python -m tests.fuzz.disk --count 5000

The calls of an undisturbed run are counted first; then one of them fails (no space, an error of the device,
read-only, not permitted) in a run of its own. The command has to say so, with the name of a file and without
a traceback; or, where nothing depends on the call, to end well with all of its results. The same command has
to end well afterwards, with the same bytes (times excepted) and no file that an undisturbed run does not
leave. `--count` is spread over the commands; of one with fewer calls each is refused once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.campaign import SEED, Campaign, drawn, run_campaign
from tests.fuzz.faulty import ERRORS, Disk, limit_size
from tests.fuzz.writers import (
    INPUTS,
    Writer,
    command,
    different,
    fresh,
    in_fork,
    in_turn,
    repeated,
    state,
)

_COUNTED = "calls.json"
_LEAST = 20_000
"""Bytes of a file that is not let grow: what the command says has to fit into its own."""


def campaign(count: int, seed: int = SEED, base: Path | None = None) -> Campaign:
    """At most so many refused calls; `base` is one that is `prepared`."""
    return in_turn("disk", count, seed, base, _refuse_often)


def _refuse_often(found: Campaign, writer: Writer, base: Path, count: int, seed: int) -> None:
    place, disk = fresh(base, writer), Disk(base)
    status, said = in_fork(_on_disk(writer, base, disk), place)()
    assert status == 0, f"{writer.name}: {said}"
    expected = state(base)
    calls = json.loads((base / INPUTS / _COUNTED).read_text())
    sizes = {path.stat().st_size for path in place.rglob("*") if path.is_file()}
    sizes = {size for size in sizes if size > _LEAST}
    draw = drawn(seed, "disk", writer.name)
    tries = [(f"call {index}: {call}", index, 0) for index, call in enumerate(calls)]
    tries += [(f"files of at most {size - 1} bytes", -1, size) for size in sorted(sizes)]
    for given, index, size in draw.sample(tries, min(count, len(tries))):
        error = draw.choice(ERRORS)
        refusing = (
            _limited(writer, base, size - 1) if size else _on_disk(writer, base, Disk(base, index, error))
        )
        word, told = _refused(writer, base, refusing, expected)
        found.count(writer.name, word, f"{given}, {os.strerror(error)}", told)


def _on_disk(writer: Writer, base: Path, disk: Disk) -> Callable[[], int]:
    def work() -> int:
        record = os.open(base / INPUTS / _COUNTED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        put = os.write
        disk.install()
        try:
            return command(writer, base)()
        finally:
            put(record, json.dumps([f"{call.what} {call.path}" for call in disk.calls]).encode())

    return work


def _limited(writer: Writer, base: Path, num_bytes: int) -> Callable[[], int]:
    def work() -> int:
        limit_size(num_bytes)
        return command(writer, base)()

    return work


def _refused(
    writer: Writer, base: Path, refusing: Callable[[], int], expected: dict[str, object]
) -> tuple[str, str]:
    place = fresh(base, writer)
    status, said = in_fork(refusing, place)()
    if "Traceback" in said or status not in (0, 1):
        return "traceback", f"ends with {status}: {said[-1500:]}"
    if status == 0 and (unlike := _missing(expected, base)):
        return "silent", "; ".join(unlike)
    if status == 1 and not _names_a_file(said, writer, base):
        return "silent", f"no file is named: {said[-500:]}"
    word, told = repeated(writer, base, expected)
    if word != "identical":
        return word, told
    return ("said so" if status else "ended well"), ""


def _missing(expected: dict[str, object], base: Path) -> list[str]:
    """What a run that ended well should have written; a leftover is removed by the next one."""
    return [line for line in different(expected, state(base)) if not line.endswith("leftover")]


def _names_a_file(said: str, writer: Writer, base: Path) -> bool:
    """Whether the error names a file of the run, by a relative or a whole path."""
    error = said.partition("error: ")[2]
    return error.startswith((str(base), writer.out, Path(writer.out).stem, ".")) and ": cannot be" in error


if __name__ == "__main__":
    sys.exit(run_campaign(__doc__, campaign, count=5000))
