"""The announcements of other languages are in no English solution."""

import json
from pathlib import Path

from cpmi.answers.announcements import announcements
from cpmi.answers.scripts import readable

FILES = ("gsm8k/test.jsonl", "gsm8k/example_model_solutions.jsonl", "math/best_of_8_sample.jsonl")


def test_english_has_no_announcement_in_another_language(real_data: Path) -> None:
    num_texts = num_changed = 0
    for name in FILES:
        for line in (real_data / name).read_text("utf-8").splitlines():
            for text in _texts(json.loads(line)):
                num_texts += 1
                num_changed += readable(text) != text
                assert not announcements(text)
    assert num_texts > 10_000
    assert num_changed <= 6  # full-width marks


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in _texts(item)]
