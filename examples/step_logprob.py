"""A labeling method in one file: the mean log-probability of every step given all before it.

Use it as it is: cpmi label CHAINS --model MODEL --method examples/step_logprob.py --out DIR
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from pydantic import Field

from cpmi.flows import Flow, score
from cpmi.methods import Method
from cpmi.methods.options import MethodOptions
from cpmi.requests import Branch, ScoreTree
from cpmi.types import Chain, StepLabels


class StepLogprob(Method):
    """Mean log-probability of the step's own tokens; nat per token."""

    name = "step_logprob"
    unit = "nat"
    columns = ("step_tokens",)
    needs_gold = False

    class Options(MethodOptions):
        scale: float = Field(default=1.0, gt=0, strict=False, description="factor of every label")

    options: Options

    def label(self, chain: Chain) -> Flow[StepLabels]:
        question = self.prompter.question(self.prompter.templates[0], chain.question)
        steps = [self.prompter.step(step) for step in chain.steps]
        whole = tuple(token for step in steps for token in step)
        tree = ScoreTree(shared_prefix=question + whole, branches=(Branch(at=len(question), tokens=whole),))
        (reply,) = yield from score([tree])
        ends = np.cumsum([0, *map(len, steps)]).tolist()
        means = [float(np.mean(reply.branches[0][begin:end])) for begin, end in pairwise(ends)]
        return StepLabels(
            chain_id=chain.id,
            method=self.name,
            values=tuple(self.options.scale * mean for mean in means),
            unit=self.unit,
            parts={"step_tokens": tuple(float(len(step)) for step in steps)},
        )
