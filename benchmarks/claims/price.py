"""A million labeled steps at 8 billion parameters on an H100: from measured tokens, by stated rates.

Measured: how many tokens a method computes and generates per step, and how long its sequences are
(`benchmarks.claims.run timed`). Computed: what an H100 needs for as many with the shape of Qwen3-8B. Scoring
is bound by arithmetic. Generation reads all weights and the keys and values of every sequence in flight for
one token each, so it is bound by the slower of memory and arithmetic. Both are taken at a share of the
card's data sheet, and the price of an hour is an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = 1_000_000
NUM_ROLLOUTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A model.

    Attributes:
        body: parameters that every token passes.
        head: parameters of the output layer.
        kv_bytes: keys and values of one token, all layers.
        bytes_per_parameter: of the weights.
    """

    name: str
    body: float
    head: float
    kv_bytes: int
    bytes_per_parameter: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A GPU: dense products in bfloat16 per second, bytes read per second, and its memory."""

    name: str
    flops: float
    bandwidth: float
    memory: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What no run here has measured: the share of the data sheet that is reached, the price of an hour."""

    share: float = 0.4
    dollars_per_hour: float = 3.0


# 36 layers, 4,096 wide, 8 heads of keys and values of 128, feed-forward 12,288, vocabulary 151,936.
QWEN3_8B = Shape(
    name="Qwen3-8B",
    body=36 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 12288),
    head=4096 * 151_936,
    kv_bytes=36 * 2 * 1024 * 2,
)
H100 = Card(name="H100 SXM", flops=989.4e12, bandwidth=3.35e12, memory=80e9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of a million steps: hours of the card for scoring and for generating, and dollars."""

    scoring_h: float
    generating_h: float
    dollars: float

    @property
    def hours(self) -> float:
        return self.scoring_h + self.generating_h


def price(
    spent: Mapping[str, float], *, shape: Shape = QWEN3_8B, card: Card = H100, assumed: Assumptions
) -> Price:
    """What a million steps cost.

    Args:
        spent: by one run: num_steps, computed_tokens, generated_tokens, vocabulary_rows; and sequence_tokens,
            the mean length of a sequence that is generated.
        shape: of the model.
        card: that computes.
        assumed: its share and price.
    """
    computed, generated, rows = (
        spent[name] / spent["num_steps"]
        for name in ("computed_tokens", "generated_tokens", "vocabulary_rows")
    )
    # A sample's last token is drawn and not computed.
    read, rows = max(computed - generated, 0), max(rows - generated, 0)
    scoring_s = 2 * (shape.body * read + shape.head * rows) / (card.flops * assumed.share)
    generating_s = 0.0
    if generated:
        generating_s = generated / (tokens_per_s(spent["sequence_tokens"], shape, card) * assumed.share)
    hours = [seconds * STEPS / 3600 for seconds in (scoring_s, generating_s)]
    return Price(scoring_h=hours[0], generating_h=hours[1], dollars=sum(hours) * assumed.dollars_per_hour)


def tokens_per_s(sequence_tokens: float, shape: Shape = QWEN3_8B, card: Card = H100) -> float:
    """Tokens per second that a card could generate at its data sheet, as many sequences at once as fit."""
    parameters = shape.body + shape.head
    weights = parameters * shape.bytes_per_parameter
    in_flight = (0.9 * card.memory - weights) / (sequence_tokens * shape.kv_bytes)
    reading_s = (weights + in_flight * sequence_tokens * shape.kv_bytes) / card.bandwidth
    arithmetic_s = 2 * parameters * in_flight / card.flops
    return in_flight / max(reading_s, arithmetic_s)
