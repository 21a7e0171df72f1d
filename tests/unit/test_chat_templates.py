"""Chat templates that fail, loop or grow: refused with the reason, within limits of work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

import cpmi
import tests.tiny_model as tiny
from cpmi.data import write_jsonl
from cpmi.engines.transformers import TransformersEngine, chat_template
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.errors import UnsupportedModelError
from cpmi.prompts import Prompter
from cpmi.types import Chain

PLAIN = tiny.CHAT_TEMPLATE


def tokenizer(template: Any) -> HuggingFaceTokenizer:
    inner = tiny.tokenizer()
    inner.chat_template = template
    return HuggingFaceTokenizer(inner)


def test_what_is_rendered_is_what_transformers_renders() -> None:
    template = (
        "{{ bos_token }}{%- if tools is defined and tools %}tools{% endif %}\n  {% for m in messages %}\n"
        "{% generation %}<{{ m['role'] }}>{{ m.content | trim | tojson }}{% endgeneration %}"
        "{% if loop.last %}{% break %}{% endif %}\n{% endfor %}{{ add_generation_prompt }}{{ eos_token }}"
    )
    inner = tiny.tokenizer()
    turns = [{"role": "user", "content": " a\u00e9 <&'\u2028 "}, {"role": "assistant", "content": "b\ud800"}]
    for generation in (False, True):
        found = chat_template.render(template, inner.special_tokens_map, turns, generation=generation)
        assert found == inner.apply_chat_template(
            turns, tokenize=False, chat_template=template, add_generation_prompt=generation
        )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ raise_exception('no roles') }}", "TemplateError: no roles"),
        ("{% for m in messages %}", "TemplateSyntaxError"),
        ("{{ messages[7].content }}", "UndefinedError"),
        ("{{ messages[0].content.foo() }}", "UndefinedError"),
        ("{{ tools_of(messages) }}", "'tools_of' is undefined"),
        ("{{ messages | no_filter }}", "no_filter"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ ''.__class__.__mro__ }}", "SecurityError|UndefinedError"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "RecursionError"),
        ("{{ strftime_now('%c') }}", "form of date that is not known: %c"),
        ("{{ strftime_now(5) }}", "."),
        ("{% include 'other' %}", "TypeError|TemplateNotFound"),
        ({"tool_use": PLAIN}, "got tool_use; expected default"),
        ({}, "got no template; expected default"),
        ({"default": ["a"]}, "no text"),
        ("", "has no chat template"),
    ],
)
def test_a_template_that_fails_for_all_is_refused_before_the_first(template: Any, said: str) -> None:
    with pytest.raises(UnsupportedModelError, match=f"(?s){said}.*--prompt raw"):
        Prompter(tokenizer(template), "chat")


def test_the_default_of_several_is_taken() -> None:
    several = tokenizer({"default": PLAIN, "tool_use": "{{ raise_exception('not this one') }}"})
    assert several.chat_frame("Hi") == tokenizer(PLAIN).chat_frame("Hi")


def test_a_template_is_ended_at_its_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_template, "LIMIT_S", 0.2)
    slow = tokenizer("{% for i in range(3000) %}{% for j in range(3000) %}{% endfor %}{% endfor %}" + PLAIN)
    with pytest.raises(UnsupportedModelError, match=r"takes more than 0\.2 s of processor time"):
        slow.chat_frame("Hi")
    fast = tokenizer("{% for i in range(30) %}{% for j in range(30) %}{% endfor %}{% endfor %}" + PLAIN)
    assert fast.chat_frame("Hi") == tokenizer(PLAIN).chat_frame("Hi")


def test_a_template_is_ended_at_its_limit_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_template, "MEMORY_BYTES", 300 * 1024**2)
    large = tokenizer("{% set text = 'a' * 400000000 %}" + PLAIN)
    with pytest.raises(UnsupportedModelError, match=r"takes more than 0\.3 GB"):
        large.chat_frame("Hi")


def test_a_long_text_is_refused_and_a_long_question_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_template, "MAX_CHARACTERS", 1000)
    with pytest.raises(UnsupportedModelError, match=r"a text of 5,\d+ characters; expected at most"):
        tokenizer("{{ 'a' * 5000 }}" + PLAIN).chat_frame("Hi")
    before, _ = tokenizer(PLAIN).chat_frame("long " * 5000)
    assert len(before) > 25_000


def test_neither_day_nor_chance_is_in_a_frame() -> None:
    template = "{{ strftime_now('%A, %-d %B %Y %H:%M') }} {{ range(10**4) | random }} " + PLAIN
    frames = {tokenizer(template + "{# " + "x" * n + " #}").chat_frame("Hi")[0] for n in range(2)}
    (frame,) = frames
    assert frame.startswith("Thursday, 1 January 2026 00:00 ")


def test_a_template_that_fails_for_one_record_rejects_it(tmp_path: Path) -> None:
    inner = tiny.tokenizer()
    inner.chat_template = (
        "{% if 'cat' in messages[0].content %}{{ raise_exception('no cats') }}{% endif %}" + PLAIN
    )
    engine = TransformersEngine(tiny.model(), inner, name="tiny")
    asked = ["2 + 3?", "A cat, 2 + 3?", "3 + 2?"]
    chains = [Chain(id=f"c{i}", question=q, steps=("It is 5.",), gold="5") for i, q in enumerate(asked)]
    write_jsonl(chains, tmp_path / "chains.jsonl")
    options = {"model": engine, "method": "evidence", "label": "alone", "prompt": "chat", "on_error": "skip"}
    run = cpmi.label(tmp_path / "chains.jsonl", out=tmp_path / "out", **options)
    assert [row.chain.id for row in run] == ["c0", "c2"]
    (reject,) = [json.loads(line) for line in (tmp_path / "out" / "rejects.jsonl").read_text().splitlines()]
    assert reject["id"] == "c1"
    assert "no cats" in json.dumps(reject)
