#!/usr/bin/env bash
# "Same answer" of math-verify is not an equality.
#
# Likely guess: verify() says whether two answers have the same value, so answers fall into clean groups.
# Seen: 25% equals 25 and 25% equals 0.25, while 25 does not equal 0.25. And exact fractions that are closer than its
#   rounding of six decimals count as equal: 1/2^66 equals 1/2^67, though one is twice the other.
# Versions: math-verify 0.9.0.
# Why it matters: majority votes and success rates of rollouts group answers by verify(). Groups depend on the order of
#   the answers, and a wrong probability below one in a million is rewarded as right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet "math-verify[antlr4_13_2]==0.9.0"
venv/bin/python - <<'PY'
from math_verify import parse, verify


def same(gold, answer):
    return verify(parse(f"${gold}$"), parse(f"${answer}$"))


percent = same(r"25\%", "25"), same(r"25\%", "0.25"), same("25", "0.25")
small = same(r"\frac{1}{2^{66}}", r"\frac{1}{2^{67}}")
groups = []
for order in (["25", r"25\%", "0.25"], [r"25\%", "25", "0.25"]):
    found = []
    for answer in order:
        group = next((group for group in found if same(group[0], answer)), None)
        group.append(answer) if group else found.append([answer])
    groups.append(len(found))
print(f"25% = 25: {percent[0]}, 25% = 0.25: {percent[1]}, 25 = 0.25: {percent[2]}; 1/2^66 = 1/2^67: {small}")
print(f"the same three answers form {groups[0]} or {groups[1]} groups, depending on their order")
assert percent == (True, True, False) and small and groups == [2, 1], "behavior changed"
PY
