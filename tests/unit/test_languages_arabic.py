"""Answers in Arabic solutions: found and compared with a gold."""

import pytest

from cpmi.types import Relation
from tests.language_cases import expect_answer, expect_case, expect_relation

# Solution, the answer found in it, a gold that is the same, one that differs.
CASES = {
    "announced": (
        "كان مع أحمد ٥ تفاحات، ثم اشترى ٣ تفاحات أخرى. إذن معه الآن ٥ + ٣ = ٨ تفاحات. الجواب هو ٨.",
        "8",
        "٨",
        "٩",
    ),
    "other word": (
        "ثمن الدفتر الواحد 2 دينار، فثمن أربعة دفاتر 8 دنانير. إذن الإجابة هي 8 دنانير.",
        "8 دنانير",
        "8",
        "6",
    ),
    "line": ("نحسب المسافة: 60 × 3 = 180\n\nالجواب: 180 كم", "180 كم", "180 كيلومترًا", "60 كم"),
    "line without hamza": ("عدد الطلاب 45 وعدد الطالبات 20.\nالاجابة: 65", "65", "65", "45"),
    "sentence": ("نطرح: 50 - 8 = 42\nالإجابة: بقي مع سارة 42 ريالًا.", "42", "٤٢ ريال", "50 ريال"),
    "final boxed": (
        "بتطبيق نظرية فيثاغورس نجد أن $c=\\sqrt{3^2+4^2}=5$.\n\nالجواب النهائي هو $\\boxed{5}$.",
        "5",
        "٥",
        "7",
    ),
    "final in bold": ("أولًا: 12 × 4 = 48.\nثانيًا: 48 − 6 = 42.\n\n**الجواب النهائي:** 42", "42", "42", "48"),
    "decimal separator": (
        "طول القطعة ٧ أمتار، ونصفها ٣٫٥ متر. لذلك فإن الجواب هو ٣٫٥ متر.",
        "3.5 متر",
        "٣٫٥",
        "٣٥",
    ),
    "thousands separator": (
        "راتبه الشهري ١٬٠٠٠ ريال، وأضيف إليه ٢٥٠ ريالًا، فأصبح ١٬٢٥٠ ريالًا.",
        "1,250",
        "١٢٥٠",
        "١٠٠٠",
    ),
    "percent": ("نجح 45 طالبًا من 60، فتكون نسبة النجاح ٧٥٪. الإجابة الصحيحة هي ٧٥٪.", "75%", "٧٥٪", "٦٠٪"),
    "fraction": (
        "احتمال ظهور الصورة في المرتين هو $\\frac12\\times\\frac12$، فالجواب هو $\\frac{1}{4}$.",
        "\\frac{1}{4}",
        "١/٤",
        "١/٢",
    ),
    "two solutions": ("نحلل المعادلة: (س - ٢)(س - ٣) = ٠، إذن س = ٢ أو س = ٣.", "2, 3", "٢، ٣", "٢، ٤"),
    "negative": ("بنقل الحدود نجد أن 2س = -10، ومنه س = -5. إذن الجواب هو -5.", "-5", "-٥", "٥"),
    "choice": (
        "بما أن مجموع زوايا المثلث ١٨٠ درجة نستبعد الخيار (أ). الإجابة الصحيحة هي (ب).",
        "(ب)",
        "(ب)",
        "",
    ),
    "result at the end": (
        "نضرب العددين ثم نجمع: ٤ × ٦ = ٢٤، و٢٤ + ١ = ٢٥. الناتج النهائي يساوي ٢٥.",
        "25",
        "25",
        "24",
    ),
    "Persian digits": ("۱۲ نصف العدد ۲۴. الجواب هو ۱۲.", "12", "١٢", "24"),
    "point": (
        "بحل المعادلتين نجد س = ١ وص = ٢، فنقطة التقاطع هي (١، ٢). الجواب: (١، ٢)",
        "(1, 2)",
        "(1,2)",
        "(2,1)",
    ),
    "millions": (
        "بلغ عدد السكان في العام الأول مليون نسمة، ثم أصبح 3 ملايين نسمة.",
        "3 ملايين",
        "3000000",
        "2000000",
    ),
    "word": ("العدد ٧ لا يقبل القسمة على ٢. الجواب هو: فردي", "فردي", "فردي", "زوجي"),
    "no announcement": (
        "دفع علي ٢٠ دينارًا، وثمن الكتاب ١٢٫٥ دينارًا؛ هل يكفيه المبلغ؟ نعم، ويبقى معه ٧٫٥ دنانير.",
        "7.5",
        "٧٫٥ دينار",
        "٧٥ دينار",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_found_and_compared(case: str) -> None:
    expect_case(*CASES[case])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("الناتج هو ١٢.\nثم نضيف ٣ فنحصل على ١٥.", "15"),  # a result on the way
        ("ما هو الجواب؟ نحسب: ٣ + ٤ = ٧.", "7"),
        ("الجواب هو ٣ مايو.", "3 مايو"),
        ("\\[ س = ٥ \\]\nإذن الجواب: $س = ٥$", "5"),
        ("الجَوابُ هُوَ ١٨.", "18"),  # with vowel signs
        ("\u200fالجواب: \u200e18\u200f", "18"),  # with marks of direction
    ],
)
def test_what_announces_and_what_does_not(text: str, answer: str) -> None:
    expect_answer(text, answer)


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("٥ أو أكثر", "٥", Relation.UNDECIDED),
        ("من ٣ إلى ٥", "٣", Relation.UNDECIDED),
        ("ساعتان", "2", Relation.UNDECIDED),
        ("نعم", "لا", Relation.DIFFERENT),
        ("٢ و٣", "2, 3", Relation.SAME),
        ("١٢ دينارًا", "١٢ دولارًا", Relation.UNDECIDED),
    ],
)
def test_no_guess(first: str, second: str, relation: Relation) -> None:
    expect_relation(first, second, relation)
