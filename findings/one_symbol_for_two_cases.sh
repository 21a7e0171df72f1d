#!/usr/bin/env bash
# For math-verify a capital and a small letter are one symbol, so R - r is 0.
#
# Likely guess: R and r are two variables, as in every formula that holds both.
# Seen: symbols are lowercased while parsing. The area of a ring, pi (R^2 - r^2), equals 0, R/r equals 1 and M - m equals 0;
#   Delta equals delta. parse() and verify() have no option for it. The parser below them has one, and with
#   ConversionConfig(lowercase_symbols=False) latex2sympy keeps the two letters apart.
# Versions: math-verify 0.9.0, latex2sympy2-extended 1.11.0, sympy 1.14.0.
# Why it matters: a rollout that loses a letter or answers 0 is rewarded as right, and a step label built from such
#   verdicts calls the wrong steps before it right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet math-verify==0.9.0 latex2sympy2-extended==1.11.0 sympy==1.14.0
venv/bin/python - <<'PY'
import sympy
from latex2sympy2_extended import latex2sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig
from math_verify import parse, verify

PAIRS = (
    (r"\pi(R^2-r^2)", "0"),
    (r"\frac{R}{r}", "1"),
    ("M-m", "0"),
    (r"\frac{GMm}{r^2}", r"\frac{Gm^2}{r^2}"),
    (r"\Delta", r"\delta"),
)
said = [verify(parse(f"${gold}$"), parse(f"${answer}$")) for gold, answer in PAIRS]
small = [verify(parse(f"${gold}$"), parse(f"${answer}$")) for gold, answer in (("p-q", "0"), (r"\frac{s}{q}", "1"))]
kept = latex2sympy(r"\pi(R^2-r^2)", conversion_config=ConversionConfig(lowercase_symbols=False))
lost = latex2sympy(r"\pi(R^2-r^2)")
for (gold, answer), same in zip(PAIRS[:3], said, strict=False):
    print(f"{gold} = {answer}: {same}")
print(f"with lowercase_symbols=False: {kept}, by default: {lost}")
assert all(said) and not any(small), "behavior changed"
assert len(kept.free_symbols) == 2 and sympy.simplify(kept) != 0, "behavior changed"
assert len(lost.free_symbols) == 1 and sympy.simplify(lost) == 0, "behavior changed"
PY
