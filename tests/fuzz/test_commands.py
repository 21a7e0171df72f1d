"""The short campaign of command lines."""

from __future__ import annotations

import pytest

from tests.fuzz.commands import campaign, verbs


def test_every_command_line_ends_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    found = campaign(138, seed=1)
    assert not found.num_faults, found.table()
    assert {word for _, word in found.outcomes} == {"ok", "refused", "usage"}


def test_all_verbs_but_the_demo_are_tried() -> None:
    from cpmi.cli.app import COMMANDS

    assert {verb.words[0] for verb in verbs()} == {*COMMANDS} - {"demo"}
