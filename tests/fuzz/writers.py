"""One small run of every command that writes, for the campaigns that kill them or let the disk refuse.

Commands run in forks of one process that has all imports behind it, with models that are small or fake.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from cpmi.cli import app
from cpmi.cli.app import COMMANDS
from tests.fuzz.campaign import Campaign, drawn

TEMPORARY, CACHE, INPUTS, _PLACE = "tmp", "cache", "inputs", "place"
CRASHED = 70
"""Exit status of a fork whose command raised something that the command line does not catch."""

_FAKE = ("--model", "fake", "--chunk-size", "4")
_ROLLOUTS = ("--method", "monte_carlo", "--rollouts", "2")
_TRAIN = ("--epochs", "1", "--val-share", "0.3", "--threads", "1", "--batch-size", "4")
_MOVING = ("wall_s", "peak_bytes", "sha256", "steps_per_s", "train_runtime", "eval_runtime", "seconds")
_MOVING_ENDS = ("_per_second", "_wall_s", "_s")


@dataclass(frozen=True, slots=True)
class Writer:
    """A command that writes.

    Attributes:
        name: of the row in a table.
        words: of the command line; "<NAME" is an input of that name.
        out: the last word: a folder or a file in the place of work.
        fake: whether its model is the fake engine.
        again: the words to add when it was disturbed.
        done: what it says if there is nothing left to do, where it refuses that.
    """

    name: str
    words: tuple[str, ...]
    out: str = "out"
    fake: bool = False
    again: tuple[str, ...] = ()
    done: str | None = None

    def line(self, base: Path, *, again: bool = False) -> list[str]:
        """The arguments of the program, the first time or after it was disturbed."""
        inputs = base / INPUTS
        words = [str(inputs / word[1:]) if word.startswith("<") else word for word in self.words]
        return [*words, "--out", self.out, *(self.again if again else ())]


WRITERS = (
    Writer("label", ("label", "<chains.jsonl", "--method", "cpmi", *_FAKE), fake=True),
    Writer("label, rollouts", ("label", "<chains.jsonl", *_ROLLOUTS, *_FAKE), fake=True),
    Writer("sample", ("sample", "<problems.jsonl", "-n", "2", "--max-tokens", "8", *_FAKE), fake=True),
    Writer("score", ("score", "<chains.jsonl", "--prm", "<prm", "--threads", "1", "--chunk-size", "4")),
    Writer("merge", ("merge", "<shard-0", "<shard-1")),
    Writer("calibrate", ("calibrate", "<rival")),
    Writer("consensus", ("consensus", "<labels", "<rival")),
    Writer("hybrid", ("hybrid", "<labels", "<rival", "--first", "2")),
    *(
        Writer(f"export {form}", ("export", "<labels", "--to", form))
        for form in ("parquet", "jsonl", "math-shepherd", "datasets")
    ),
    Writer("fit", ("fit", "<evidence"), "weights.json"),
    Writer("evaluate labels", ("evaluate", "labels", "<labels", "<rival", "--draws", "5"), "found.json"),
    Writer("evaluate processbench", ("evaluate", "processbench", "<scores", "--draws", "5")),
    Writer("evaluate prmbench", ("evaluate", "prmbench", "<items", "--draws", "5")),
    Writer("evaluate best-of-n", ("evaluate", "best-of-n", "<candidates", "--draws", "5")),
    Writer("compare", ("compare", "<labels", "<rival", "--draws", "5"), "found.json"),
    Writer("report", ("report", "<labels", "<rival"), "page.html"),
    Writer("world problems", ("world", "problems", "-n", "20"), "problems.jsonl"),
    Writer("world rate", ("world", "rate", "<solutions.jsonl"), "rated.jsonl"),
    Writer("train", ("train", "<chains.jsonl", "--base", "embedded", *_TRAIN), "prm", again=("--resume",),
           done="finished reward model"),
)  # fmt: skip


class _FakeModels(ModuleType):
    """Stands in for cpmi.engines.transformers."""

    def load_engine(self, model: str, **_: Any) -> object:
        from cpmi.engines.fake import FakeEngine

        return FakeEngine(name=model)


def in_turn(
    name: str,
    count: int,
    seed: int,
    base: Path | None,
    disturb: Callable[[Campaign, Writer, Path, int, int], None],
) -> Campaign:
    """A campaign of so many disturbances of all commands, each of which gets its share.

    Args:
        name: of the campaign.
        count, seed: as the campaign's.
        base: a folder that is `prepared`; None to prepare one.
        disturb: disturbs a command so many times: (campaign, command, folder, count, seed).
    """
    found = Campaign(name)
    with prepared() if base is None else nullcontext(base) as folder:
        for index, writer in enumerate(drawn(seed, name).sample(WRITERS, len(WRITERS))):
            if share := len(range(index, count, len(WRITERS))):
                disturb(found, writer, folder, share, seed)
    return found


@contextmanager
def prepared() -> Iterator[Path]:
    """A folder with the inputs of all commands; it goes at the end."""
    base = Path(tempfile.mkdtemp(prefix="cpmi-writers-")).resolve()
    try:
        for name in (TEMPORARY, CACHE, INPUTS):
            (base / name).mkdir()
        _warm_up()
        status, said = in_fork(lambda: _write_inputs(base / INPUTS), base)()
        assert status == 0, said
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _warm_up() -> None:
    """Import what the commands import; torch computes nothing here, or its threads were lost to forks."""
    for name in COMMANDS:
        import_module(f"cpmi.cli.{name}")
    for name in ("cpmi.api.train", "cpmi.api.label", "cpmi.api.sample", "cpmi.prm.scorer", "cpmi.exports",
                 "cpmi.evaluate", "cpmi.reports", "cpmi.targets", "cpmi.engines.fake", "cpmi.api.score",
                 "cpmi.api.world", "datasets", "sklearn.linear_model", "cpmi.research.probe",
                 "transformers.models.llama.modeling_llama"):  # fmt: skip
        import_module(name)


def in_fork(work: Callable[[], object], place: Path) -> Callable[[], tuple[int, str]]:
    """Begin work in a fork, with `place` as its working folder.

    Returns:
        A function that waits for its status and what it said; its attribute `pid` is that of the fork.
    """
    log = Path(tempfile.mkstemp(prefix="log-")[1])
    base = place if (place / INPUTS).is_dir() else place.parent
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = CRASHED
        try:
            _settle(log, base, place)
            status = int(work() or 0)  # type: ignore[call-overload]
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else CRASHED
        except BaseException:  # noqa: BLE001  told to the parent, which counts it
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def wait() -> tuple[int, str]:
        _, ended = os.waitpid(pid, 0)
        said = log.read_text("utf-8", "replace")
        log.unlink()
        return os.waitstatus_to_exitcode(ended), said

    wait.pid = pid  # type: ignore[attr-defined]
    return wait


def _settle(log: Path, base: Path, place: Path) -> None:
    """A fork's own output, temporary folder, cache and working folder."""
    descriptor = os.open(log, os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ |= {"TMPDIR": str(base / TEMPORARY), "XDG_CACHE_HOME": str(base / CACHE), "COLUMNS": "500",
                   "TQDM_DISABLE": "1", "HF_HUB_OFFLINE": "1"}  # fmt: skip
    tempfile.tempdir = None
    os.chdir(place)
    import torch

    torch.set_num_threads(1)


def command(writer: Writer, base: Path, *, again: bool = False) -> Callable[[], int]:
    """The command, to be called in a fork."""

    def work() -> int:
        if writer.fake:
            sys.modules["cpmi.engines.transformers"] = _FakeModels("cpmi.engines.transformers")
        app(writer.line(base, again=again), prog_name="cpmi")
        return 0

    return work


def repeated(writer: Writer, base: Path, expected: dict[str, object]) -> tuple[str, str]:
    """Run a disturbed command again: the word for how it ends, a fault or "identical", and why."""
    status, said = in_fork(command(writer, base, again=True), base / _PLACE)()
    if status != 0 and not (writer.done and writer.done in said):
        word = "traceback" if "Traceback" in said else "different"
        return word, f"the next run ends with {status}: {said[-1500:]}"
    unlike = different(expected, state(base))
    if not unlike:
        return "identical", ""
    word = "leftover" if any(line.endswith("leftover") for line in unlike) else "different"
    return word, "; ".join(unlike)


def fresh(base: Path, writer: Writer) -> Path:
    """The empty place of work of a command; always the same, since manifests say where they are."""
    place = base / _PLACE
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "of the user.txt").write_text(f"{writer.name} has to leave this alone")
    return place


def state(base: Path) -> dict[str, object]:
    """All files that there are by now, by name, with what has to be equal in them; inputs apart."""
    found: dict[str, object] = {}
    for root, folders, names in os.walk(base):
        folders[:] = [name for name in folders if Path(root, name) != base / INPUTS]
        for name in [*names, *(f"{folder}/" for folder in folders)]:
            path = Path(root, name)
            kept = path.is_file() and base / CACHE not in path.parents
            found[str(path.relative_to(base))] = _settled(path) if kept else None
    return found


def different(there: dict[str, object], now: dict[str, object]) -> list[str]:
    """What is not as expected, a line each."""
    lines = [f"{name} is not there" for name in there if name not in now and not name.startswith(CACHE)]
    lines += [f"{name} is a leftover" for name in now if name not in there]
    lines += [f"{name} is different" for name in there if name in now and there[name] != now[name]]
    return sorted(lines)


def _settled(path: Path) -> object:
    """The content without times, and without digests of files that hold times."""
    content = path.read_bytes()
    if path.suffix == ".html":
        return len(content) > 0
    if path.suffix not in (".json", ".jsonl"):
        return content
    lines = [content] if path.suffix == ".json" else content.splitlines()
    try:
        return [_without_times(json.loads(line)) for line in lines]
    except ValueError:
        return content


def _without_times(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: "moving" if _moves(key) else _without_times(item)
            for key, item in value.items()
            if key != "digests"
        }
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def _moves(key: str) -> bool:
    return key in _MOVING or key.endswith(_MOVING_ENDS)


def _write_inputs(folder: Path) -> None:
    """The inputs of all commands."""
    from cpmi.data import write_jsonl
    from tests.end_to_end.prm_chains import write_chains
    from tests.end_to_end.rated_runs import chains, noise, write_run
    from tests.scored_chains import scored, table
    from tests.unit.test_prmbench import ITEMS

    write_chains(folder / "chains.jsonl", 16)
    (folder / "problems.jsonl").write_text(
        "".join(json.dumps({"question": f"What is {i} + 2?", "gold": str(i + 2)}) + "\n" for i in range(12))
    )
    made = chains(24)
    write_run(folder / "labels", made, _rates,
              method="monte_carlo", unit="probability")  # fmt: skip
    write_run(folder / "rival", made, noise(1, lowered=3.0), method="net_gain")
    table(folder / "scores", [scored(f"gsm8k-{i}", [0.9, 0.2 + 0.05 * i], i % 2 or None) for i in range(12)])
    table(folder / "items", ITEMS)
    table(folder / "candidates", [
        scored(f"p{i // 4}/{i % 4}", [0.9, 0.1 * (i % 4)], question=f"Question {i // 4}?", gold="7",
               answer=str(7 - i % 2), ratings=None)
        for i in range(16)
    ])  # fmt: skip
    write_jsonl((one for one in _solutions()), folder / "solutions.jsonl")
    for index in range(2):
        words = ("label", "<chains.jsonl", "--method", "cpmi", *_FAKE, "--shard", f"{index}/2")
        _run(Writer("shard", words, str(folder / f"shard-{index}"), fake=True), folder.parent)
    evidence = ("label", "<chains.jsonl", "--method", "evidence", *_FAKE)
    _run(Writer("evidence", evidence, str(folder / "evidence"), fake=True), folder.parent)
    _run(
        Writer("prm", ("train", "<chains.jsonl", "--base", "embedded", *_TRAIN), str(folder / "prm")),
        folder.parent,
    )


def _solutions() -> Iterator[Any]:
    from cpmi.embedded.world import draw_records
    from cpmi.types import Chain

    for record in draw_records(6, split="test", seed=0, level=1):
        yield Chain(id=record["id"], question=record["question"], steps=("So it is 3.",), gold=record["gold"])


def _run(writer: Writer, base: Path) -> None:
    before = sys.modules.get("cpmi.engines.transformers")
    try:
        command(writer, base)()
    except SystemExit as error:
        if error.code:
            raise RuntimeError(writer.name) from error
    finally:
        if before is not None:
            sys.modules["cpmi.engines.transformers"] = before


def _rates(chain: Any) -> list[float]:
    return [(3 * index + len(step)) % 9 / 8 for index, step in enumerate(chain.steps)]
