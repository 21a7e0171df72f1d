"""Compute what the page of claims rests on: one stage at a time, each resumable.

    python -m benchmarks.claims.run STAGE --model MODEL --out DIR [--contrast-model MODEL]

ProcessBench gsm8k from CPMI_DATA, cut into dev and test by `benchmarks.labels_real`. Weights of `evidence`
are fitted on dev before a test chain is labeled. Labels are kept in the repository, without the texts of
the chains; `benchmarks.claims.measure` reads them there.

| stage | what is computed |
|---|---|
| evidence | `evidence` on dev, its weights, `evidence` on test |
| contrast | the same with the contrast read by a second model |
| cpmi, net_gain, judge | the method on test |
| cpmi-dev, net_gain-dev, judge-dev | the method on dev, for the table of all chains |
| question | rollouts from the bare questions of test |
| timed | every method in turn on every 16th test chain: nothing else may run |

Monte Carlo is labeled by `cpmi label --shard`, see docs/log.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.claims.question import FromQuestion
from benchmarks.kept import keep
from benchmarks.labels_real import CHAINS, is_dev

from cpmi.api.label import label
from cpmi.data import read_chains, write_jsonl
from cpmi.engines.transformers import load_engine
from cpmi.targets import fit_weights
from cpmi.types import Chain

KEPT = Path(__file__).parents[1] / "kept" / "real-coder05b"
ENGINE = {"dtype": "bfloat16", "threads": 1}
EVERY = 16  # of the test chains, one is timed
TIMED: dict[str, dict[str, Any]] = {  # in turn
    "evidence": {},
    "judge": {},
    "net_gain": {},
    "cpmi": {},
    "monte_carlo": {},
    "monte_carlo_first": {"first_steps": 1},
    "from_question": {},
    "binary_search": {},
}
METHOD_OF: dict[str, Any] = {
    "evidence_contrast": "evidence",
    "monte_carlo_first": "monte_carlo",
    "from_question": FromQuestion,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("stage", choices=sorted(STAGES))
    parser.add_argument("--model", required=True)
    parser.add_argument("--contrast-model")
    parser.add_argument("--prompt", choices=("chat", "raw"), default="chat")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    data = os.environ.get("CPMI_DATA")
    if not data:
        parser.error("CPMI_DATA is not set: a folder with processbench/gsm8k.json and gsm8k/test.jsonl")
    if arguments.stage in ("contrast", "timed") and not arguments.contrast_model:
        parser.error("this stage needs --contrast-model")
    models = {"model": arguments.model, "contrast_model": arguments.contrast_model}
    with ExitStack() as stack:

        @cache
        def engine(role: str) -> Any:
            loaded = load_engine(models[role], **ENGINE)
            stack.callback(loaded.close)
            return loaded

        work = Work(Path(data), arguments.out, engine, prompt=arguments.prompt)
        STAGES[arguments.stage](work)


class Work:
    """The halves of the data, and labels made of them.

    Args:
        data: the folder of the data.
        out: where runs are made.
        engine: gives the model of a role, "model" or "contrast_model".
        prompt: the style of the prompts.
        kept: where finished runs are kept without their texts.
    """

    def __init__(
        self,
        data: Path,
        out: Path,
        engine: Callable[[str], Any],
        *,
        prompt: str = "chat",
        kept: Path = KEPT,
    ) -> None:
        source, gold = CHAINS["processbench"]
        self.out, self.kept = out, kept
        self.gold = data / str(gold)
        self.engine, self._prompt = engine, prompt
        self.dev, self.test, self.timed = halves(data / source, out)

    def labels(self, name: str, method: Any, of: Path, *, contrast: bool = False, **options: Any) -> Path:
        """A run of labels, kept in the repository when it is finished."""
        print(f"{name}: {method} {options}", flush=True)
        second = {"contrast_model": self.engine("contrast_model")} if contrast else {}
        label(
            of, model=self.engine("model"), method=method, out=self.out / name, gold=self.gold,
            prompt=self._prompt, **second, **options,
        )  # fmt: skip
        keep(self.out / name, self.kept / name)
        return self.out / name

    def weights(self, name: str, *, contrast: bool = False) -> dict[str, str]:
        """Weights fitted on dev, kept beside the labels."""
        path = self.out / f"{name}-weights.json"
        if not path.exists():
            fit_weights(self.labels(f"dev-{name}", "evidence", self.dev, contrast=contrast), path)
            shutil.copyfile(path, self.kept / path.name)
        return {"weights": str(path)}


def halves(source: Path, out: Path) -> tuple[Path, Path, Path]:
    """Files of the dev half, of the test half, and of the test chains that are timed."""
    out.mkdir(parents=True, exist_ok=True)
    read = [chain for chain in read_chains(source) if isinstance(chain, Chain)]
    test = [chain for chain in read if not is_dev(chain.question)]
    parts = {"dev": [chain for chain in read if is_dev(chain.question)], "test": test, "timed": test[::EVERY]}
    for name, chains in parts.items():
        if not (out / f"{name}.jsonl").exists():
            write_jsonl(chains, out / f"{name}.jsonl")
    dev, tested, timed = (out / f"{name}.jsonl" for name in parts)
    return dev, tested, timed


def evidence(work: Work) -> None:
    work.labels("evidence", "evidence", work.test, **work.weights("evidence"))


def contrast(work: Work) -> None:
    name = "evidence_contrast"
    work.labels(name, "evidence", work.test, contrast=True, **work.weights(name, contrast=True))


def question(work: Work) -> None:
    work.labels("from_question", FromQuestion, work.test)


def timed(work: Work) -> None:
    """One round of all methods on the same chains, each in a folder of its own."""
    for name, options in TIMED.items():
        with_contrast = name == "evidence_contrast"
        method = METHOD_OF.get(name, name)
        fitted = work.weights(name, contrast=with_contrast) if method == "evidence" else {}
        work.labels(f"timed-{name}", method, work.timed, contrast=with_contrast, **options, **fitted)


def single(method: str) -> dict[str, Callable[[Work], None]]:
    """The stages of one method with its default options."""

    def on_test(work: Work) -> None:
        work.labels(method, method, work.test)

    def on_dev(work: Work) -> None:
        work.labels(f"dev-{method}", method, work.dev)

    return {method: on_test, f"{method}-dev": on_dev}


STAGES: dict[str, Callable[[Work], None]] = {
    "evidence": evidence,
    "contrast": contrast,
    "question": question,
    "timed": timed,
    **single("cpmi"),
    **single("net_gain"),
    **single("judge"),
}


if __name__ == "__main__":
    main()
