"""What a piece of work cost. Adds up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Cost of requests to a language model.

    Attributes:
        calls: requests answered.
        unshared_tokens: tokens a one-forward-per-sequence program would have run through the model.
        computed_tokens: token positions that really went through the model's body, padding included.
        generated_tokens: sampled tokens.
        vocabulary_rows: positions at which the distribution over the vocabulary was computed.
        flops: floating-point operations done (body, vocabulary rows, attention blocks).
        wall_s: seconds spent in the engine.
        peak_bytes: largest memory seen; the maximum, not the sum, when usages are added.
    """

    calls: int = 0
    unshared_tokens: int = 0
    computed_tokens: int = 0
    generated_tokens: int = 0
    vocabulary_rows: int = 0
    flops: int = 0
    wall_s: float = 0.0
    peak_bytes: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            unshared_tokens=self.unshared_tokens + other.unshared_tokens,
            computed_tokens=self.computed_tokens + other.computed_tokens,
            generated_tokens=self.generated_tokens + other.generated_tokens,
            vocabulary_rows=self.vocabulary_rows + other.vocabulary_rows,
            flops=self.flops + other.flops,
            wall_s=self.wall_s + other.wall_s,
            peak_bytes=max(self.peak_bytes, other.peak_bytes),
        )
