"""Split the text of a solution into steps, exactly reversibly.

A step begins and ends with a visible character. White space before, between and after the steps is kept as
separators, with the tags of a thinking part and, under `regex:`, what the expression matches. So no step is
blank, and joining gives back the text to the character.
"""

from cpmi.steps.blocks import Block, BlockKind, find_blocks
from cpmi.steps.cutting import SplitText, Unsplit
from cpmi.steps.rule import StepRule
from cpmi.steps.split_report import Distribution, SplitReport
from cpmi.steps.splitting import Splitter, split_steps, split_text, splitter
from cpmi.steps.thoughts import Part, Parts, parts

__all__ = [
    "Block",
    "BlockKind",
    "Distribution",
    "Part",
    "Parts",
    "SplitReport",
    "SplitText",
    "Splitter",
    "StepRule",
    "Unsplit",
    "find_blocks",
    "parts",
    "split_steps",
    "split_text",
    "splitter",
]
