"""Kill a labeling run with SIGKILL at random moments until it is done; compare its bytes with a plain run's.

    python -m benchmarks.kill_and_resume CHAINS --model MODEL [--kills 20] [options of cpmi label]

Then label the same chains in three shards, merge them, and compare again.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def command(arguments: argparse.Namespace, out: Path, *more: str) -> list[str]:
    base = ["label", arguments.chains, "--model", arguments.model, "--method", arguments.method]
    return [sys.executable, "-m", "cpmi", *base, "--out", str(out), *arguments.options, *more]


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "labels.parquet").read_bytes()).hexdigest()


def units(folder: Path) -> int:
    return len(list((folder / "units").glob("*.json")))


def kill_until(arguments: argparse.Namespace, out: Path, plain_s: float, rng: random.Random) -> int:
    """Start, kill at a random moment, again; a run that finishes is removed and begun anew."""
    kills = num_kept = 0
    while kills < arguments.kills:
        process = subprocess.Popen(
            command(arguments, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=rng.uniform(0.2, plain_s))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            num_kept += units(out)
            print(f"kill {kills}: {units(out)} units kept", flush=True)
            continue
        if process.returncode:
            sys.exit(f"a resumed run failed with {process.returncode}")
        shutil.rmtree(out)
    return num_kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("chains")
    parser.add_argument("--model", required=True)
    parser.add_argument("--method", default="cpmi")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments, options = parser.parse_known_args()
    arguments.options = options  # what is not ours is meant for cpmi label
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        subprocess.run(command(arguments, folder / "plain"), check=True)
        plain_s = time.perf_counter() - began
        num_kept = kill_until(arguments, folder / "killed", plain_s, rng)
        subprocess.run(command(arguments, folder / "killed"), check=True, stdout=subprocess.DEVNULL)
        shards = [folder / f"shard{i}" for i in range(3)]
        for i, shard in enumerate(shards):
            subprocess.run(
                command(arguments, shard, "--shard", f"{i}/3"), check=True, stdout=subprocess.DEVNULL
            )
        merged = [sys.executable, "-m", "cpmi", "merge", *map(str, shards), "--out", str(folder / "merged")]
        subprocess.run(merged, check=True, stdout=subprocess.DEVNULL)
        digests = {run: digest(folder / run) for run in ("plain", "killed", "merged")}
        for run, found in digests.items():
            print(f"{run:<8} {found[:16]} {units(folder / run)} units")
        same = len(set(digests.values())) == 1
        print(f"{arguments.kills} kills, {num_kept} finished units found after them; " + "same bytes" * same)
        if not same:
            sys.exit("the bytes differ")


if __name__ == "__main__":
    main()
