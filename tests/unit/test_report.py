"""The report: what it says of runs, what it leaves out, and that no text of the data becomes markup."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command
from typer.testing import CliRunner

from cpmi.cli import app
from cpmi.config import LabelConfig
from cpmi.errors import InputError
from cpmi.evaluate import Evaluation, evaluate_labels
from cpmi.reports import MAX_CHAINS, Report, make_report
from cpmi.reports.chains import embed_chains
from cpmi.reports.page import as_inert_json, render
from cpmi.reports.plots import spread
from cpmi.reports.runs import command, common_folder, read_runs
from cpmi.reports.summary import findings_by_run
from cpmi.runs.manifest import Manifest
from cpmi.runs.table import read_labels
from cpmi.types import FirstErrorUnknown, Rating
from tests.report_runs import NASTY, chains, write_run, write_runs

VOID = ("meta", "link", "img", "input", "br", "hr")


@dataclass
class Page(HTMLParser):
    """The elements of a page, and what stands inside its scripts."""

    tags: Counter[str] = field(default_factory=Counter)
    ids: Counter[str] = field(default_factory=Counter)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids.update(value for name, value in attrs if name == "id")
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    return write_runs(tmp_path_factory.mktemp("runs"), chains(60))


@pytest.fixture(scope="module")
def evaluation(folders) -> Evaluation:
    return evaluate_labels(folders, num_draws=40)


@pytest.fixture(scope="module")
def report(folders, evaluation) -> Report:
    return make_report(folders, evaluation=evaluation)


@pytest.fixture(scope="module")
def html(report) -> str:
    return render(report, json_name="report.json", own_command="cpmi report runs --out report.html")


def parse(html: str) -> Page:
    page = Page()
    page.feed(html)
    assert not page.open
    return page


def test_the_report_says_what_was_labeled_and_what_follows(report):
    assert report.statement.startswith("cpmi, net_gain and monte_carlo labeled ")
    assert " steps of 60 chains with smollm2-135m on AMD EPYC (2 cores), " in report.statement
    assert [card.name for card in report.cards] == ["cpmi", "net_gain", "monte_carlo", "no model"]
    # One kind of number on all cards, with its unit.
    for card in report.cards[:-1]:
        facts = dict(card.facts)
        assert facts["generated tokens per step"].replace(" ", "").rstrip("kM").replace(".", "").isdigit()
        assert facts["computed tokens per step"] != facts["generated tokens per step"]
    assert report.verdict.tone == "adds"
    assert "monte_carlo" in report.verdict.lead


def test_a_label_that_adds_nothing_is_told_so(folders, evaluation):
    label = evaluation.row("cpmi")
    nothing = replace(label.gain.concordance, value=0.001, low=-0.01, high=0.01)
    poor = replace(label, gain=replace(label.gain, concordance=nothing))
    rows = tuple(row for row in evaluation.rows if row.kind != "label")
    report = make_report(folders[:1], evaluation=replace(evaluation, rows=(poor, *rows)))
    assert report.verdict.tone == "nothing"
    assert report.verdict.lead == (
        "cpmi adds nothing measurable to what step count, length and position tell without a model."
    )


def test_the_bars_hold_every_concordance(folders, evaluation):
    label = evaluation.row("cpmi")
    poor = replace(label, concordance=replace(label.concordance, value=0.27, low=0.1, high=0.5))
    rows = tuple(row for row in evaluation.rows if row.kind != "label")
    report = make_report(folders[:1], evaluation=replace(evaluation, rows=(poor, *rows)))
    page = render(report, json_name="report.json", own_command="cpmi report")
    assert "Scale of the bars: 0.2 to 1." in page
    assert "--value: 8.8%; --low: 0.0%; --high: 37.5%" in page


def test_findings_go_to_the_run_they_are_of():
    sentences = ["a: adds.", "a in b: adds not.", "a in b against a: below.", "Something else."]
    assert findings_by_run(["a", "a in b"], sentences) == (
        [["Adds."], ["Adds not.", "Against a: below."]],
        ["Something else."],
    )


def test_chains_carry_what_the_browser_filters_by(folders):
    made = chains(60)
    kept = embed_chains(read_runs(folders), max_chains=300)
    assert [chain["id"] for chain in kept.chains] == [t.id for t in made]
    assert kept.rule == ""
    assert kept.num_left_out == 0
    for chain, t in zip(kept.chains, made, strict=True):
        wrong = [i for i, rating in enumerate(t.ratings) if rating is Rating.WRONG]
        assert chain["first_error"] == (wrong[0] if wrong else None)
        assert chain["outcome"] == ("wrong" if wrong else "right")
        assert [len(column["values"]) for column in chain["labels"]] == [len(t.steps)] * 3
    abstaining = kept.chains[5]["labels"][0]
    assert set(abstaining["values"]) == {None}
    assert len(abstaining["abstained"]) == len(made[5].steps)
    assert "gold" not in kept.chains[0]["labels"][2]
    assert set(kept.chains[0]["labels"][2]["decided"]) == {7}


def test_a_first_error_behind_an_unjudged_step_is_unknown(tmp_path):
    """As in every other room: the step that is not judged may be the first error."""
    made = next(t for t in chains(20) if len(t.steps) > 2)
    ratings = (Rating.NOT_JUDGED, Rating.WRONG, *(Rating.RIGHT for _ in made.steps[2:]))
    folders = write_runs(tmp_path, [replace(made, ratings=ratings)])
    (chain,) = embed_chains(read_runs(folders), max_chains=1).chains
    assert chain["first_error"] is None
    assert chain["no_error"] == f"first error unknown: {FirstErrorUnknown.NOT_JUDGED_BEFORE}"


def test_the_final_answer_on_the_page_is_the_one_of_all_other_rooms(tmp_path):
    first, second, *_ = chains(8)
    cut_off = replace(first, answer=None, meta={"finish": "length"})
    folders = write_runs(tmp_path, [cut_off, replace(second, meta={"outcome": "right"})])
    shown = embed_chains(read_runs(folders), max_chains=2).chains
    assert [(chain["answer"], chain["outcome"]) for chain in shown] == [
        (None, None),
        (second.answer, "right"),
    ]


def test_quantiles_are_ranks_within_the_run(folders):
    (run,) = read_runs(folders[1:2])
    (chain, *_) = embed_chains([run], max_chains=300).chains
    every = [v for row in run.rows.values() for v in row.labels.values if v is not None]
    value = run.rows[chain["id"]].labels.values[0]
    below = sum(other < value for other in every)
    assert chain["labels"][0]["quantiles"][0] == pytest.approx((below + 0.5) / len(every), abs=1e-3)


def test_methods_disagree_where_their_weakest_steps_have_none_in_common(folders):
    for chain in embed_chains(read_runs(folders), max_chains=300).chains:
        weakest = [set(column["lowest"]) for column in chain["labels"] if column["lowest"]]
        assert chain["disagree"] == any(not a & b for a in weakest for b in weakest)


def test_what_is_left_out_is_said(folders):
    runs = read_runs(folders)
    few = embed_chains(runs, max_chains=10)
    assert (len(few.chains), few.num_left_out) == (10, 50)
    assert few.rule == "the first 10 in the order of the input; a page holds at most 10 chains"
    light = embed_chains(runs, max_chains=300, max_bytes=20_000)
    assert 1 <= len(light.chains) < 60
    assert light.rule.endswith("a page holds at most 0.0 MB of chains")


def test_contexts_say_where_a_line_may_be_drawn(report):
    assert [run.label_facts.contexts for run in report.runs] == ["single_step", "prefix", "prefix"]


def test_no_text_of_the_data_becomes_markup(html):
    page = parse(html)
    assert html.startswith("<!doctype html>")
    assert page.tags["script"] == 2
    assert page.tags["img"] == 0
    assert not [a for a in page.attributes if a[1].startswith("on")]
    (data,) = [text for text in page.scripts if text.startswith("{")]
    found = [chain for chain in json.loads(data)["chains"] if chain["question"] == NASTY]
    assert len(found) == 1
    assert found[0]["steps"][0] == NASTY


@given(st.text(alphabet=st.sampled_from("</script><!--&\u2028\u2029'\"\\x")))
def test_embedded_json_cannot_end_its_element(text):
    made = as_inert_json({"text": text})
    assert not set(made) & set("<>&\u2028\u2029")
    assert json.loads(made) == {"text": text}


def test_the_page_asks_for_nothing(html):
    page = parse(html)
    assert not [a for a in page.attributes if a[1] == "src" or a[0] in ("link", "iframe", "object")]
    targets = [value for tag, name, value in page.attributes if name == "href"]
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert "default-src 'none'" in html
    assert "@import" not in html
    assert html.count("url(") == html.count("url(#")
    assert set(page.ids.values()) == {1}
    assert {target[1:] for target in targets} <= set(page.ids)


def test_plots_follow_the_theme(html):
    assert "#0a0b" not in html
    assert "DejaVu" not in html.split("</style>")[-1]
    assert html.count('class="plot') == 7  # quality against cost in two widths, three methods, two curves


def test_a_heavy_report_stays_below_three_megabytes(tmp_path):
    long = " ".join(["word"] * 260)
    unrated = chains(300, rated=False)
    heavy = [replace(t, steps=tuple(step + long for step in t.steps)) for t in unrated]
    report = make_report(write_runs(tmp_path, heavy))
    page = render(report, json_name="report.json", own_command="cpmi report")
    assert report.chains.num_left_out > 0
    assert 2_000_000 < len(page.encode()) < 3_000_000


def test_chains_without_ratings_still_give_a_report(tmp_path):
    report = make_report(write_runs(tmp_path, chains(12, rated=False)))
    assert report.evaluation is None
    assert report.verdict.tone == "unrated"
    assert "no ratings" in report.verdict.sentences[0]
    page = parse(render(report, json_name="report.json", own_command="cpmi report"))
    assert {"distribution-0-figure_1", "data"} <= set(page.ids)
    assert "cost" not in page.ids
    assert "curves" not in page.ids


def test_ratings_that_allow_no_evaluation_are_a_reason_not_an_error(tmp_path):
    unjudged = [
        replace(t, ratings=(Rating.NOT_JUDGED,) * (len(t.steps) - 1) + (Rating.WRONG,)) for t in chains(6)
    ]
    report = make_report(write_runs(tmp_path, [t for t in unjudged if len(t.steps) > 1]))
    assert report.evaluation is None
    assert report.verdict.sentences[0].startswith("They could not be held against their ratings: ")


def test_two_runs_of_a_method_are_told_apart(tmp_path):
    first = write_runs(tmp_path / "large", chains(20))
    second = write_runs(tmp_path / "small", chains(20), seed=1)
    report = make_report([first[0], second[0]])
    names = [run.name for run in report.runs]
    assert len(set(names)) == 2
    assert all(str(tmp_path) not in name for name in names)
    assert "large" in names[0]
    assert "small" in names[1]


@pytest.mark.parametrize(
    ("folders", "shared"),
    [
        (["/a/b/c", "/a/b/d/e"], "/a/b/"),
        (["/a/b"], ""),
        (["a", "b"], ""),
        (["/a", "/b"], ""),
        (["/a", "b"], ""),
    ],
)
def test_what_folders_share_is_cut_from_names(folders, shared):
    assert common_folder([Path(folder) for folder in folders]) == shared


def test_an_evaluation_of_other_runs_is_refused(folders, evaluation, tmp_path):
    with pytest.raises(InputError, match="the evaluation is of other runs"):
        make_report(folders[:2], evaluation=evaluation)
    (other,) = write_runs(tmp_path, chains(8))[:1]
    with pytest.raises(InputError, match=r"the evaluation is of other runs.*no row of"):
        make_report([*folders, other], evaluation=evaluation)


def test_runs_that_do_not_fit_together_are_refused(folders, tmp_path):
    with pytest.raises(InputError, match="given twice"):
        read_runs([folders[0], folders[0]])
    rows = list(read_labels(folders[0]))
    changed = tuple(step + "!" for step in rows[0].chain.steps)
    rows[0] = replace(rows[0], chain=replace(rows[0].chain, steps=changed))
    with pytest.raises(InputError, match="chain chain-000 has other steps"):
        read_runs([folders[0], write_run(tmp_path / "changed", "cpmi", rows)])


def test_the_command_is_read_off_the_manifest(report):
    assert command(report.runs[0].manifest) == (
        "cpmi label chains.jsonl --gold gold.jsonl --model smollm2-135m --method cpmi --out runs/cpmi "
        "--context single_step --negatives 4 --variants 4 --dtype float32"
    )
    assert command(None) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_labels_are_moved_apart_in_order(values):
    placed = sorted(spread(values, 0.05))
    assert all(after - before > 0.05 - 1e-3 for before, after in pairwise(placed))


def test_the_command_line_writes_page_and_json(folders, evaluation, tmp_path):
    path = tmp_path / "evaluation.json"
    path.write_text(json.dumps(evaluation.to_json()))
    out = tmp_path / "new" / "report.html"
    arguments = ["report", *map(str, folders), "--evaluation", str(path), "--max-chains", "7", "-o", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "7 shown, 53 left out" in done.output
    content = json.loads(out.with_suffix(".json").read_text())
    assert content["num_chains_left_out"] == 53
    assert len(content["chains"]) == 7
    assert content["evaluation"] == json.loads(path.read_text())
    assert parse(out.read_text()).tags["script"] == 2


def test_the_command_of_a_run_holds_flags_that_exist():
    known = {flag for option in get_command(app).get_command(None, "label").params for flag in option.opts}
    options = {"input": "in", "out": "out", "model": "m"}
    for method in ("cpmi", "net_gain", "monte_carlo"):
        config = LabelConfig.parse({**options, "method": method})
        made = Manifest(
            determines={
                "method": method,
                "options": config.options.determining(),
                "chunk_size": 4,
                "limit": 3,
            },
            circumstances={"input": "in", "model": "m", "out": "out"},
        )
        line = command(made).split()
        assert {word for word in line if word.startswith("--")} <= known
        assert "--chunk-size" in line


def test_the_command_line_and_python_keep_equally_many_chains():
    (option,) = [o for o in get_command(app).get_command(None, "report").params if o.name == "max_chains"]
    assert option.default == MAX_CHAINS


def test_wrong_use_is_said(folders, tmp_path):
    done = CliRunner().invoke(app, ["report", str(folders[0]), "-o", str(tmp_path / "report.pdf")])
    assert done.exit_code == 2
    assert "a page ends in .html" in done.output
    done = CliRunner().invoke(
        app, ["report", str(folders[0]), "--evaluation", str(tmp_path / "no"), "-o", str(tmp_path / "r.html")]
    )
    assert done.exit_code == 2
    assert "cannot be read" in done.output
