#!/usr/bin/env bash
# "Same answer" of math-verify is not an equality.
#
# Likely guess: verify() says whether two answers have the same value, so answers fall into clean groups.
# Seen: 25% equals 25 and 25% equals 0.25, while 25 does not equal 0.25. And its tolerances are absolute, for exact
#   fractions as well as for decimals: 1/2^66 equals 1/2^67 and 0.0000001 equals 0.0000002, each twice the other.
# Versions: math-verify 0.9.0.
# Why it matters: majority votes and success rates of rollouts group answers by verify(). Groups depend on the order of
#   the answers, and a wrong answer to a problem about a small probability is rewarded as right.
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
small = same(r"\frac{1}{2^{66}}", r"\frac{1}{2^{67}}"), same("0.0000001", "0.0000002")
groups = []
for order in (["25", r"25\%", "0.25"], [r"25\%", "25", "0.25"]):
    found = []
    for answer in order:
        group = next((group for group in found if same(group[0], answer)), None)
        group.append(answer) if group else found.append([answer])
    groups.append(len(found))
print(f"25% = 25: {percent[0]}, 25% = 0.25: {percent[1]}, 25 = 0.25: {percent[2]}; 1/2^66 = 1/2^67 and 1e-7 = 2e-7: {small}")
print(f"the same three answers form {groups[0]} or {groups[1]} groups, depending on their order")
assert percent == (True, True, False) and small == (True, True) and groups == [2, 1], "behavior changed"
PY
