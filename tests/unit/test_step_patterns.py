import os
import subprocess
import sys
import threading
from time import monotonic

import pytest

from cpmi.errors import ConfigError, WorkerError
from cpmi.steps import pattern as pattern_module
from cpmi.steps import split_steps, split_text


@pytest.mark.parametrize(
    ("pattern", "text", "steps", "separators"),
    [
        (r"\n\n", "a\nb\n\n c ", ("a\nb", "c"), ("", "\n\n ", " ")),
        (r"^(?=Step)", "x\nStep 1\nStep 2", ("x", "Step 1", "Step 2"), ("", "\n", "\n", "")),
        (r"ки", "a ки\nb ки\n", ("a", "b"), ("", " ки\n", " ки\n")),
        (r"Step \d: ", "Step 1: a Step 2: b", ("a", "b"), ("Step 1: ", " Step 2: ", "")),
        (r"<\|step\|>", "a<|step|> <|step|>b", ("a", "b"), ("", "<|step|> <|step|>", "")),
        (r"b*", "abc", ("a", "c"), ("", "b", "")),
        (r"$", "a\nb", ("a", "b"), ("", "\n", "")),
        (r"(?i)AND", "x and y", ("x", "y"), ("", " and ", "")),
        (r"\s", "a \x85\u2028b", ("a", "b"), ("", " \x85\u2028", "")),
        ("\ud800", "a\ud800b", ("a", "b"), ("", "\ud800", "")),
        ("\x00", "a\x00b", ("a", "b"), ("", "\x00", "")),
    ],
)
def test_matches_separate(
    pattern: str, text: str, steps: tuple[str, ...], separators: tuple[str, ...]
) -> None:
    split = split_text(text, f"regex:{pattern}")
    assert (split.steps, split.separators) == (steps, separators)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*b"])
def test_an_expression_that_takes_too_long_is_refused(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_module, "LIMIT_S", 0.2)
    start = monotonic()
    with pytest.raises(ConfigError, match=r"more than 0.2 s of processor time .*a text of 61 characters"):
        split_steps("a" * 60 + "!", f"regex:{pattern}x*")
    assert monotonic() - start < 60
    assert split_steps("y z", f"regex:{pattern}x*| ") == ("y", "z")  # others go on


def test_the_same_expression_goes_on_with_other_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_module, "LIMIT_S", 0.2)
    rule = "regex:(c+)+;"
    for _ in range(2):
        with pytest.raises(ConfigError, match="processor time"):
            split_steps("c" * 60, rule)
        assert split_steps("a c; b", rule) == ("a", "b")


def test_a_process_that_is_killed_from_outside_is_no_fault_of_the_expression() -> None:
    rule = "regex:killed"
    assert split_steps("a killed b", rule) == ("a", "b")
    process = pattern_module._program("killed")._process
    assert process is not None
    process.kill()
    process.wait()
    with pytest.raises(WorkerError, match="was ended"):
        split_steps("a killed b", rule)
    assert split_steps("a killed b", rule) == ("a", "b")


def test_without_an_interpreter_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerError, match="cannot be started"):
        split_steps("a", "regex:never asked before")


def test_threads_may_ask_together() -> None:
    found: dict[int, bool] = {}

    def ask(number: int) -> None:
        texts = [f"{number}-{index};" * 50 for index in range(50)]
        found[number] = all(len(split_steps(text, "regex:;")) == 50 for text in texts)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_process_ends_with_its_caller_and_is_not_shared_with_a_fork() -> None:
    program = """
import os
from cpmi.steps import pattern, split_steps
assert split_steps("a;b", "regex:;") == ("a", "b")
child = os.fork()
assert split_steps("c;d;e", "regex:;") == ("c", "d", "e")
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(pattern._program(";")._process.pid)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(run.stdout), 0)
