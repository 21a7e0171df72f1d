"""A tiny random model with a byte tokenizer, as a folder in transformers form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tokenizer(num_bytes: int = 256) -> Any:
    """One token a byte, of the first ones if not of all, which are ASCII; <|end|> is the end token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())[:num_bytes]
    inner = Tokenizer(models.BPE(vocab={char: i for i, char in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|end|>")
    made.chat_template = CHAT_TEMPLATE
    return made


def model(*, max_positions: int = 4096, seed: int = 0) -> Any:
    """A Llama of some 60,000 random parameters whose distribution is far from uniform."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    made = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=257,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=max_positions,
            eos_token_id=256,
            bos_token_id=None,
        )
    )
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim > 1:
                parameter.mul_(16.0)
    return made.eval()


def engine(**options: Any) -> Any:
    from cpmi.engines.transformers import TransformersEngine

    return TransformersEngine(model(), tokenizer(), name="tiny", **options)


def save(folder: Path, **options: Any) -> Path:
    """Write model and tokenizer to a folder."""
    model(**options).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
