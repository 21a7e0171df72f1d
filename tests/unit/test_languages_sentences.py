"""Sentence ends in Chinese, German and Arabic."""

import pytest

from cpmi.steps import StepRule, split_text

SENTENCES = {
    "zh": (
        "小明有5个苹果。",
        "他又买了3.5千克！",
        "现在有多少？",
        "我们算：5+3=8，即 $x=8$。",
        "（单位是个。）",
        "所以答案是8。",
    ),
    "de": (
        " Der Zug fährt z. B. um 8.30 Uhr ab, d. h. früh.",
        " Am 3. Mai kostet er 7,5 Euro usw.",
        " Über Nacht sind es 1.234,50 Euro, vgl. Abb. 2.",
        " Das 2. Glas ist z.B. voll.",
        " Öl kostet ca. 3 €.",
        " Er hat 5.",
        " Sie hat bzw. bekommt 3 Mio. Stück.",
    ),
    "ar": (
        " لدى أحمد ٥ تفاحات.",
        " اشترى ٣٫٥ كيلوغرامات!",
        " كم أصبح لديه؟",
        " دفع د. علي 3.50 دنانير؛ وبقي معه ١٫٥.",
        " إذن الجواب هو ٨.",
    ),
}


@pytest.mark.parametrize("code", SENTENCES)
def test_sentences_end_where_they_end(code: str) -> None:
    sentences = SENTENCES[code]
    steps = split_text("".join(sentences).strip(), StepRule.SENTENCE).steps
    assert [step.strip() for step in steps] == [sentence.strip() for sentence in sentences]
