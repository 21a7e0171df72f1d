"""`monte_carlo` equals a loop written from its definition: one prompt, one answer at a time."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tests.tiny_model as tiny
from cpmi.answers import Equivalence, extract_answer
from cpmi.flows import draw_seed
from cpmi.languages import ENGLISH
from cpmi.requests import SampleRequest
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, Relation
from tests.methods import make_method

STOP = ("\nProblem:", "\nQuestion:")


@pytest.mark.parametrize("label", ["soft", "hard"])
def test_labels_equal_the_loop(label):
    fast, plain = tiny.engine(), tiny.engine(path="plain")
    chain = Chain(id="c7", question="How many?", steps=("2 + 2 = 4.", "So 4.", "4 it is."), gold="4")
    with Equivalence() as equivalence:
        method = make_method(
            "monte_carlo",
            fast.tokenizer,
            equivalence=equivalence,
            label=label,
            rollouts=12,
            max_tokens=90,
        )
        labels = run_flows([("t", method.label(chain))], fast)[0].result
        encode, text = fast.tokenizer.encode, f"{ENGLISH.templates[0]}\n\nProblem: How many?\n\nSolution:\n"
        prompt, shown, cut_off = encode(text), "", 0
        for index, step in enumerate(chain.steps):
            prompt, shown = prompt + encode(step + "\n"), shown + step + "\n"
            request = SampleRequest(
                prompt=prompt,
                num_samples=12,
                max_tokens=90,
                temperature=0.6,
                top_p=0.95,
                stop=STOP,
                seed=draw_seed(0, f"c7/{index + 1}"),
            )
            (reply,) = plain.sample([request])
            right = decided = 0
            for text, finish in zip(reply.texts, reply.finish, strict=True):
                found = extract_answer(shown + text)
                relation = None if found is None else equivalence.compare("4", found.text).relation
                if finish == "stop" and relation is not Relation.UNDECIDED:
                    decided += 1
                    right += relation is Relation.SAME
                cut_off += finish == "length"
            expected = None if not decided else float(right > 0) if label == "hard" else right / decided
            assert labels.values[index] == expected
        assert label == "hard" or len(set(labels.values)) > 1  # else the test would be worth little
        assert sum(labels.parts["cut_off"]) == cut_off
        assert 0 < cut_off < 36
