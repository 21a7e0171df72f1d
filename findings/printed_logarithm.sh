#!/usr/bin/env bash
# A logarithm that sympy prints as LaTeX is read back by math-verify with base 10.
#
# Likely guess: sympy.latex() and a parser that builds sympy expressions agree on \log.
# Seen: sympy prints its natural logarithm as \log, and math-verify reads \log as base 10. For the gold answer
#   sympy.latex(log(100)) the answer 2 is right and \ln 100 is wrong. With ln_notation=True, or with the sympy expression
#   itself as the gold answer, it is the other way round.
# Versions: math-verify 0.9.0, latex2sympy2-extended 1.11.0, sympy 1.14.0.
# Why it matters: gold answers of generated problems are written by sympy.latex(); right rollouts on logarithms and
#   integrals get the label wrong, and the base-10 mistake is rewarded.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet math-verify==0.9.0 latex2sympy2-extended==1.11.0 sympy==1.14.0
venv/bin/python - <<'PY'
import sympy
from math_verify import parse, verify

x = sympy.Symbol("x", positive=True)
value = sympy.log(100)
antiderivative = sympy.integrate(1 / x, x)
ANSWERS = r"$\ln 100$", "$2$"
printed = f"${sympy.latex(value)}$"
marked = f"${sympy.latex(value, ln_notation=True)}$"
rows = {
    printed: [verify(parse(printed), parse(answer)) for answer in ANSWERS],
    marked: [verify(parse(marked), parse(answer)) for answer in ANSWERS],
    "the expression": [verify(value, parse(answer)) for answer in ANSWERS],
}
integral = verify(parse(f"${sympy.latex(antiderivative)}$"), parse(r"$\ln x$"))
for gold, (natural, two) in rows.items():
    print(f"gold {gold}: ln 100 is right: {natural}, 2 is right: {two}")
print(f"the integral of 1/x as sympy prints it equals ln x: {integral}")
assert list(rows.values()) == [[False, True], [True, False], [True, False]] and not integral, "behavior changed"
PY
