"""The tokenizer as cpmi sees it: pieces join without spurious spaces, chat frames without today's date."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

import tests.tiny_model as tiny
from cpmi.engines.fake import CharacterTokenizer
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.errors import UnsupportedModelError
from cpmi.prompts import TEMPLATES, Prompter


def sentencepiece_like():
    """Puts a space before every text, as tokenizers of the SentencePiece kind do."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = ["▁", "\n", *"abcdefghijklmnopqrstuvwxyz0123456789.:"]
    inner = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    inner.decoder = decoders.Metaspace(prepend_scheme="first")
    return PreTrainedTokenizerFast(tokenizer_object=inner)


def test_pieces_join_without_a_spurious_space():
    tokenizer = HuggingFaceTokenizer(sentencepiece_like())
    pieces = ["answer:", " 18", "\n", "next"]
    joined = tuple(token for piece in pieces for token in tokenizer.encode(piece))
    assert tokenizer.decode(joined).lstrip() == "answer: 18\nnext"


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


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_have_50_to_60_tokens(smollm2, template):
    assert 50 <= len(smollm2.tokenizer.encode(template)) <= 60
