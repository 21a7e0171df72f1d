"""Tokens a second of `monte_carlo`, beside the best rate of the engine and the plain path, in one run.

    python -m benchmarks.rollout_rate                      # a random model of the embedded model's shape
    python -m benchmarks.rollout_rate --model smollm2-135m --chains 4 --max-tokens 128

`monte_carlo` is timed as a whole: prompts, rollouts, reading and comparing answers. The best rate is that of
one prompt of the mean length, with as many samples as there are rows in flight, all of one length. The plain
path does the work of the first chains only, with the model's own attention. The passes take turns, so that a
machine that slows down slows down all; what is printed is the median of each.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from cpmi.answers import Equivalence
from cpmi.engines.transformers import TransformersEngine, load_engine
from cpmi.engines.transformers.rollout import MAX_ROWS
from cpmi.flows import Flow
from cpmi.methods import Method, MonteCarlo, Setup
from cpmi.requests import Request, SampleRequest
from cpmi.runs.scheduler import run_flows
from cpmi.types import Chain, StepLabels
from cpmi.usage import Usage

RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One timed pass: all of it, and the engine's part of it."""

    wall_s: float
    usage: Usage

    @property
    def rate(self) -> float:
        """Generated tokens a second."""
        return self.usage.generated_tokens / self.wall_s


def random_engine() -> TransformersEngine:
    """A Llama of the embedded model's shape (2.5 M parameters) with random weights and a token a byte."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={char: i for i, char in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=1024,
            hidden_size=192,
            intermediate_size=512,
            num_hidden_layers=6,
            num_attention_heads=6,
            num_key_value_heads=2,
            max_position_embeddings=1024,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=None,
        )
    )
    with torch.no_grad():  # logits as far apart as a trained model's
        model.get_output_embeddings().weight.mul_(10.0)
    return TransformersEngine(model, PreTrainedTokenizerFast(tokenizer_object=inner), name=RANDOM)


def chains(num_chains: int, seed: int = 0) -> list[Chain]:
    """Word problems of some 30 words with five steps; only their lengths matter here."""
    rng = random.Random(seed)
    made = []
    for number in range(num_chains):
        first, second, third = (rng.randint(2, 40) for _ in range(3))
        steps = (
            f"{first} * {second} = {first * second}.",
            f"{first * second} + {third} = {first * second + third}.",
            f"So {first * second + third} in all.",
            "Check it again.",
            f"The answer is: {first * second + third}",
        )
        question = f"Mia has {first} bags of {second} and {third} more. How many are there in all?"
        made.append(Chain(id=f"c{number}", question=question, steps=steps, gold=str(first * second + third)))
    return made


def varied(flow: Flow[StepLabels]) -> Flow[StepLabels]:
    """The flow, its rollouts some longer and some shorter than asked for, as a trained model's are."""
    rng = random.Random(0)
    try:
        requests = next(flow)
        while True:
            requests = flow.send((yield tuple(vary(request, rng) for request in requests)))
    except StopIteration as end:
        labels: StepLabels = end.value
        return labels


def vary(request: Request, rng: random.Random) -> Request:
    assert isinstance(request, SampleRequest)
    return replace(request, max_tokens=round(request.max_tokens * rng.uniform(0.8, 1.2)))


def monte_carlo(engine: TransformersEngine, method: Method, work: Sequence[Chain]) -> Pass:
    flows = [(one.id, varied(method.label(one))) for one in work]
    began = time.perf_counter()
    outcomes = run_flows(flows, engine)
    wall_s = time.perf_counter() - began
    return Pass(wall_s=wall_s, usage=sum((outcome.usage for outcome in outcomes), Usage()))


def best_batch(engine: TransformersEngine, requests: Sequence[SampleRequest], max_tokens: int) -> Pass:
    """One prompt of about the mean length, as many samples as rows are in flight, all of one length."""
    mean = statistics.mean(len(request.prompt) for request in requests)
    nearest = min(requests, key=lambda request: abs(len(request.prompt) - mean))
    asked = replace(nearest, num_samples=MAX_ROWS, max_tokens=max_tokens)
    began = time.perf_counter()
    replies = engine.sample([asked])
    return Pass(wall_s=time.perf_counter() - began, usage=replies[0].usage)


def line(name: str, passes: Sequence[Pass], best: float) -> str:
    rate = statistics.median(one.rate for one in passes)
    usage = passes[0].usage
    engine = statistics.median(one.usage.wall_s / one.wall_s for one in passes)
    return (
        f"{name:<12} {rate:>9,.0f} tokens/s  {rate / best:>5.2f} of the best  "
        f"{usage.generated_tokens:>8,} generated  {usage.computed_tokens:>8,} computed  "
        f"engine {engine:.0%} of the time  passes " + ", ".join(f"{one.rate:,.0f}" for one in passes)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default=RANDOM)
    parser.add_argument("--chains", type=int, default=16)
    parser.add_argument("--plain-chains", type=int, default=2)
    parser.add_argument("--rollouts", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=50)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--prompt", choices=("raw", "chat", "short"), default="short")
    parser.add_argument("--threads", type=int, default=None)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    engine: Any = random_engine() if arguments.model == RANDOM else load_engine(arguments.model)
    plain = TransformersEngine(engine.model, engine.tokenizer.inner, name=engine.name, path="plain")
    work = chains(arguments.chains)
    with Equivalence() as equivalence:
        options = MonteCarlo.Options(rollouts=arguments.rollouts, max_tokens=arguments.max_tokens)
        tokenizers = {"policy": engine.tokenizer}
        method = MonteCarlo(
            options, Setup(tokenizers=tokenizers, equivalence=equivalence, prompt=arguments.prompt)
        )
        asked = [request for one in work for request in next(method.label(one))]
        requests = [request for request in asked if isinstance(request, SampleRequest)]
        monte_carlo(engine, method, work[:2])  # warm up
        fast: list[Pass] = []
        slow: list[Pass] = []
        best: list[Pass] = []
        for _ in range(arguments.passes):
            fast.append(monte_carlo(engine, method, work))
            best.append(best_batch(engine, requests, arguments.max_tokens))
            slow.append(monte_carlo(plain, method, work[: arguments.plain_chains]))
    print({name: fact for name, fact in engine.describe().items() if "digest" not in name})
    lengths = [len(request.prompt) for request in requests]
    print(f"{len(lengths)} prompts of {min(lengths)} to {max(lengths)} tokens, {arguments.rollouts} rollouts")
    best_rate = statistics.median(one.rate for one in best)
    for name, passes in (("monte_carlo", fast), ("best batch", best), ("plain path", slow)):
        print(line(name, passes, best_rate))


if __name__ == "__main__":
    main()
