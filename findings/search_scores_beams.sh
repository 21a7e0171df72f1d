#!/usr/bin/env bash
# its-hub's beam search does not hand a reward model the steps of a chain.
#
# Likely guess: AbstractProcessRewardModel.score(prompt, steps), "steps: Intermediate steps", gets the steps of one
#   chain and returns one score per step.
# Seen: beam search passes a list with one whole text per beam, its steps joined by the step token, and takes score i
#   for beam i. A model that reads the list as one chain returns as many scores, so nothing fails.
# Versions: its-hub 1.2.0.
# Why it matters: a PRM that scores a list of steps in the context of those before it scores every beam after the texts
#   of the other beams, and the search is steered by that.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet its-hub==1.2.0
venv/bin/python - <<'PY'
import asyncio

from its_hub.api import AbstractLanguageModel, AbstractProcessRewardModel
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.lms.step_generation import StepGeneration


class Model(AbstractLanguageModel):
    written = 0

    async def agenerate(self, messages, stop=None, **kwargs):
        replies = []
        for _ in messages:
            self.written += 1
            replies.append({"role": "assistant", "content": f"thought {self.written}"})
        return replies


class Recorder(AbstractProcessRewardModel):
    calls = []

    def score(self, prompt_or_messages, steps):
        self.calls.append(list(steps))
        return [0.5] * len(steps)

    async def ascore(self, prompt_or_messages, steps):
        return self.score(prompt_or_messages, steps)


search = BeamSearch(StepGeneration(max_steps=1, step_token=" / "), Recorder(), beam_width=2)
asyncio.run(search.ainfer(Model(), "What is 2 + 2?", budget=4))
last = Recorder.calls[-1]
print(f"'steps' in the second call, 4 beams of 2 steps each: {last}")
assert len(last) == 4 and all(text.count(" / ") == 1 for text in last), "behavior changed"
PY
