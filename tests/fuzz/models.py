"""Broken models: `python -m tests.fuzz.models --count 600`.

A tiny model in a folder is broken in one place (config.json, tensors, files of the tokenizer, chat template,
files of weights), and a chain is labeled with it. A try ends well ("labeled", or "rejected" with a reason in
rejects.jsonl), refused, or in a fault; "different" is a label that is no number, "silent" a chain that is in
no table.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from safetensors.torch import load_file, save_file

import cpmi
from cpmi.types import Chain
from tests import tiny_model
from tests.fuzz.campaign import Campaign, drawn, run_campaign

Break = Callable[[Path, random.Random], str]
CHAIN = Chain(id="c", question="2 + 3?", steps=("2 + 3 = 5.", "It is 5."), gold="5")
CONFIG, WEIGHTS = "config.json", "model.safetensors"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
VALUES: tuple[object, ...] = (
    None, 0, -1, 1, 3, 10**6, 10**12, 2.5, float("inf"), "", "x", "llama", [], [1], {}, {"a": 1}, True, False,
)  # fmt: skip
TEMPLATES = (
    "", "{{", "{% for m in messages %}", "{{ messages[9].content }}", "{{ raise_exception('no') }}",
    "{{ 1 / 0 }}", "{{ strftime_now('%H') }}", "{{ unknown('x') }}", "{{ messages | unknown }}",
    "{{ messages[0]['content'] }}", "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
    "{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}", "{{ ''.join }}",
    "{{ bos_token + 1 }}", tiny_model.CHAT_TEMPLATE, "{{ 'To: ' }}" + tiny_model.CHAT_TEMPLATE,
)  # fmt: skip


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def config_value(folder: Path, draw: random.Random) -> str:
    """A value of config.json is another, or absent."""
    found = _json(folder / CONFIG)
    name = draw.choice([*sorted(found), "layer_types", "sliding_window", "quantization_config", "auto_map"])
    if draw.random() < 0.15:
        found.pop(name, None)
        said = f"{name} is absent"
    else:
        found[name] = draw.choice(VALUES)
        said = f"{name} = {found[name]!r}"
    (folder / CONFIG).write_text(json.dumps(found))
    return said


def tensors(folder: Path, draw: random.Random) -> str:
    """A tensor has another name, shape, type or values."""
    state = load_file(folder / WEIGHTS)
    name = draw.choice(sorted(state))
    how = draw.choice(
        ("renamed", "removed", "cut", "NaN", "infinite", "huge", "whole numbers", "flat", "empty")
    )
    tensor = state.pop(name)
    changed: dict[str, Callable[[], torch.Tensor]] = {
        "cut": lambda: tensor[:-1],
        "NaN": lambda: tensor.index_fill(0, torch.tensor([0]), float("nan")),
        "infinite": lambda: tensor.index_fill(0, torch.tensor([0]), float("inf")),
        "huge": lambda: tensor * 1e30,
        "whole numbers": lambda: tensor.char(),
        "flat": lambda: tensor.reshape(-1),
        "empty": lambda: tensor[:0],
    }
    if how == "renamed":
        state[draw.choice((f"module.{name}", name.upper(), name[1:], f"{name}.weight"))] = tensor
    elif how != "removed":
        state[name] = changed[how]()
    save_file({n: t.contiguous().clone() for n, t in state.items()}, folder / WEIGHTS, {"format": "pt"})
    return f"{name} {how}"


def weights_file(folder: Path, draw: random.Random) -> str:
    """Bytes of the weights are cut, changed or more."""
    file = folder / WEIGHTS
    content = bytearray(file.read_bytes())
    how = draw.choice(("cut", "bits", "head", "more", "pointer", "absent"))
    if how == "cut":
        content = content[: draw.randrange(len(content))]
    elif how in ("bits", "head"):
        for _ in range(8):
            content[draw.randrange(2000 if how == "head" else len(content))] ^= 1 << draw.randrange(8)
    elif how == "more":
        content += bytes(draw.randrange(1, 99))
    elif how == "pointer":
        content = bytearray(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    file.write_bytes(content)
    if how == "absent":
        file.unlink()
    return how


def tokenizer_file(folder: Path, draw: random.Random) -> str:
    """A file of the tokenizer is cut, absent, or has another value somewhere."""
    file = folder / draw.choice(TOKENIZER_FILES)
    how = draw.choice(("cut", "absent", "value", "value", "value", "key"))
    text = file.read_text("utf-8")
    if how == "cut":
        file.write_text(text[: draw.randrange(len(text))])
    elif how == "absent":
        file.unlink()
    else:
        found = json.loads(text)
        places = list(_places(found))
        holder, key = draw.choice(places)
        if how == "key" and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = draw.choice([value for value in VALUES if value != 10**12])
        file.write_text(json.dumps(found))
        how = f"{how} at {key!r}"
    return f"{file.name} {how}"


def chat_template(folder: Path, draw: random.Random) -> str:
    """Another chat template, or none of the kind that is wanted."""
    for file in folder.glob("*.jinja"):
        file.unlink()
    path = folder / "tokenizer_config.json"
    found = _json(path)
    found["chat_template"] = draw.choice((*TEMPLATES, 5, [], {}, [{"name": "a", "template": "b"}]))
    path.write_text(json.dumps(found))
    return repr(found["chat_template"])


def added_tokens(folder: Path, draw: random.Random) -> str:
    """The tokenizer has tokens that the model has no place for; the chain may hold one."""
    grown = tiny_model.tokenizer()
    grown.add_tokens([draw.choice(("2 + 3", "It", "<none>", "5"))])
    grown.save_pretrained(folder)
    return str(grown.get_added_vocab())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in JSON values, the alphabet of the vocabulary as a whole."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list) and key != "vocab":
            yield from _places(inner)


KINDS: dict[str, Break] = {
    "config": config_value,
    "tensors": tensors,
    "weights file": weights_file,
    "tokenizer file": tokenizer_file,
    "chat template": chat_template,
    "added tokens": added_tokens,
}


def outcome(folder: Path, out: Path, **options: Any) -> str:
    """How labeling one chain with the model in a folder ends."""
    run = cpmi.label([CHAIN], model=str(folder), method="evidence", out=out, on_error="skip", **options)
    if rows := list(run):
        numbers = [value for value in rows[0].labels.values if value is not None]
        return "labeled" if all(map(math.isfinite, numbers)) else "different"
    return "rejected" if (out / "rejects.jsonl").read_text("utf-8").strip() else "silent"


def campaign(count: int, seed: int) -> Campaign:
    """`count` broken models, every kind as often."""
    made = Campaign("models")
    place = Path(tempfile.mkdtemp())
    no_answer = patch("builtins.input", side_effect=AssertionError("asked on the standard input"))
    cache = patch.dict(os.environ, {"XDG_CACHE_HOME": str(place / "cache"), "HF_HUB_OFFLINE": "1"})
    try:
        whole = tiny_model.save(place / "whole")
        with no_answer, cache, warnings.catch_warnings(action="ignore"):
            for index in range(count):
                kind = list(KINDS)[index % len(KINDS)]
                draw = drawn(seed, kind, index)
                folder, out = place / "model", place / "out"
                shutil.copytree(whole, folder)
                said = KINDS[kind](folder, draw)
                options = {"prompt": "chat" if kind == "chat template" else "raw"}
                with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
                    made.attempt(kind, said, lambda f=folder, o=out, w=options: outcome(f, o, **w))  # type: ignore[misc]
                shutil.rmtree(folder)
                shutil.rmtree(out, ignore_errors=True)
    finally:
        shutil.rmtree(place)
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(run_campaign(__doc__, campaign, count=600))
