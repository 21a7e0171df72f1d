"""The tokenizer as cpmi sees it: pieces join without spurious spaces, chat frames without today's date."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers")

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

import tests.tiny_model as tiny
from cpmi.engines.fake import CharacterTokenizer, FakeEngine
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.errors import RecordError, UnsupportedModelError
from cpmi.languages import ENGLISH
from cpmi.methods.net_gain import NOT_TOLD_APART
from cpmi.prompts import Prompter, prefix_free
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain
from tests.methods import make_method

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.:"


def bpe(*pieces: str, merges: tuple[tuple[str, str], ...] = (), **parts: Any) -> PreTrainedTokenizerFast:
    """BPE over lower letters, digits and `pieces`, without an unknown token: other characters are dropped."""
    vocab = {piece: i for i, piece in enumerate([*pieces, *LETTERS, *("".join(m) for m in merges)])}
    inner = Tokenizer(models.BPE(vocab=vocab, merges=list(merges)))
    for name, part in parts.items():
        setattr(inner, name, part)
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|end|>")


def sentencepiece_like(*pieces: str, merges: tuple[tuple[str, str], ...] = ()) -> PreTrainedTokenizerFast:
    """Puts a space before every text, as tokenizers of the SentencePiece kind do."""
    parts = {
        "pre_tokenizer": pre_tokenizers.Metaspace(prepend_scheme="first"),
        "decoder": decoders.Metaspace(prepend_scheme="first"),
    }
    return bpe("▁", *pieces, merges=merges, **parts)


RUNS = sentencepiece_like("\n", merges=(("\n", "\n"), ("\n\n", "\n\n")))  # tokens of runs of line breaks


def test_pieces_join_without_a_spurious_space():
    tokenizer = HuggingFaceTokenizer(sentencepiece_like("\n"))
    pieces = ["answer:", " 18", "\n", "next"]
    joined = tuple(token for piece in pieces for token in tokenizer.encode(piece))
    assert tokenizer.decode(joined).lstrip() == "answer: 18\nnext"


@pytest.mark.parametrize("breaks", [1, 2, 3, 4, 7])
def test_line_breaks_that_the_lead_would_swallow_are_encoded(breaks: int) -> None:
    tokenizer = HuggingFaceTokenizer(RUNS)
    assert tokenizer.decode(tokenizer.encode("\n" * breaks)) == "\n" * breaks


def test_with_tokens_of_line_breaks_no_answer_begins_another() -> None:
    prompter = Prompter(HuggingFaceTokenizer(RUNS))
    (end,) = prompter.tokenizer.encode("\n")
    five, more = prompter.ended_answer("5"), prompter.ended_answer("5.5")
    assert (five[-1], more[-1]) == (end, end)
    assert prefix_free([five, more])


def test_a_special_token_that_swallows_what_precedes_it_is_encoded() -> None:
    inner = sentencepiece_like("\n")
    inner.add_special_tokens({"eos_token": AddedToken("<|stop|>", lstrip=True, special=True)})
    assert HuggingFaceTokenizer(inner).encode("<|stop|>") == (inner.eos_token_id,)


@pytest.mark.parametrize(
    "inner",
    [
        sentencepiece_like(),  # no line break in its vocabulary
        bpe(" "),
        bpe(" ", pre_tokenizer=pre_tokenizers.Whitespace()),
        bpe(" ", "\n", normalizer=normalizers.Strip()),
        bpe(" ", "\n", normalizer=normalizers.Replace(Regex(r"\s+"), "")),
    ],
    ids=["metaspace", "bpe", "words", "stripped", "removed"],
)
@pytest.mark.parametrize("style", ["raw", "short", "chat"])
def test_a_tokenizer_without_a_line_break_is_refused(inner: PreTrainedTokenizerFast, style: Any) -> None:
    inner.chat_template = tiny.CHAT_TEMPLATE
    with pytest.raises(UnsupportedModelError, match="encodes what ends a step as nothing"):
        Prompter(HuggingFaceTokenizer(inner), style)


class Lossy(CharacterTokenizer):
    """Drops some characters, as vocabularies without an unknown token do."""

    def __init__(self, lost: str) -> None:
        super().__init__()
        self._lost = lost

    def encode(self, text: str) -> tuple[int, ...]:
        return super().encode("".join(c for c in text if c not in self._lost))


def labels_of(method: str, lost: str, **changes: Any) -> Any:
    chain = Chain(**{"id": "c", "question": "2 + 3?", "steps": ("It is 6.",), "gold": "5", **changes})
    flow = make_method(method, Lossy(lost)).label(chain)
    (outcome,) = run_flows([("c", flow)], FakeEngine(tokenizer=Lossy(lost)))
    return outcome.result


@pytest.mark.parametrize("method", ["evidence", "net_gain", "cpmi", "probe", "judge", "monte_carlo"])
@pytest.mark.parametrize("step", ["∞", "\u200b"])
def test_a_step_that_encodes_to_nothing_rejects_its_chain(step: str, method: str) -> None:
    found = labels_of(method, step, steps=("2 + 3 = 5", step))
    assert isinstance(found, RecordError)
    assert "encodes a piece of text as nothing" in str(found)
    assert repr(f"{step}\n") in str(found)


@pytest.mark.parametrize("method", ["evidence", "net_gain", "cpmi", "probe"])
def test_an_answer_that_encodes_to_nothing_rejects_its_chain(method: str) -> None:
    assert repr(" 7") in str(labels_of(method, "7", gold="7"))


@pytest.mark.parametrize("method", ["evidence", "net_gain", "probe"])
def test_answers_of_the_same_tokens_are_no_contrast(method: str) -> None:
    same, apart = labels_of(method, "9", answer="59"), labels_of(method, "9", answer="56")
    # Evidence labels such a chain without a contrast.
    found = same.missing_parts if method == "evidence" else same.abstained
    assert list(found.values()) == [NOT_TOLD_APART]
    assert apart.abstained == apart.missing_parts == {}


@pytest.mark.parametrize(
    ("sequences", "free"),
    [
        ([(1, 2), (1, 3), (2,)], True),
        ([(1, 3), (2,), (1, 3, 0)], False),
        ([(1, 9), (1,), (1, 2)], False),
        ([(4,), (4,)], False),
        ([(4,)], True),
    ],
)
def test_prefix_freeness(sequences: list[tuple[int, ...]], free: bool) -> None:
    assert prefix_free(sequences) is free


def test_encoding_is_reversible_with_bytes():
    tokenizer = HuggingFaceTokenizer(tiny.tokenizer())
    text = "Step 1: 3·12 = 36 €\n"
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.prefix == ()


def test_a_chat_frame_does_not_depend_on_the_day():
    inner = tiny.tokenizer()
    inner.chat_template = "<|day|>{{ strftime_now('%d %b %Y') }}" + inner.chat_template
    header, terminator = HuggingFaceTokenizer(inner).chat_frame("Hi")
    assert header == "<|day|>01 Jan 2026<|user|>Hi<|end|><|assistant|>"
    assert terminator == "<|end|>"


def test_without_a_chat_template_the_message_says_what_to_do():
    inner = tiny.tokenizer()
    inner.chat_template = None
    with pytest.raises(UnsupportedModelError, match="--prompt raw"):
        Prompter(HuggingFaceTokenizer(inner), "chat")


def test_joins_that_the_tokenizer_would_cut_otherwise_are_counted():
    class Pairs(CharacterTokenizer):
        """Takes "ab" for one token."""

        def encode(self, text: str) -> tuple[int, ...]:
            return super().encode(text.replace("ab", "\uffff"))

    prompter = Prompter(Pairs())
    assert prompter.num_tokenization_mismatches(("xa", "bx"), ("xa", "cx"), ("xa", "bx")) == 1


@pytest.mark.parametrize("template", ENGLISH.templates)
def test_templates_have_50_to_60_tokens(smollm2, template):
    assert 50 <= len(smollm2.tokenizer.encode(template)) <= 60
