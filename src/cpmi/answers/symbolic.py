r"""math-verify asked about one pair of answers, in a worker process that the caller kills when it is late.

math-verify compares a *gold* with a *prediction* and treats them differently, so both directions are asked.
Its own time-outs use SIGALRM and read as "different"; they are switched off here and every error is raised.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

# Kept small: a comparison that needs more memory would take too long as well.
_MEMORY_BYTES = 4 * 1024**3
# Relative difference under which two numbers may be one and its rounding.
_ROUNDING = 5e-3
_PROBES = (0.7312, 1.9371, -0.4177)

Finding = tuple[str, str]  # relation and reason; plain strings cross the process border


def prepare_worker() -> None:
    """Load math-verify once and bound the memory, so that the first deadline counts the comparison only."""
    if os.name == "posix":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, hard))
    compare_symbolically("x+1", "1+x")


def compare_symbolically(first: str, second: str) -> Finding:
    """Compare two answers with math-verify.

    Returns:
        ("same" | "different" | "undecided", reason).
    """
    from math_verify import verify
    from math_verify.errors import TimeoutException

    logging.getLogger("math_verify").setLevel(logging.ERROR)
    try:
        left, right = _parse(first), _parse(second)
        if not left or not right:
            return "undecided", "not parsed"
        options = {"timeout_seconds": None, "raise_on_error": True}
        forward, backward = verify(left, right, **options), verify(right, left, **options)
        if forward and backward:
            return "same", ""
        if forward or backward:
            return "undecided", "math-verify agrees in one direction only"
        return _different(left[0], right[0])
    except TimeoutException:
        return "undecided", "timed out"
    except MemoryError:
        return "undecided", "out of memory"
    # sympy and the LaTeX parser raise nearly any error on odd input; whichever it is, nothing was decided.
    except Exception as error:  # noqa: BLE001
        return "undecided", f"math-verify failed ({type(error).__name__})"


def _parse(answer: str) -> Sequence[Any]:
    """Sympy readings of an answer; only those, not math-verify's fallback to text."""
    from math_verify import LatexExtractionConfig, parse

    bare = answer.strip().strip("$")
    parsed = parse(
        f"${bare}$",
        extraction_config=[LatexExtractionConfig()],
        parsing_timeout=None,
        raise_on_error=True,
        fallback_mode="no_fallback",
    )
    return [expression for expression in parsed if not isinstance(expression, str)]


def _different(left: Any, right: Any) -> Finding:
    """Believe "different" only if numbers do not speak against it."""
    import sympy  # type: ignore[import-untyped]

    if isinstance(left, sympy.Eq) != isinstance(right, sympy.Eq):
        return "undecided", "an equation against an expression"
    if not (isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr)):
        return "different", ""
    if left.is_Rational and right.is_Rational:
        return "different", ""
    symbols = left.free_symbols | right.free_symbols
    only_left, only_right = left.free_symbols - right.free_symbols, right.free_symbols - left.free_symbols
    if only_left and only_right:
        return "undecided", "written in other variables"
    ordered = sorted(symbols, key=str)
    closest = 1.0
    for probe in _PROBES:
        values = {symbol: probe * (1 + 0.37 * place) for place, symbol in enumerate(ordered)}
        gap = _relative_gap(sympy.N(left.subs(values)), sympy.N(right.subs(values)))
        if gap is None:
            return "undecided", "cannot be checked by number"
        if symbols and gap > 1e-9:
            return "different", ""
        closest = min(closest, gap)
        if not symbols:
            break
    if symbols or closest < 1e-9:
        return "undecided", "equal by number, not by proof"
    if closest < _ROUNDING and (left.has(sympy.Float) or right.has(sympy.Float)):
        return "undecided", "equal up to rounding"
    return "different", ""


def _relative_gap(left: Any, right: Any) -> float | None:
    try:
        first, second = complex(left), complex(right)
    except (TypeError, ValueError):
        return None
    size = max(abs(first), abs(second))
    if size != size or size == float("inf"):
        return None
    return abs(first - second) / size if size else 0.0
