"""docs/claims.md and the head of README are what `make claims` writes from the committed results."""

from __future__ import annotations

from benchmarks.claims.page import PAGE, README, text, with_head
from benchmarks.claims.results import Results


def test_the_committed_page_is_that_of_the_committed_results() -> None:
    results = Results.read()
    assert PAGE.read_text("utf-8") == text(results)
    readme = README.read_text("utf-8")
    assert with_head(readme, results) == readme
