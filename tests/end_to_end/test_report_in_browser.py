"""The page of a report in a real browser: it is quiet, loads nothing, obeys keys, and fits a phone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")
pytest.importorskip("selenium")

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cpmi.evaluate import evaluate_labels
from cpmi.evaluate.best_of_n_result import AtN, BestOfN, BestOfNRow
from cpmi.evaluate.result import Estimate
from cpmi.reports import make_report, write_report
from tests.report_runs import NASTY, chains, write_runs

DESKTOP, PHONE = (1280, 900), (390, 844)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    made = chains(40)
    # What a phone must not be widened by: a formula without a blank.
    made[6] = replace(made[6], steps=("x" * 300, "$" + "1+" * 150 + "1$"), ratings=made[6].ratings[:1] * 2)
    folders = write_runs(folder, made)
    report = make_report(folders, evaluation=evaluate_labels(folders, num_draws=20))
    write_report(report, folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def started() -> Iterator[Chrome]:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no Chromium with its chromedriver on this machine (apt-get install chromium-driver)")
    options = ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture
def chrome(started: Chrome, page: Path) -> Iterator[Chrome]:
    """The page on a desktop in light colors; afterwards, whether anything complained or was loaded."""
    for log in ("browser", "performance"):
        started.get_log(log)  # of other pages
    look(started, page)
    yield started
    assert [entry["message"] for entry in started.get_log("browser")] == []
    events = [json.loads(entry["message"])["message"] for entry in started.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {url.partition("#")[0] for url in asked} == {page.as_uri()}
    assert started.execute_script("return window.owned") is None


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Path:
    """A page of what is long: names, times, counts, and a table of best-of-N with seven N."""
    folder = tmp_path_factory.mktemp("wide")
    made = chains(40)
    folders = [run for name in ("small", "large_labeling_model") for run in write_runs(folder / name, made)]
    for run in folders:
        spent = json.loads((run / "usage.json").read_text())
        spent["totals"]["wall_s"] = spent["totals"]["usage"]["wall_s"] = 999_999
        (run / "usage.json").write_text(json.dumps(spent))
    report = make_report(folders, evaluation=evaluate_labels(folders, num_draws=20))
    ns = (1, 2, 4, 8, 16, 32, 64)
    names = ("product", "min", "weighted majority, product", "majority vote", "random pick", "pass@N")
    share = Estimate(value=0.5, low=0.25, high=0.75)
    rows = tuple(
        BestOfNRow(
            name=name,
            kind="model" if name in ("product", "min") else "baseline",
            at=tuple(AtN(n=n, accuracy=share, to_majority=share) for n in ns),
        )
        for name in names
    )
    chosen = BestOfN(
        num_problems=40, ns=ns, rows=rows, verdicts={}, left_out=(), num_draws=20, seed=0, warnings=(),
        samples=(),
    )  # fmt: skip
    few = tuple(replace(row, at=row.at[:4]) for row in rows)
    for name, of_n in (("seven", chosen), ("four", replace(chosen, ns=ns[:4], rows=few))):
        write_report(replace(report, best_of_n=of_n), folder / f"{name}.html")
    return folder


def look(chrome: Chrome, page: Path, *, size: tuple[int, int] = DESKTOP, theme: str = "light") -> None:
    width, height = size
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    features = [{"name": "prefers-color-scheme", "value": theme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    chrome.get("about:blank")  # so that a change of the part after # is a new visit, too
    chrome.get(page.as_uri())
    chrome.execute_script("try { localStorage.clear() } catch {}")


def press(chrome: Chrome, *keys: str) -> None:
    for key in keys:
        chrome.switch_to.active_element.send_keys(key)


def text(chrome: Chrome, selector: str) -> str:
    return chrome.find_element(By.CSS_SELECTOR, selector).text


def shown(chrome: Chrome) -> list[str]:
    return [e.text for e in chrome.find_elements(By.CSS_SELECTOR, ".list .id")]


def selected(chrome: Chrome) -> str:
    return text(chrome, ".detail h3")


def test_keys_walk_through_the_chains(chrome):
    assert selected(chrome) == "chain-000"
    press(chrome, "j", "j", Keys.ARROW_RIGHT)
    assert selected(chrome) == "chain-003"
    assert text(chrome, '.list [aria-current="true"] .id') == "chain-003"
    assert chrome.current_url.endswith("#chain=chain-003")
    press(chrome, "k", Keys.ARROW_LEFT, "k", "k", "k")
    assert selected(chrome) == "chain-000"
    chrome.find_element(By.CSS_SELECTOR, '.list [aria-current="true"]').send_keys(Keys.ARROW_DOWN)
    assert selected(chrome) == "chain-001"
    assert chrome.switch_to.active_element.text.startswith("chain-001")


def test_filters_and_search_narrow_the_list(chrome):
    assert text(chrome, ".counted") == "40 of 40 chains"
    press(chrome, "f")
    assert text(chrome, '[aria-checked="true"]').split("\n")[0].startswith("Wrong chains")
    assert shown(chrome) == [f"chain-{index:03d}" for index in range(1, 40, 2)]
    press(chrome, "f", "f")
    assert shown(chrome) == ["chain-005", "chain-022", "chain-039"]
    press(chrome, "f", "/")
    press(chrome, *"chain-02")
    assert shown(chrome) == [f"chain-{index:03d}" for index in range(20, 30)]
    assert selected(chrome) == "chain-020"
    press(chrome, Keys.ARROW_DOWN)
    assert selected(chrome) == "chain-021"
    press(chrome, *" no such")
    assert text(chrome, ".empty").startswith("No chain fits")


def test_a_link_leads_to_its_chain(chrome, page):
    chrome.get("about:blank")
    chrome.get(f"{page.as_uri()}#chain=chain-011")
    assert selected(chrome) == "chain-011"


def test_a_chain_shows_its_steps_labels_and_charts(chrome):
    press(chrome, "j")
    made = chains(40)[1]
    rows = chrome.find_elements(By.CSS_SELECTOR, ".steps tbody tr")
    assert [row.find_element(By.CSS_SELECTOR, ".text").text.split("\n")[0] for row in rows] == list(
        made.steps
    )
    words = {"right": "right", "wrong": "wrong", "not_judged": "not judged"}
    assert [row.find_element(By.CSS_SELECTOR, ".rating").text for row in rows] == [
        words[rating.value] for rating in made.ratings
    ]
    assert len(chrome.find_elements(By.CSS_SELECTOR, ".steps .cell")) == 3 * len(made.steps)
    single_step, prefixes, rollouts = chrome.find_elements(By.CSS_SELECTOR, ".charts svg.chart")
    assert not single_step.find_elements(By.CSS_SELECTOR, "path.gold")
    assert len(single_step.find_elements(By.CSS_SELECTOR, ".link")) == len(made.steps) + 1
    assert len(prefixes.find_elements(By.CSS_SELECTOR, "path.gold, path.wrong")) == 2
    assert len(rollouts.find_elements(By.CSS_SELECTOR, ".rate-point")) == len(made.steps)
    assert rollouts.find_elements(By.CSS_SELECTOR, ".error")


def test_an_abstention_says_why(chrome):
    press(chrome, *"jjjjj")
    assert text(chrome, ".abstention") == (
        "cpmi abstains at every step: no negative for a gold answer of type text."
    )


def test_markup_in_a_question_is_inert(chrome):
    press(chrome, "j", "j", "j")
    assert text(chrome, ".question") == NASTY
    assert not chrome.find_elements(By.CSS_SELECTOR, "img")


def test_help_opens_and_closes(chrome):
    press(chrome, "?")
    assert chrome.execute_script("return document.querySelector('#keys').open")
    press(chrome, Keys.ESCAPE)
    assert not chrome.execute_script("return document.querySelector('#keys').open")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_follows_the_theme(chrome, page, size, theme):
    look(chrome, page, size=size, theme=theme)
    assert _fits(chrome, size)
    assert (_luminance(chrome, "body", "background-color") > 0.5) == (theme == "light")
    assert _contrast(chrome, ".statement") > 4.5
    press(chrome, *"jjjjjj")  # the chain that has no place to break
    assert _fits(chrome, size)
    press(chrome, "t")
    assert (_luminance(chrome, "body", "background-color") > 0.5) == (theme == "dark")
    assert _contrast(chrome, ".statement") > 4.5
    drawn = chrome.find_element(By.CSS_SELECTOR, "#cost text")
    ink = chrome.execute_script("return getComputedStyle(arguments[0]).fill", drawn)
    assert "var" not in ink
    assert ink != "rgb(0, 0, 0)"


@pytest.mark.parametrize("ns", ["four", "seven"])
@pytest.mark.parametrize("font", ["Liberation Sans", "DejaVu Sans"])
def test_no_table_is_cut_on_a_desktop(started, wide, ns, font):
    look(started, wide / f"{ns}.html")
    started.execute_script(f"document.documentElement.style.setProperty('--sans', '{font}')")
    sizes = started.execute_script(
        "return [...document.querySelectorAll('.scroll, .panel')].map(e => [e.scrollWidth, e.clientWidth]);"
    )
    assert len(sizes) > 4
    assert all(scrolled <= seen for scrolled, seen in sizes), sizes
    headings = [e.text for e in started.find_elements(By.CSS_SELECTOR, "thead th")]
    assert {"time", "N = 8"} <= set(headings)


def test_a_command_is_one_line_when_it_is_copied(chrome, page):
    commands = chrome.execute_script(
        "return [...document.querySelectorAll('footer pre')].map(e => e.innerText);"
    )
    made = [line["command"] for line in json.loads(page.with_suffix(".json").read_text())["runs"]]
    assert commands[:-1] == made
    assert commands[-1].startswith("cpmi report ")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_labels_are_legible_on_their_color(chrome, page, theme):
    look(chrome, page, theme=theme)
    worst: list[float] = []
    for _ in range(6):
        for cell in chrome.find_elements(By.CSS_SELECTOR, ".cell.high, .cell.low"):
            worst.append(_contrast(chrome, cell))
        press(chrome, "j")
    assert min(worst) > 4.5


def _fits(chrome: Chrome, size: tuple[int, int]) -> bool:
    """Nothing is wider than the screen; a phone would zoom out for it."""
    scrolled, seen, inner = chrome.execute_script(
        "const root = document.documentElement; return [root.scrollWidth, root.clientWidth, innerWidth];"
    )
    return scrolled == seen and inner == size[0]


def _contrast(chrome: Chrome, what: Any) -> float:
    """WCAG contrast of an element's text against its own background, or the page's."""
    own = _luminance(chrome, what, "background-color")
    behind = _luminance(chrome, "body", "background-color") if own is None else own
    ink = _luminance(chrome, what, "color")
    return (max(ink, behind) + 0.05) / (min(ink, behind) + 0.05)


def _luminance(chrome: Chrome, what: Any, name: str) -> float | None:
    """Relative luminance of a color, painted so that every notation of CSS is understood; None if clear."""
    red, green, blue, alpha = chrome.execute_script(
        """const [what, name] = arguments;
        const element = typeof what === "string" ? document.querySelector(what) : what;
        const canvas = document.createElement("canvas").getContext("2d");
        canvas.fillStyle = getComputedStyle(element).getPropertyValue(name);
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];""",
        what,
        name,
    )
    if not alpha:
        return None
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
