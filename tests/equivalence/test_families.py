"""Architectures of every kind: the path each takes, scores and samples against the plain ones, FLOPs."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402
from transformers import CONFIG_MAPPING, AutoModelForCausalLM  # noqa: E402

import tests.tiny_model as tiny  # noqa: E402
from cpmi.engines.transformers import TransformersEngine, load_engine, naive, selftest  # noqa: E402
from cpmi.engines.transformers.flops import flop_model, parameters  # noqa: E402
from cpmi.errors import UnsupportedModelError  # noqa: E402
from cpmi.requests import Branch, SampleRequest, ScoreTree  # noqa: E402
from tests.tiny_families import CONFIGS, build, save  # noqa: E402


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def scores_differ(engine: TransformersEngine) -> float:
    """Three trees against every branch alone, in nat."""
    rng = random.Random(0)
    tokens = lambda length: tuple(rng.randrange(257) for _ in range(length))  # noqa: E731
    trees = [
        ScoreTree(
            shared_prefix=tokens(20),
            branches=tuple(Branch(at=at, tokens=tokens(5), num_context=2) for at in (6, 20, 20)),
        )
        for _ in range(3)
    ]
    pairs = [
        (fast, slow)
        for tree, reply in zip(trees, engine.score(trees), strict=True)
        for scored, branch in zip(reply.branches, naive.score_tree(engine.model, tree), strict=True)
        for fast, slow in zip(scored, branch, strict=True)
    ]
    assert max(slow for _, slow in pairs) - min(slow for _, slow in pairs) > 0.5
    return max(abs(fast - slow) for fast, slow in pairs)


@pytest.mark.parametrize("family", sorted(CONFIGS.keys() - {"bert"}))
def test_scores_are_the_plain_ones(family):
    """Llama 4 with a small floor_scale: its packed rows were wrong by more than 0.1 nat. Others crashed."""
    assert scores_differ(TransformersEngine(build(family), tiny.tokenizer(), name=family)) <= 1e-4


@pytest.mark.parametrize("family", ["deepseek_v3", "cohere2", "olmo3", "gemma3_text", "qwen3_moe"])
def test_these_branch_and_sample_the_same_texts_by_both_paths(family):
    model = build(family)
    engine = TransformersEngine(model, tiny.tokenizer(), name=family, path="tree")
    plain = TransformersEngine(model, tiny.tokenizer(), name=family, path="plain")
    requests = [
        SampleRequest(prompt=tuple(range(9, 9 + n)), num_samples=3, max_tokens=9, temperature=1.0, seed=n)
        for n in (3, 8, 12)
    ]
    texts = [reply.texts for reply in plain.sample(requests)]
    assert [reply.texts for reply in engine.sample(requests)] == texts
    assert len({text for each in texts for text in each}) == 9


@pytest.mark.parametrize(
    ("family", "reason", "sampling"),
    [
        ("llama4_text", "attn_temperature_tuning", "cached"),
        ("mamba", "custom attention function", "cached"),
        ("bloom", "custom attention function", "padded"),
        ("gpt_oss", "s_aux", "padded"),
        ("bart", "custom attention function", "cached"),  # padded, it was wrong by 0.8 nat
        ("roberta", "differ from the plain ones", "uncached"),  # its positions begin behind the padding token
    ],
)
def test_the_others_fall_back_with_a_reason(family, reason, sampling, tmp_path):
    folder = save(family, tmp_path)
    with pytest.raises(UnsupportedModelError, match=reason):
        load_engine(folder, path="tree")
    engine = load_engine(folder)
    facts = engine.describe()
    assert (facts["path_asked"], facts["path"], facts["plain_sampling"]) == ("auto", "plain", sampling)
    assert reason in facts["path_reason"]
    prompts = [(5, 6, 7, 8), (9, 10)]
    way = selftest.SAMPLING_WAYS[sampling]
    assert selftest.samples_differ(way, engine.model, engine.endings, prompts, max_tokens=12) is None
    request = SampleRequest(prompt=prompts[0], num_samples=2, max_tokens=5, temperature=1.0)
    assert len(engine.sample([request])[0].texts) == 2


def test_every_way_of_plain_sampling_draws_the_same():
    engine = TransformersEngine(build("qwen3_moe"), tiny.tokenizer(), name="qwen3_moe", path="plain")
    stops = tuple("abcdefghijklmnopqrstuvwxyz")
    requests = [
        SampleRequest(prompt=prompt, num_samples=3, max_tokens=9, temperature=1.0, seed=1, stop=stops)
        for prompt in ((5, 6, 7), (9, 10), (1, 2, 3))
    ]
    drawn = [way(engine.model, engine.endings, requests) for way in selftest.SAMPLING_WAYS.values()]
    assert drawn[0].texts == drawn[1].texts == drawn[2].texts
    assert drawn[0].finish == drawn[1].finish == drawn[2].finish
    assert {"stop", "length"} == {end for ends in drawn[0].finish for end in ends}


def test_a_model_that_looks_ahead_is_refused(tmp_path):
    """A BERT without is_decoder: by either path a label would read the future."""
    folder = save("bert", tmp_path)
    for path in ("auto", "plain"):
        with pytest.raises(UnsupportedModelError, match="depends on later tokens"):
            load_engine(folder, path=path)


def test_a_wrong_tree_path_is_found_once_and_remembered(tmp_path, monkeypatch):
    folder = save("qwen3_moe", tmp_path)
    right = selftest.tree.score_batch
    monkeypatch.setattr(
        selftest.tree,
        "score_batch",
        lambda model, batch: [[[v + 0.01 for v in b] for b in t] for t in right(model, batch)],
    )
    with pytest.raises(UnsupportedModelError, match=r"0\.01 nat"):
        load_engine(folder, path="tree")
    monkeypatch.setattr(selftest.tree, "score_batch", None)  # from here on the cache answers
    route = load_engine(folder).route
    assert (route.path, route.reason) == (
        "plain",
        "scoring: the tree path's scores differ from the plain ones by up to 0.01 nat",
    )


@pytest.mark.parametrize("family", ["deepseek_v3", "qwen3_moe", "gpt_oss", "llama4_text", "cohere2", "bloom"])
def test_flops_are_those_of_torchs_counter(family):
    model = build(family)
    for config in (model.config, model.config.get_text_config()):
        config._attn_implementation = config._experts_implementation = "eager"
    flops = flop_model(model, model.get_output_embeddings())
    for length in (8, 24):
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            model(input_ids=torch.arange(length)[None] + 40, use_cache=False)
        counted = counter.get_total_flops()
        assert flops.total(tokens=length, rows=length, pairs=length * length) == counted


@pytest.mark.parametrize(
    ("family", "sizes", "total", "active"),
    [
        (
            "qwen3_moe",  # Qwen3-30B-A3B
            {
                "vocab_size": 151936, "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 48,
                "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128,
                "num_experts_per_tok": 8, "moe_intermediate_size": 768, "tie_word_embeddings": False,
            },
            30.5e9,
            3.3e9,
        ),
        (
            "gpt_oss",  # gpt-oss-20b
            {
                "vocab_size": 201088, "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 24,
                "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "num_local_experts": 32,
                "num_experts_per_tok": 4, "tie_word_embeddings": False,
            },
            20.9e9,
            4.2e9,  # its authors' 3.6e9 without the embedding table
        ),
    ],
)  # fmt: skip
def test_active_parameters_of_known_models(family, sizes, total, active):
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[family](**sizes))
    found = parameters(model)
    assert found.total == pytest.approx(total, rel=0.01)
    assert found.active == pytest.approx(active, rel=0.02)
    flops = flop_model(model, model.get_output_embeddings())
    table = model.get_input_embeddings().weight.numel()
    assert flops.per_token + flops.per_row == pytest.approx(2 * (found.active - table), rel=0.001)
