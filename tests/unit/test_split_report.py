import json

from cpmi.steps import Distribution, SplitReport, split_text


def test_distribution_has_values_of_the_sample() -> None:
    found = Distribution.of({1: 1, 2: 2, 10: 1})
    assert found == Distribution(minimum=1, lower_quartile=1, median=2, upper_quartile=2, maximum=10)
    assert Distribution.of({}) is None


def test_report_counts_texts_steps_blocks_and_reasons() -> None:
    texts = [
        "a\n\nbb\n\nccc",
        "a",
        "",
        "\\[\na\n\nb\n\\]",
        "<think>a\n\nb</think>\n\nc",
        "<think>a",
        "x:\n\n- a\n- b\n\n```\n\n```",
    ]
    report = SplitReport.of(split_text(text, "paragraph") for text in texts)
    assert report.num_texts == 7
    assert report.num_steps == 3 + 1 + 0 + 1 + 3 + 1 + 2
    assert (report.num_thinking, report.num_cut_off) == (2, 1)
    assert report.num_kept == {"formula": 1, "list": 1, "code": 1}
    assert report.num_unsplit == {
        "no blank line inside": 2,
        "blank text: no step": 1,
        "every place to cut lies in a block that is kept whole": 1,
    }
    assert report.steps == Distribution(minimum=0, lower_quartile=1, median=1, upper_quartile=3, maximum=3)
    assert report.characters == Distribution(
        minimum=1, lower_quartile=1, median=1, upper_quartile=8, maximum=11
    )


def test_report_as_json() -> None:
    report = SplitReport.of([split_text("<think>ab</think>\nc", "line"), split_text("d--e", "regex:-+")])
    five = {"minimum": 2, "lower_quartile": 2, "median": 2, "upper_quartile": 2, "maximum": 2}
    assert json.loads(json.dumps(report.as_json())) == {
        "texts": 2,
        "steps": 4,
        "steps_per_text": five,
        "characters_per_step": dict(zip(five, (1, 1, 1, 1, 2), strict=True)),
        "characters_between": len("<think></think>--"),
        "unsplit": {},
        "kept_whole": {},
        "thinking": 1,
        "cut_off": 0,
    }


def test_report_of_nothing() -> None:
    report = SplitReport()
    assert (report.num_texts, report.num_steps, report.steps, report.characters) == (0, 0, None, None)
