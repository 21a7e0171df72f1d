"""Methods from outside: in a file, in a module, in an installed package; what is refused and why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import cpmi
from cpmi.config import LabelConfig
from cpmi.engines.fake import FakeEngine
from cpmi.errors import ConfigError
from cpmi.methods import METHODS, NetGain
from cpmi.plugins import find_method, installed, source_of
from cpmi.runs.manifest import read_manifest

SOURCE = (
    (Path(__file__).parents[2] / "examples" / "step_logprob.py")
    .read_text()
    .replace('"step_logprob"', '"example"')
)
"""The method of CONTRIBUTING."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my_method.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    path = tmp_path / "chains.jsonl"
    path.write_text('{"id": "a", "question": "What is 2 + 2?", "steps": ["2 + 2 = 4.", "So 4."]}\n')
    return path


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, entry: str, source: str = SOURCE) -> None:
    """A package with an entry point, as pip leaves it."""
    info = folder / "step_methods-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "step_methods.py").write_text(source)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: step-methods\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[cpmi.methods]\n{entry}\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "step_methods", raising=False)


def test_a_file_labels_and_its_digest_is_part_of_the_run(file: Path, chains: Path, tmp_path: Path) -> None:
    options = {"model": FakeEngine(), "method": str(file)}
    once = cpmi.label(chains, **options, out=tmp_path / "once")
    twice = cpmi.label(chains, **options, out=tmp_path / "twice", scale=2)
    for one, two in zip(once, twice, strict=True):
        assert [2 * value for value in one.labels.values] == pytest.approx(two.labels.values)
        assert one.labels.method == "example"
    manifest = read_manifest(tmp_path / "twice")
    assert manifest is not None
    assert manifest.determines["method"] == "example"
    assert manifest.determines["options"]["scale"] == 2.0
    assert manifest.circumstances["facts"]["unit"] == "nat"
    found = source_of(find_method(str(file)))
    assert manifest.determines["method_source"] == found
    file.write_text(SOURCE + "# another version\n")
    assert source_of(find_method(str(file))) != found
    with pytest.raises(cpmi.CpmiError, match="method_source"):
        cpmi.label(chains, **options, out=tmp_path / "once")


def test_an_installed_method_is_listed_unloaded_and_found(
    tmp_path: Path, chains: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", monkeypatch, "example = step_methods:StepLogprob")
    assert installed()["example"].value == "step_methods:StepLogprob"
    assert "step_methods" not in sys.modules
    run = cpmi.label(chains, model=FakeEngine(), method="example", out=tmp_path / "out", scale=3)
    assert len(list(run)) == 1
    assert find_method("step_methods:StepLogprob") is find_method("example")


def test_a_broken_plugin_is_said_only_when_it_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", monkeypatch, "broken = step_methods:Nothing", "raise OSError('no licence')")
    assert "broken" in installed()
    assert find_method("evidence") is METHODS["evidence"]
    with pytest.raises(ConfigError, match=r"cannot be loaded .*OSError: no licence"):
        find_method("broken")


def test_methods_of_this_library_are_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "site", monkeypatch, "net_gain = step_methods:StepLogprob")
    assert find_method("net_gain") is NetGain
    assert "net_gain" not in installed()


def test_the_class_and_its_options_from_python(file: Path, chains: Path, tmp_path: Path) -> None:
    method = find_method(f"{file}:StepLogprob")
    (by_class,) = cpmi.label(chains, model=FakeEngine(), method=method, out=tmp_path / "class", scale=2)
    given = method.Options(scale=2.0)  # type: ignore[call-arg]
    (by_options,) = cpmi.label(chains, model=FakeEngine(), method=given, out=tmp_path / "options")
    assert by_class.labels == by_options.labels


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("", "{}", "no subclass of cpmi.Method"),
        (SOURCE + "\n\nclass Other(StepLogprob):\n    pass\n", "{}", "StepLogprob, Other"),
        (SOURCE, "{}:Absent", "not a method"),
        (SOURCE.replace('    unit = "nat"\n', ""), "{}", "no unit"),
        (SOURCE.replace("def label(", "def labels("), "{}", "no label"),
        ("import absent_package", "{}", "No module named 'absent_package'"),
        (SOURCE, "{}x.py", "no such file"),
        (SOURCE, "absent_module:Class", "No module named 'absent_module'"),
        (SOURCE, "mcts", "no such method"),
    ],
)
def test_what_is_refused(tmp_path: Path, source: str, name: str, message: str) -> None:
    path = tmp_path / "my_method.py"
    path.write_text(source)
    with pytest.raises(ConfigError, match="option method") as caught:
        find_method(name.format(path))
    assert message in str(caught.value)


def test_an_option_that_every_run_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "my_method.py"
    path.write_text(SOURCE.replace("scale: float", "seed: float").replace("options.scale", "options.seed"))
    with pytest.raises(ConfigError, match="option seed: method example declares an option that every"):
        LabelConfig.parse({"input": "i", "out": "o", "model": "m", "method": str(path)})


def test_an_unknown_option_of_a_method_of_ones_own(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"example has no option scales.*an option of example: scale"):
        LabelConfig.parse({"input": "i", "out": "o", "model": "m", "method": str(file), "scales": 2})
