"""Limits of the code: lengths of files, functions and parameter lists, and docstrings of public names."""

from pathlib import Path

from benchmarks.house import code_lines, complaints


def test_the_source_keeps_its_limits() -> None:
    assert list(complaints()) == []


def test_what_is_complained_about(tmp_path: Path) -> None:
    body = "\n".join("    a = 1" for _ in range(60))
    parameters = ", ".join(f"p{n}" for n in range(13))
    (tmp_path / "long.py").write_text(f'"""Doc."""\ndef f({parameters}):\n{body}\n' + "\n" * 400)
    assert list(complaints(tmp_path)) == [
        "long.py: 462 lines",
        "long.py:2 f: 61 lines",
        "long.py:2 f: 13 parameters",
        "long.py:2 f: no docstring",
    ]


def test_code_lines_leave_out_words() -> None:
    assert code_lines('"""Doc."""\n\n# words\ndef f():\n    """More."""\n    return 1  # one\n') == 2
