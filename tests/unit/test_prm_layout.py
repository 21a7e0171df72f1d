"""The layout of reward models: joined ids are the ids of the joined text, and cuts fall between steps."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest

from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.errors import ConfigError, ContextTooLongError, InputError, ModelError, RecordError
from cpmi.prm.examples import Example
from cpmi.prm.layout import Encoder, Layout
from cpmi.prm.rows import make_rows
from cpmi.prm.step_token import choose_step_token

CHAINS = [
    ("Ana has 12 apples and eats 5. How many are left?", ("12 - 5 = 7", "The answer is: 7")),
    (
        " What is\n\n$\\frac{1}{2}$ of 18.50?  ",
        ("  First,\n\nhalf of it:", "\\[ 18.50/2 = 9.25 \\]\n", "#### 9.25"),
    ),
    ("Wie groß ist 3·12 €?", ("…", "36 €.", "- 36", "'36'", "(36)")),
    ("x", ("\tTab.\n", "a:\n1. b\n2. c", "12")),
]
STEP = "<|step|>"


def small_bpe(*, lines: bool = True) -> Any:
    """A byte-level BPE of 600 tokens with a begin token; without `lines`, it merges across line breaks."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=lines)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<s>", "<pad>", "<reserved_0>", "<reserved_1>"],
        show_progress=False,
    )
    text = [f"Problem: {question}\nSolution:\n{' '.join(steps)}" for question, steps in CHAINS]
    inner.train_from_iterator(text * 20, trainer)
    inner.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", pad_token="<pad>")


def embedded() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(files("cpmi") / "embedded" / "model"))


def encoder_of(inner: Any) -> Encoder:
    return Encoder(Layout(step_token=choose_step_token(inner)), HuggingFaceTokenizer(inner))


@pytest.fixture(scope="module", params=["embedded", "small_bpe"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return encoder_of(embedded() if request.param == "embedded" else small_bpe())


@pytest.mark.parametrize("chain", CHAINS)
def test_ids_of_the_joined_text_are_the_joined_ids(encoder: Encoder, chain: tuple[str, tuple[str, ...]]):
    question, steps = chain
    encoded = encoder.encode(question, steps)
    assert tuple(encoder.tokenizer.inner(encoder.layout.text(question, steps)).input_ids) == encoded.ids
    assert encoder.joins(question, steps)
    # Every step token stands directly behind its step's text, and nowhere else.
    assert [i for i, token in enumerate(encoded.ids) if token == encoder.step_id] == list(
        encoded.step_positions
    )
    ends = [encoded.num_question, *(position + 1 for position in encoded.step_positions)]
    texts = [encoder.tokenizer.inner.decode(encoded.ids[a : b - 1]) for a, b in pairwise(ends)]
    assert texts == [step.strip() for step in steps]


@pytest.mark.parametrize("chain", CHAINS)
def test_the_same_with_the_tokenizer_of_smollm2(smollm2: Any, chain: tuple[str, tuple[str, ...]]):
    encoder = encoder_of(smollm2.tokenizer.inner)
    assert encoder.layout.step_token == "<repo_name>"
    assert encoder.joins(*chain)


def test_a_tokenizer_that_joins_otherwise_is_reported():
    encoder = encoder_of(small_bpe(lines=False))
    examples = [
        Example(id=str(i), question=question, steps=steps, targets=(1.0,) * len(steps))
        for i, (question, steps) in enumerate(CHAINS)
    ]
    otherwise = [not encoder.joins(question, steps) for question, steps in CHAINS]
    _, counts = make_rows(examples, encoder, max_length=4096)
    assert counts.chains_joined_otherwise == sum(otherwise) > 0


def test_a_chain_is_cut_at_the_end_of_a_step_and_counted():
    encoder = encoder_of(embedded())
    question, steps = CHAINS[0]
    whole = encoder.encode(question, steps)
    for max_length in range(whole.num_question + 1, len(whole.ids) + 1):
        cut = encoder.encode(question, steps, max_length=max_length)
        kept = len(cut.step_positions)
        assert len(cut.ids) <= max_length
        assert cut.ids == encoder.encode(question, steps[:kept]).ids
        assert cut.num_left_out == len(steps) - kept
    with pytest.raises(ContextTooLongError):
        encoder.encode(question, steps, max_length=whole.num_question)
    example = Example(id="a", question=question, steps=steps, targets=(1.0, 0.0))
    rows, counts = make_rows([example] * 3, encoder, max_length=len(whole.ids) - 1)
    assert [row.targets for row in rows] == [(1.0,)] * 3
    assert (counts.chains_truncated, counts.steps_truncated, counts.targets_truncated) == (3, 3, 3)
    rows, counts = make_rows([example], encoder, max_length=5)
    assert rows == []
    assert (counts.chains_truncated, counts.steps_truncated, counts.chains_without_target) == (1, 2, 1)


def test_what_follows_the_last_target_is_not_computed_and_not_truncated():
    encoder = encoder_of(embedded())
    question, steps = CHAINS[2]
    example = Example(id="a", question=question, steps=steps, targets=(None, 1.0, 0.0, None, None))
    (row,), counts = make_rows([example], encoder, max_length=4096)
    assert row.ids == encoder.encode(question, steps[:3]).ids
    assert row.targets == (1.0, 0.0)
    assert (counts.targets, counts.steps_truncated) == (2, 0)


def test_a_step_token_inside_the_text_is_an_error():
    encoder = encoder_of(embedded())
    with pytest.raises(RecordError, match="holds the step token"):
        encoder.encode("Question?", ("a", f"b {STEP} c"), where="here")
    with pytest.raises(RecordError, match="holds the step token"):
        encoder.encode(f"Question {STEP}?", ("a",))


def test_the_step_token_is_reserved():
    inner = embedded()
    assert choose_step_token(inner) == STEP
    assert choose_step_token(small_bpe()) == "<reserved_0>"
    assert choose_step_token(small_bpe(), "<reserved_1>") == "<reserved_1>"
    with pytest.raises(ConfigError, match="no such added token"):
        choose_step_token(inner, "apples")
    with pytest.raises(ModelError, match="not a reserved token"):
        Encoder(Layout(step_token=" apples"), HuggingFaceTokenizer(inner))


def test_a_token_with_a_role_is_not_free():
    from tests import tiny_model

    with pytest.raises(ModelError, match="no reserved token"):
        choose_step_token(tiny_model.tokenizer())


def test_a_layout_is_read_back():
    layout = Layout(step_token=STEP)
    assert Layout.from_json(layout.to_json(), where="here") == layout
    with pytest.raises(InputError, match="not a layout"):
        Layout.from_json({"step_token": STEP, "other": "x"}, where="here")


def test_a_step_that_encodes_to_nothing_is_refused() -> None:
    from tokenizers import Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    vocab = {letter: i for i, letter in enumerate("\n ab:")}  # BPE without an unknown token drops the rest
    inner = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    inner.decoder = decoders.Fuse()
    encoder = encoder_of(
        PreTrainedTokenizerFast(tokenizer_object=inner, additional_special_tokens=["<step>"])
    )
    assert encoder.encode("a", ("ab", "b")).step_positions
    with pytest.raises(RecordError, match=r"file, line 2: .* as nothing \(got '∞'"):
        encoder.encode("a", ("ab", "∞"), where="file, line 2")
