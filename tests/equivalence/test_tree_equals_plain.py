"""The tree path equals the plain one: every architecture, context, batch composition and order."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from transformers import (  # noqa: E402
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

import tests.tiny_model as tiny  # noqa: E402
from cpmi.engines.transformers import TransformersEngine, naive  # noqa: E402
from cpmi.engines.transformers.pack import BLOCK_TOKENS, pack_tree  # noqa: E402
from cpmi.engines.transformers.routes import why_it_cannot_branch  # noqa: E402
from cpmi.errors import UnsupportedModelError  # noqa: E402
from cpmi.requests import Branch, ScoreTree  # noqa: E402

VOCABULARY = 101
TOLERANCE_NAT = 1e-4
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 48,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}


def build(name: str):
    torch.manual_seed(0)
    made = {
        "llama": lambda: LlamaForCausalLM(LlamaConfig(**SMALL)),
        "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SMALL)),
        "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SMALL, head_dim=16)),
        "gpt2": lambda: GPT2LMHeadModel(
            GPT2Config(vocab_size=VOCABULARY, n_positions=512, n_embd=48, n_layer=3, n_head=6)
        ),
        "mistral": lambda: MistralForCausalLM(MistralConfig(**SMALL, sliding_window=32)),
    }[name]()
    # Random initialization is close to uniform; larger weights make differences show.
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim > 1:
                parameter.mul_(4.0)
    return made.eval()


def engine_of(model, **options) -> TransformersEngine:
    return TransformersEngine(model, tiny.tokenizer(VOCABULARY), name="test", **options)


def random_tree(rng: random.Random) -> ScoreTree:
    """Prefix, single-step and leave-one-out shapes, shared leading tokens, duplicates, repeated prefixes."""

    def tokens(low: int, high: int) -> tuple[int, ...]:
        return tuple(rng.randrange(VOCABULARY) for _ in range(rng.randint(low, high)))

    shared_prefix = tokens(1, 60)
    branches = []
    places = [rng.randint(1, len(shared_prefix)) for _ in range(2)]
    for _ in range(rng.randint(1, 9)):
        at = rng.choice(places)
        context = rng.choice([(), tokens(1, 120), shared_prefix[at : at + rng.randint(0, 20)]])
        cue = tokens(1, 4)
        for _ in range(rng.randint(1, 5)):
            branches.append(Branch(at=at, tokens=context + cue + tokens(1, 4), num_context=len(context)))
    branches.append(branches[0])
    if len(shared_prefix) > 1:
        branches.append(Branch(at=1, tokens=shared_prefix[1:]))
    return ScoreTree(shared_prefix=shared_prefix, branches=tuple(branches))


def largest_difference(fast: list, slow: list) -> float:
    """Over all answers: the difference of the summed log-probability."""
    return max(
        abs(sum(f) - sum(s)) for fb, sb in zip(fast, slow, strict=True) for f, s in zip(fb, sb, strict=True)
    )


@pytest.mark.parametrize("name", ["llama", "qwen2", "qwen3", "gpt2"])
def test_tree_equals_plain(name):
    model = build(name)
    rng = random.Random(1)
    trees = [random_tree(rng) for _ in range(12)]
    slow = [naive.score_tree(model, tree) for tree in trees]
    # Shapes must be rich: several blocks at one place of the shared prefix, and ones beyond the usual size.
    packed = [pack_tree(tree).blocks[1:] for tree in trees]
    assert any(len({block.num_shared for block in blocks}) < len(blocks) for blocks in packed)
    assert max(block.stop - block.start for blocks in packed for block in blocks) > BLOCK_TOKENS
    # The values must spread, or agreement would mean nothing.
    every = [value for tree in slow for branch in tree for value in branch]
    assert max(every) - min(every) > 2
    for batch_tokens in (1, 100, 4096):
        for _ in range(2):
            order = rng.sample(range(len(trees)), len(trees))
            engine = engine_of(model, batch_tokens=batch_tokens)
            replies = engine.score([trees[i] for i in order])
            fast = [reply.branches for reply in replies]
            assert largest_difference(fast, [slow[i] for i in order]) <= TOLERANCE_NAT


def test_masks_that_are_made_at_use_are_the_same(monkeypatch):
    model = build("llama")
    trees = [random_tree(random.Random(seed)) for seed in range(4)]
    kept = [reply.branches for reply in engine_of(model).score(trees)]
    monkeypatch.setattr("cpmi.engines.transformers.attention.MASK_BYTES", 0)
    made = [reply.branches for reply in engine_of(model).score(trees)]
    assert made == kept


def test_a_wrong_mask_would_be_seen(monkeypatch):
    """The comparison can fail: one wrongly visible pair moves answers by far more than the tolerance."""
    model = build("llama")
    tree = random_tree(random.Random(3))
    right = engine_of(model).score([tree])[0].branches
    largest = max(pack_tree(tree).blocks[1:], key=lambda block: block.stop - block.start)

    def leaky(asked: ScoreTree):
        packed = pack_tree(asked)
        for block in packed.blocks[1:]:
            if block.start == largest.start:
                block.visible[:, 0] = True
        return packed

    monkeypatch.setattr("cpmi.engines.transformers.engine.pack_tree", leaky)
    wrong = engine_of(model).score([tree])[0].branches
    assert largest_difference([wrong], [right]) > 100 * TOLERANCE_NAT


def test_the_engine_plain_path_equals_its_tree_path():
    model = build("qwen2")
    tree = random_tree(random.Random(5))
    fast = engine_of(model).score([tree])[0]
    slow = engine_of(model, path="plain").score([tree])[0]
    assert largest_difference([fast.branches], [slow.branches]) <= TOLERANCE_NAT
    assert fast.usage.computed_tokens < slow.usage.computed_tokens == tree.unshared_tokens


def test_attention_that_cannot_branch_is_refused_and_computed_by_the_plain_path():
    model = build("mistral")
    assert "sliding window of 32" in (why_it_cannot_branch(model) or "")
    with pytest.raises(UnsupportedModelError, match="--path plain"):
        engine_of(model, path="tree")
    assert engine_of(model).route.reason == why_it_cannot_branch(model)
    tree = ScoreTree(shared_prefix=tuple(range(40)), branches=(Branch(at=40, tokens=(1, 2)),))
    reply = engine_of(model, path="plain").score([tree])[0]
    assert list(reply.branches[0]) == naive.score_tree(model, tree)[0]


def test_every_distinct_token_stands_once():
    rng = random.Random(7)
    for _ in range(50):
        tree = random_tree(rng)
        paths = {tree.shared_prefix[: i + 1] for i in range(len(tree.shared_prefix))}
        read = set(paths)
        for branch in tree.branches:
            sequence = tree.shared_prefix[: branch.at] + branch.tokens
            read |= {sequence[: i + 1] for i in range(len(sequence) - 1)}
        packed = pack_tree(tree)
        assert len(packed.tokens) == len(read)
        covered = [i for block in packed.blocks for i in range(block.start, block.stop)]
        assert covered == list(range(len(packed.tokens)))


def test_tree_equals_plain_on_smollm2(smollm2):
    """The real model: all three contexts of cpmi and net_gain on a small chain."""
    rng = random.Random(11)
    encode = smollm2.tokenizer.encode
    question = encode("Problem: Tom has 3 bags of 12 apples and eats 5. How many are left?\nSolution:\n")
    steps = [encode("Three bags hold 3*12 = 36 apples.\n"), encode("He eats 5, so 36-5 = 31 are left.\n")]
    answers = [encode(text) for text in (" 31\n", " 36\n", " 41\n", " 31.5\n", " 7\n")]
    cue = encode("The answer is:")
    whole = steps[0] + steps[1]
    q = len(question)
    ends = [q, q + len(steps[0]), q + len(whole)]
    single = [Branch(at=q, tokens=s + cue + a, num_context=len(s)) for s in ((), *steps) for a in answers]
    prefix = [Branch(at=end, tokens=cue + a, num_context=len(cue)) for end in ends for a in answers]
    left_out = [Branch(at=q, tokens=steps[1] + cue + a, num_context=len(steps[1])) for a in answers]
    trees = [
        ScoreTree(shared_prefix=question, branches=tuple(single)),
        ScoreTree(shared_prefix=question + whole, branches=tuple(prefix + left_out)),
    ]
    slow = [naive.score_tree(smollm2.model, tree) for tree in trees]
    for _ in range(2):
        order = rng.sample(range(2), 2)
        fast = [reply.branches for reply in smollm2.score([trees[i] for i in order])]
        assert largest_difference(fast, [slow[i] for i in order]) <= TOLERANCE_NAT
