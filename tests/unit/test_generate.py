"""Sampling: seeded draws, stop strings, end tokens, and the prompt computed once."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import tests.tiny_model as tiny  # noqa: E402
from cpmi.engines.transformers.draws import draw  # noqa: E402
from cpmi.engines.transformers.endings import Endings, make_rows  # noqa: E402
from cpmi.requests import SampleRequest  # noqa: E402


def request(text: str, **options) -> SampleRequest:
    defaults = {"num_samples": 3, "max_tokens": 12, "temperature": 1.0, "seed": 5}
    return SampleRequest(prompt=tuple(text.encode()), **{**defaults, **options})


def greedy_reference(engine, prompt: tuple[int, ...], max_tokens: int) -> str:
    """Greedy decoding by one full forward a token."""
    tokens = list(prompt)
    for _ in range(max_tokens):
        with torch.inference_mode():
            token = int(engine.model(input_ids=torch.tensor([tokens])).logits[0, -1].argmax())
        if token == 256:
            break
        tokens.append(token)
    return engine.tokenizer.decode(tokens[len(prompt) :])


def test_greedy_equals_full_forwards_in_a_padded_batch():
    engine = tiny.engine()
    prompts = ["a", "a much longer prompt than the first one", "3 + 4 ="]
    requests = [request(p, temperature=0.0, num_samples=2) for p in prompts]
    for asked, reply in zip(requests, engine.sample(requests), strict=True):
        expected = greedy_reference(engine, asked.prompt, asked.max_tokens)
        assert reply.texts == (expected, expected)


def test_samples_depend_on_the_seed_and_not_on_the_neighbors():
    engine = tiny.engine()
    alone = engine.sample([request("one prompt")])[0]
    among = engine.sample([request("another, longer prompt", seed=1), request("one prompt")])[1]
    assert alone.texts == among.texts
    assert len(set(alone.texts)) > 1
    assert engine.sample([request("one prompt", seed=6)])[0].texts != alone.texts


def test_stop_strings_end_a_sample_and_are_cut_off():
    engine = tiny.engine()
    free = engine.sample([request("go", max_tokens=30)])[0]
    stop = next(char for char in free.texts[0][2:] if char.isascii() and char.isprintable())
    stopped = engine.sample([request("go", max_tokens=30, stop=(stop,))])[0]
    assert stopped.texts[0] == free.texts[0].split(stop)[0]
    assert stopped.finish[0] == "stop"


def test_the_prompt_is_computed_once_for_all_samples():
    engine = tiny.engine()
    usage = engine.sample([request("x" * 200, num_samples=8, max_tokens=4)])[0].usage
    assert usage.computed_tokens < 200 + 8 * 4
    assert usage.unshared_tokens >= 8 * 200
    assert usage.generated_tokens <= 8 * 4


def test_the_nucleus_matches_its_definition():
    """Frequencies of draws follow the renormalized nucleus, also when it is wider than the first guesses."""
    rng = np.random.default_rng(0)
    num_draws = 4000
    uniforms = (np.arange(num_draws) + 0.5) / num_draws
    for size, top_p in ((8, 0.7), (300, 0.9), (2000, 0.9), (2000, 1.0)):
        probs = torch.tensor(rng.dirichlet(np.full(size, 0.8)), dtype=torch.float32)
        order = probs.argsort(descending=True)
        mass = probs[order].double().cumsum(0)
        kept = min(int((mass < top_p).sum()) + 1, size)
        logits = (probs.log() * 0.7).expand(num_draws, -1)  # the temperature takes the factor out again
        drawn = draw(logits, np.full(num_draws, 0.7), np.full(num_draws, top_p), uniforms)
        assert set(drawn) <= set(order[:kept].tolist())
        for token in order[:3].tolist():
            expected = float(probs[token] / mass[kept - 1])
            assert drawn.count(token) / num_draws == pytest.approx(expected, abs=2e-3)


def test_rows_with_other_settings_do_not_change_a_draw():
    rng = np.random.default_rng(1)
    num_rows = 40
    logits = torch.tensor(rng.normal(size=(num_rows, 700)) * rng.choice([0.1, 4.0], (num_rows, 1)))
    temperatures, nuclei = rng.choice([0.0, 0.6, 1.0], num_rows), rng.choice([0.3, 0.95, 1.0], num_rows)
    uniforms = rng.random(num_rows)
    together = draw(logits, temperatures, nuclei, uniforms)
    alone = [
        draw(logits[i : i + 1], temperatures[i : i + 1], nuclei[i : i + 1], uniforms[i : i + 1])[0]
        for i in range(num_rows)
    ]
    assert together == alone
    greedy = temperatures == 0
    assert (np.array(together)[greedy] == logits.argmax(-1).numpy()[greedy]).all()


def test_a_stop_string_is_found_wherever_it_ends():
    """Inside a token's text, across tokens, and where its last character is cut into several tokens."""
    endings = Endings(tiny.model(), tiny.tokenizer())
    for text, stop, expected in (
        ("one\n\nProblem: two", ("\nProblem:",), "one\n"),
        ("a½b", ("½",), "a"),
        ("a½½b", ("½½b", "zz"), "a"),
        ("no end", ("\n",), "no end"),
    ):
        rows = make_rows([request("?", num_samples=1, max_tokens=60, stop=stop)])
        for token in tiny.tokenizer()(text).input_ids:
            if not rows[0].finish:
                endings.advance(rows, [token])
        if not rows[0].finish:
            endings.advance(rows, [256])
        assert (rows[0].text, rows[0].finish) == (expected, "stop")
