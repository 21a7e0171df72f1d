"""The public names of `cpmi` and their signatures: a change here is a change for users."""

from __future__ import annotations

import inspect
import pkgutil

import pytest

import cpmi

SIGNATURES = {
    "calibrate": "folder out * map rated hard decode grading overwrite",
    "compare": "first second * dev num_draws seed grading",
    "consensus": "first second out * thresholds by overwrite",
    "evaluate_labels": "folders * dev num_draws seed grading",
    "export": "folder out * to threshold push private grading license overwrite",
    "extract_answer": "text decimal",
    "fit": "folder out",
    "label": "input * model method out gold progress **options",
    "check": "input * gold **options",
    "load_engine": "model * dtype path device batch_tokens threads ignore_keys verify",
    "report": "folders * evaluation best_of_n max_chains grading",
    "same_answer": "first second * grading",
    "sample": "problems * model out progress **options",
    "split_steps": "text rule",
}
CLASSES = {
    "PRM": "from_pretrained score chain_scores",
    "Candidate": "right",
    "Chain": "from_text first_error cut_off",
    "CpmiError": "",
    "Extraction": "",
    "Grading": "facts has_function",
    "Engine": "close describe max_positions name sample score tokenizer",
    "Method": "Options facts label",
    "Origin": "",
    "Rating": "",
    "Run": "",
    "SampleRun": "",
    "StepLabels": "probabilities",
    "Usage": "",
}


def test_every_name_is_pinned() -> None:
    assert set(cpmi.__all__) == {*SIGNATURES, *CLASSES, "score", "train"}
    assert dir(cpmi) == sorted(cpmi.__all__)


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    parameters = inspect.signature(getattr(cpmi, name)).parameters.values()
    words, keyword_only = [], False
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            words.append("*")
            keyword_only = True
        words.append(
            f"**{parameter.name}" if parameter.kind is inspect.Parameter.VAR_KEYWORD else parameter.name
        )
    assert " ".join(words) == SIGNATURES[name]


@pytest.mark.parametrize("name", CLASSES)
def test_classes(name: str) -> None:
    found = getattr(cpmi, name)
    assert inspect.isclass(found)
    for member in CLASSES[name].split():
        assert hasattr(found, member)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="labels"):
        _ = cpmi.labels  # type: ignore[attr-defined]


def test_no_module_has_the_name_of_a_verb() -> None:
    modules = {module.name for module in pkgutil.iter_modules(cpmi.__path__)}
    assert modules >= {"api", "reports"}
    assert not modules & set(cpmi.__all__), "importing the module would replace the verb in cpmi"
