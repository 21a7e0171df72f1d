#!/usr/bin/env bash
# math-verify has complex roots of negative numbers, but its i is an ordinary variable.
#
# Likely guess: i is the imaginary unit, or answers are real and the cube root of -8 is -2.
# Seen: neither. i^2 = -1, (1+i)^2 = 2i, 1/i = -i, |3+4i| = 5 and e^{i pi} = -1 are refused; the capital I, unused in
#   answers, makes the last four true. Roots are principal complex ones all the same: \sqrt[3]{-8} is not -2
#   but 1 + sqrt(3) I. And angles lose their degree sign: \sin 30^\circ is the sine of 30 radians, equal to \sin 30 and not
#   to 1/2. The parser below has convert_degrees=True; parse() does not pass it on.
# Versions: math-verify 0.9.0, latex2sympy2-extended 1.11.0, sympy 1.14.0.
# Why it matters: right answers in complex numbers and in trigonometry count as wrong unless they are written like the gold
#   answer, and rollouts are then labeled by their notation.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet math-verify==0.9.0 latex2sympy2-extended==1.11.0 sympy==1.14.0
venv/bin/python - <<'PY'
import sympy
from latex2sympy2_extended import latex2sympy
from math_verify import parse, verify


def equals(gold, answer):
    return verify(parse(f"${gold}$"), parse(f"${answer}$"))


TRUE = (("i^2", "-1"), ("(1+i)^2", "2i"), (r"\frac{1}{i}", "-i"), ("|3+4i|", "5"), (r"e^{i\pi}", "-1"))
small = [equals(*pair) for pair in TRUE]
capital = [equals(*(side.replace("i", "I").replace(r"\pI", r"\pi") for side in pair)) for pair in TRUE[1:]]
root = equals(r"\sqrt[3]{-8}", "-2"), equals(r"\sqrt[3]{-8}", r"1+\sqrt{3}I")
sine = equals(r"\sin 30^\circ", r"\frac{1}{2}"), equals(r"\sin 30^\circ", r"\sin 30")
degrees = latex2sympy(r"\sin 30^\circ", convert_degrees=True)
print(f"i^2 = -1 and four more with i: {small}, the four with I: {capital}")
print(f"the cube root of -8 is -2: {root[0]}, is 1 + sqrt(3) I: {root[1]}")
print(f"sin 30 degrees is 1/2: {sine[0]}, is sin 30: {sine[1]}; with convert_degrees=True it is {sympy.simplify(degrees)}")
assert not any(small) and all(capital), "behavior changed"
assert root == (False, True) and sine == (False, True), "behavior changed"
assert sympy.simplify(degrees) == sympy.Rational(1, 2), "behavior changed"
PY
