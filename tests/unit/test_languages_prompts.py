"""What is said to a model in every language, and where the language of a run is kept."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import pytest

import cpmi
from cpmi.config import LabelConfig, SampleConfig
from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.errors import ConfigError
from cpmi.languages import ARABIC, CHINESE, ENGLISH, GERMAN, LANGUAGES, Language
from cpmi.languages.noticed import LanguageWarning, script_of
from cpmi.prompts import Prompter, wording
from cpmi.requests import SampleRequest, Samples, ScoreTree, TreeLogprobs
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain
from cpmi.weights import Origin, Weights, prompt_of
from tests.methods import make_method

ENGLISH_WORDING = "fc6df8c13e76b98384f6ad6a9a954f7ff5adcbefd01febba49b7b4f165e6f3d1"
EVERY = pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
QUESTIONS = {
    "zh": "小明有5个苹果，又买了 3 个。他现在一共有多少个苹果？",
    "ar": "لدى أحمد ٥ تفاحات، ثم اشترى ٣ تفاحات. كم تفاحة لديه الآن؟",
    "de": "Anna hat 5 Äpfel und kauft 3 dazu. Wie viele Äpfel hat sie?",
}


def test_english_is_what_it_was_before_there_were_other_languages() -> None:
    said = json.dumps(wording(ENGLISH), sort_keys=True).encode()
    assert sha256(said).hexdigest() == ENGLISH_WORDING
    prompter = Prompter(CharacterTokenizer())
    assert prompter.question_text("Solve.", " 1 + 1? ") == "Solve.\n\nProblem: 1 + 1?\n\nSolution:\n"
    assert prompter.answer_text("2") == " 2"


@EVERY
def test_every_language_says_all_there_is_to_say(language: Language) -> None:
    assert len(set(language.templates)) == len(set(language.cues)) == len(set(language.judgments)) == 4
    said = [*language.templates, *language.cues, language.judge, language.wrong_answer]
    assert all(text == text.strip() for text in said)
    for cue, right, wrong in language.judgments:
        assert cue
        assert not right.startswith(wrong)
        assert not wrong.startswith(right)
        assert right.startswith(language.gap)
        assert wrong.startswith(language.gap)
    assert any(text.strip("\n:：") in language.problem for text in language.run_on)
    assert language.fact == ({} if language is ENGLISH else {"language": language.code})


@pytest.mark.parametrize("language", [CHINESE, ARABIC], ids=["zh", "ar"])
def test_no_english_is_left(language: Language) -> None:
    said = [value for name, value in asdict(language).items() if name not in ("code", "name")]
    texts = json.dumps(said, ensure_ascii=False).replace("\\n", "")
    assert not [letter for letter in texts if letter.isascii() and letter.isalpha()]


def test_no_two_languages_share_a_text() -> None:
    texts = [text for language in LANGUAGES.values() for text in (*language.templates, *language.cues)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (CHINESE, "解。\n\n题目：1 + 1？\n\n解答：\n"),
        (GERMAN, "解。\n\nAufgabe: 1 + 1？\n\nLösung:\n"),
        (ARABIC, "解。\n\nالمسألة: 1 + 1？\n\nالحل:\n"),
    ],
    ids=["zh", "de", "ar"],
)
def test_the_labels_of_a_prompt(language: Language, expected: str) -> None:
    prompter = Prompter(CharacterTokenizer(), "raw", language)
    assert prompter.question_text("解。", "1 + 1？") == expected
    assert prompter.stop == language.run_on


def test_the_short_style_is_english() -> None:
    with pytest.raises(ConfigError, match="the short prompts are English"):
        Prompter(CharacterTokenizer(), "short", GERMAN)
    given = {"input": "x", "out": "y", "model": "embedded", "language": "zh"}
    for parse in (SampleConfig.parse, lambda options: LabelConfig.parse({**options, "method": "judge"})):
        with pytest.raises(ConfigError, match=r"option language.*'zh'.*'en' with --prompt short"):
            parse(given)
    with pytest.raises(ConfigError, match="option language"):
        SampleConfig.parse({**given, "model": "m", "language": "fr"})


def chain(language: str) -> Chain:
    return Chain(id="a", question=QUESTIONS[language], steps=("5 + 3 = 8",), gold="8")


@pytest.mark.parametrize("code", ["zh", "de", "ar"])
def test_the_language_determines_a_run(code: str, tmp_path: Path) -> None:
    manifests = {}
    for language in ("en", code):
        options = {"language": language, "negatives": 2}
        with pytest.warns(LanguageWarning) if language == "en" and code != "de" else nullcontext():
            cpmi.label(
                [chain(code)], model=FakeEngine(), method="net_gain", out=tmp_path / language, **options
            )
        manifests[language] = json.loads((tmp_path / language / "manifest.json").read_text())
    assert "language" not in manifests["en"]["determines"]["options"]
    assert "labels" not in manifests["en"]["determines"]["prompts"]
    assert manifests[code]["determines"]["options"]["language"] == code
    assert manifests[code]["determines"]["prompts"]["cues"] == list(LANGUAGES[code].cues)
    assert manifests[code]["fingerprint"] != manifests["en"]["fingerprint"]


@pytest.mark.parametrize("code", ["zh", "de", "ar"])
@pytest.mark.parametrize("method", ["cpmi", "net_gain", "judge", "evidence", "monte_carlo"])
def test_every_method_speaks_the_language(code: str, method: str) -> None:
    asked: list[str] = []

    class Listening(FakeEngine):
        def score(self, trees: Sequence[ScoreTree]) -> Sequence[TreeLogprobs]:
            for tree in trees:
                asked.append(self.tokenizer.decode(tree.shared_prefix))
                asked.extend(self.tokenizer.decode(branch.tokens) for branch in tree.branches)
            return super().score(trees)

        def sample(self, requests: Sequence[SampleRequest]) -> Sequence[Samples]:
            asked.extend(self.tokenizer.decode(request.prompt) for request in requests)
            return super().sample(requests)

    options = {"sampled": 2} if method == "cpmi" else {}
    made = make_method(method, language=LANGUAGES[code], **options)
    ((done,),) = [[outcome.result for outcome in run_flows([("a", made.label(chain(code)))], Listening())]]
    assert not isinstance(done, Exception)
    english = [ENGLISH.problem, ENGLISH.solution, *ENGLISH.cues, *(j.cue for j in ENGLISH.judgments)]
    assert asked
    assert not [text for text in asked for said in english if said.strip() in text]
    assert any(LANGUAGES[code].problem in text for text in asked)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (QUESTIONS["zh"], "zh"),
        ("已知函数 $f(x)=\\frac{1}{x}$，求 $f(2)$ 的值。", "zh"),
        (QUESTIONS["ar"], "ar"),
        (QUESTIONS["de"], ""),
        ("Tom has 3 pens. 他 is Chinese for he. How many has he?", ""),
        ("太郎くんはりんごを5個持っています。", ""),
        ("나는 사과 5개를 가지고 있다.", ""),
        ("1 + 1 = ?", ""),
    ],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


def test_check_advises_the_language() -> None:
    chains = [replace(chain("zh"), id="a"), replace(chain("zh"), id="b"), replace(chain("de"), id="c")]
    assert (
        "2 of 3 questions are in Chinese script, and prompts are English by default: give --language zh "
        "to label or sample"
    ) in cpmi.check(chains).warnings
    assert not [warning for warning in cpmi.check(chains[1:]).warnings if "script" in warning]


def test_sampling_in_the_wrong_language_is_noticed(tmp_path: Path) -> None:
    problems = [{"id": "a", "question": QUESTIONS["ar"], "gold": "٨"}]
    with pytest.warns(LanguageWarning, match="1 of 1 questions are in Arabic script.*--language ar"):
        cpmi.sample(problems, model=FakeEngine(texts=["الجواب هو ٨."]), out=tmp_path / "en")
    run = cpmi.sample(problems, model=FakeEngine(texts=["الجواب هو ٨."]), out=tmp_path / "ar", language="ar")
    (made,) = run
    assert (made.answer, made.gold, made.meta["final_answer"]) == ("8", "٨", "same")


def test_weights_of_another_language_are_noticed() -> None:
    fitted = Origin(model="m", digest="d", prompt=prompt_of({"prompt": "raw"}))
    weights = Weights(bias=0.0, least_number=1.0, mean=1.0, gain=1.0, origin=fitted)
    assert weights.notice(fitted) == ""
    used = replace(fitted, prompt=prompt_of({"prompt": "raw", "language": "zh"}))
    assert (
        weights.notice(used) == "weights fitted on m (raw), used for m (raw, zh): fit your own with cpmi fit"
    )
