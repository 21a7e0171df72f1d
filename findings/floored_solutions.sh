#!/usr/bin/env bash
# Some of reasoning-gym's worked solutions, and a few of its gold answers, are false arithmetic.
#
# Likely guess: worked solutions of generated problems (metadata.answer_cot) are right in every step, as a program
#   computes them.
# Seen: where a quantity has to be whole, its fraction is cut off and the step is still written as an equation, such as
#   90 / 24 = 3. Of 2,000 solutions of gsm_symbolic 36 hold a step that is wrong by 1/2 or more. In four of them the exact
#   result is whole and floating point made it one less: 544.5 / 1.1 = 494, and the gold answer is 494 (495 is right).
# Versions: reasoning-gym 0.1.25.
# Why it matters: taken as chains whose steps are all right, they teach a PRM that false divisions are right, and right
#   rollouts are counted as wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet reasoning-gym==0.1.25
venv/bin/python - <<'PY'
import operator
import re
from fractions import Fraction

import reasoning_gym

NUMBER = r"(\d+(?:\.\d+)?)"
EQUATION = re.compile(  # one operation and its result behind a word, not a piece of a longer expression
    rf"(?:^|[a-wyz] ){NUMBER} ?([*/+x-]) ?{NUMBER} ?= ?{NUMBER}(?=[ \n]|$)(?! *[*/x+%-])", re.MULTILINE
)
APPLY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "x": operator.mul, "/": operator.truediv}
problems = reasoning_gym.create_dataset("gsm_symbolic", size=2000, seed=42)
read, false, gold = 0, {}, []
for index, problem in enumerate(problems):
    for left, sign, right, result in EQUATION.findall(problem["metadata"]["answer_cot"]):
        read += 1
        exact = APPLY[sign](Fraction(left), Fraction(right))
        if abs(exact - Fraction(result)) >= Fraction(1, 2):
            false.setdefault(index, f"{left} {sign} {right} = {result}")
            if exact.denominator == 1 and problem["answer"] == result:
                gold.append(f"{left} {sign} {right} is {exact}, gold answer {result}")
print(f"{read} equations read in {len(problems)} solutions, {len(false)} solutions hold a false one; {gold[0]}")
assert len(false) == 36 and len(gold) == 4 and "90 / 24 = 3" in false.values(), "behavior changed"
PY
