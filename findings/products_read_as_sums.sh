#!/usr/bin/env bash
# math-verify adds two whole numbers that are written as a product in brackets: (4)(5) is 9.
#
# Likely guess: 2(3) is 6, as a(b) is a times b and as the same parser reads 2(x), 6(1.5) and 2\cdot(3).
# Seen: a whole number before or after a whole number or fraction in brackets is read as a mixed number: (4)(5) is 9, 2(3)(4)
#   is 9, -2(3) is -5, 3(1/2) is 7/2 and \frac{2(3)}{4} is 5/4. The right values 20, 24, -6, 3/2 and 3/2 are refused.
#   With a sign inside the brackets, a decimal, a power or a letter on either side the same form is a product.
# Versions: math-verify 0.9.0, latex2sympy2-extended 1.11.0, sympy 1.14.0.
# Why it matters: chains write products so when they put in numbers, "A = (4)(5)"; a right step or final answer
#   reads as wrong, and a sum in place of the product as right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet math-verify==0.9.0 latex2sympy2-extended==1.11.0 sympy==1.14.0
venv/bin/python - <<'PY'
from math_verify import parse, verify


def equals(text, value):
    return verify(parse(f"${text}$"), parse(f"${value}$"))


ADDED = (("(4)(5)", "20", "9"), ("2(3)(4)", "24", "9"), ("-2(3)", "-6", "-5"), ("3(1/2)", "3/2", "7/2"),
         (r"\frac{2(3)}{4}", "3/2", "5/4"))
MULTIPLIED = (("2(x)", "2x"), ("6(1.5)", "9"), ("4(-5)", "-20"), (r"2\cdot(3)", "6"), ("3(2+1)", "9"), ("2^3(5)", "40"))
right = [equals(text, product) for text, product, _ in ADDED]
wrong = [equals(text, total) for text, _, total in ADDED]
other = [equals(text, product) for text, product in MULTIPLIED]
for (text, product, total), r, w in zip(ADDED[:3], right, wrong, strict=False):
    print(f"{text} = {product}: {r}, {text} = {total}: {w}")
print(f"{', '.join(f'{text} = {product}' for text, product in MULTIPLIED)}: {all(other)}")
assert not any(right) and all(wrong) and all(other), "behavior changed"
PY
