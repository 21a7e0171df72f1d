"""The closed vocabulary of the world: who owns what."""

from __future__ import annotations

NAMES = tuple(
    "Ada Ali Amy Ana Ben Bob Cal Cem Dan Dee Eli Eva Fay Finn Gus Hana Ian Ines Jo Kai Kim Lea Leo Lin Max "
    "Mia Nia Noa Omar Pia Raj Rita Sam Sara Tom Uma Vera Wen Yara Zoe".split()
)
ITEMS = tuple(
    "apples beads books buttons candles cards coins cups eggs flowers keys lemons marbles nuts pears pencils "
    "plums ribbons rings shells spoons stamps stones toys".split()
)
CONTAINERS = ("bags", "baskets", "boxes", "crates", "jars")
STATES = (" left", " now")
"""What an item is called after some were given away, and after some came in."""

VERBS = ("has", "owns")
PERCENTS = (10, 20, 25, 50, 75)
