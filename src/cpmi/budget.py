"""What the user would spend, as a share of full Monte Carlo: said as such, in tokens, or in money."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from cpmi.errors import ConfigError

_FORM = re.compile(r"(?P<number>\d[\d_]*(?:\.\d+)?)\s*(?P<unit>%|usd)?", re.IGNORECASE | re.ASCII)
_EXPECTED = "a share of full Monte Carlo as 20%, tokens as 2000000, or money as 3.50usd; more than 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget as it was said.

    Attributes:
        amount: above 0; a share of every chain's own full cost (above 1 it is more than full Monte Carlo), or
            computed tokens of the whole input together.
        is_share: which of the two.
        text: as it was given.
    """

    amount: float
    is_share: bool
    text: str

    @classmethod
    def parse(cls, text: str, *, price: float | None = None) -> Budget:
        """Read "20%", "2000000" or "3.50usd".

        Args:
            text: what was given.
            price: of a million tokens, in US dollars, > 0; None if none was given.

        Raises:
            ConfigError: nothing of that kind, not more than 0, money without a price, or a price without
                money.
        """
        where = "option budget"
        found = _FORM.fullmatch(text.strip())
        amount = float(found["number"].replace("_", "")) if found else 0.0
        if found is None or not 0 < amount < math.inf:
            raise ConfigError("not a budget", where=where, got=repr(text), expected=_EXPECTED)
        in_money = (found["unit"] or "").lower() == "usd"
        if in_money and price is None:
            raise ConfigError(
                "a budget in money needs a price",
                where=where,
                got=repr(text),
                hint="Give --price-per-million-tokens.",
            )
        if price is not None and not in_money:
            raise ConfigError(
                "has no effect on a budget that is not in money",
                where="option price_per_million_tokens",
                got=f"{price} with the budget {text!r}",
                hint="Leave it out, or give the budget in usd.",
            )
        if found["unit"] == "%":
            return cls(amount=amount / 100, is_share=True, text=text)
        return cls(amount=amount if price is None else amount / price * 1e6, is_share=False, text=text)

    def share_of(self, cost_of_all: int) -> float:
        """The share of every chain's full cost, above 0.

        Args:
            cost_of_all: expected cost of full Monte Carlo of the whole input, in tokens; of use for tokens.

        Raises:
            ConfigError: the whole input costs nothing.
        """
        if self.is_share:
            return self.amount
        if not cost_of_all:
            raise ConfigError(
                "cannot convert a token budget: no labelable chain in the input",
                where="option budget",
                hint="Check the input and its gold answers, or give the budget in percent.",
            )
        return self.amount / cost_of_all
