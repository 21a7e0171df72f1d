"""Answers in Chinese solutions: found and compared with a gold."""
# ruff: noqa: E501 - a solution stays in one piece

import pytest

from cpmi.types import Relation
from tests.language_cases import expect_answer, expect_case, expect_relation

# Solution, the answer found in it, a gold that is the same, one that differs.
CASES = {
    "announced": (
        "小明原来有 5 个苹果，妈妈又给了他 3 个。\n所以小明现在一共有 5 + 3 = 8 个苹果。\n答案是：8",
        "8",
        "8个",
        "9个",
    ),
    "so the answer": (
        "每箱有 12 瓶，4 箱共有 12×4=48 瓶。喝掉 6 瓶后剩下 48-6=42 瓶。所以答案是42。",
        "42",
        "42",
        "48",
    ),
    "final answer boxed": (
        "由勾股定理，$AC=\\sqrt{3^2+4^2}=5$，因此面积为 $\\frac{1}{2}\\times3\\times4=6$。\n\n最终答案：$\\boxed{6}$。",
        "6",
        "6",
        "5",
    ),
    "line of the pupil": (
        "解：设每支铅笔 x 元，则 3x+2=8，解得 x=2。\n答：每支铅笔2元。",
        "2",
        "2元",
        "3元",
    ),
    "heading in brackets": (
        "【分析】由题意得函数在区间上单调递减。\n【答案】C\n【点评】本题考查函数的单调性。",
        "C",
        "C",
        "B",
    ),
    "therefore choose": ("由 a+b=0 知 a 与 b 互为相反数，①③正确，②错误。\n故选：B。", "B", "(B)", "D"),
    "bold": (
        "第一步，算出总价：15 × 4 = 60（元）。\n第二步，减去优惠：60 − 12 = 48（元）。\n\n因此她应付 **48元**。",
        "48 元",
        "48",
        "60",
    ),
    "unit behind": ("汽车的速度是60千米/时，行驶3小时，所以路程是60×3=180千米。", "180", "180千米", "60千米"),
    "negative without a blank": ("移项得2x=-10，两边同除以2，得x=-5。因此答案为-5。", "-5", "-5", "5"),
    "two solutions": ("方程化为 (x-2)(x-3)=0，所以 x=2 或 x=3。", "2, 3", "2, 3", "2, 4"),
    "full-width": ("全班共有４５人，其中男生２５人，所以女生有４５－２５＝２０人。", "20", "２０", "25"),
    "percent": ("合格的有 45 件，总数是 60 件，合格率为45÷60×100％=75％。答案：75％", "75%", "75%", "60%"),
    "fraction": (
        "两枚硬币都是正面的概率为 $\\frac12\\times\\frac12=\\frac14$，故最终答案为 $\\frac{1}{4}$。",
        "\\frac{1}{4}",
        "1/4",
        "1/2",
    ),
    "money in ten thousands": (
        "每月收入5万元，一年共12个月，所以年收入为5×12=60万元。",
        "60 万",
        "600000元",
        "6万元",
    ),
    "decimal": (
        "圆的面积是 3.14×2×2=12.56 平方厘米。\n答：圆的面积是12.56平方厘米。",
        "12.56",
        "12.56平方厘米",
        "6.28",
    ),
    "no announcement": (
        "先求出鸡的数量。设全是兔，则应有 35×4=140 只脚，多出 140−94=46 只，鸡有 46÷2=23 只，兔有 35−23=12 只。",
        "12",
        "12",
        "23",
    ),
    "point": (
        "联立两式，解得 x=1，y=2，故交点坐标为（1，2）。所以答案是（1，2）。",
        "(1, 2)",
        "(1,2)",
        "(2,1)",
    ),
    "ratio": ("男生30人，女生20人，化简得3：2。答案是3：2。", "3:2", "3:2", "2:3"),
    "word": ("因为每一项都能被2整除，所以和是偶数。最终答案是偶数。", "偶数", "偶数", "奇数"),
    "markdown label": ("### 解答\n\n总共需要 7 天完成。\n\n**答案：** 7 天", "7 天", "7天", "8天"),
}


@pytest.mark.parametrize("case", CASES)
def test_found_and_compared(case: str) -> None:
    expect_case(*CASES[case])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("第一步的结果是12。\n第二步再加3，得到15。", "15"),  # a result on the way
        ("我们来求出答案。3+4=7，所以一共7个。", "7"),
        ("验证答案：3+4=7，成立。所以 x 为 3。", "3"),
        ("答案是多少？我们算：3+4=7。", "7"),
        ("x = 12。验算：3×4=12，结果是正确的。", "12"),
        ("从4月28日起经过5天，所以答案是5月3日。", "5 月 3 日"),
        ("因此，正确答案是选项 C。", "C"),
        ("所以选择 D 选项。", "D"),
        ("答案：否", "否"),
        ("答案是18，因为 20-2=18，而 18 是偶数。", "18"),
    ],
)
def test_what_announces_and_what_does_not(text: str, answer: str) -> None:
    expect_answer(text, answer)


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("18多个", "18", Relation.UNDECIDED),
        ("3至5天", "3", Relation.UNDECIDED),
        ("5元", "5美元", Relation.UNDECIDED),
        ("2小时", "120分钟", Relation.UNDECIDED),
        ("1,234", "１，２３４", Relation.SAME),
        ("是", "否", Relation.DIFFERENT),
        ("2和3", "2, 3", Relation.SAME),
    ],
)
def test_no_guess(first: str, second: str, relation: Relation) -> None:
    expect_relation(first, second, relation)
