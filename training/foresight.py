"""Tune a labeling model for foresight: `python -m training.foresight --model MODEL --data FILE --out FOLDER`.

A light fine-tune on right solutions: behind chosen steps (none, one, ..., all) a branch asks for the final
answer by one of the cues that labels use, and only the answer is learned (with --steps the solution too). No
step labels, no rollouts. What is tuned is the probability of the answer at a prefix, which contrast labels
read.

FILE holds problems with worked solutions and gold answers, such as GSM8K's training set; never those that are
to be labeled.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import AutoModelForCausalLM
from transformers.utils.quantization_config import GgufConfig

from cpmi.data import read_chains
from cpmi.engines.transformers.checkpoint import read_checkpoint, read_config, read_tokenizer
from cpmi.engines.transformers.locate import locate_model
from cpmi.engines.transformers.tokenizer import HuggingFaceTokenizer
from cpmi.languages import ENGLISH
from cpmi.prompts import Prompter
from cpmi.types import Chain
from training.packing import Packed, default_precision, loss_of

CALCULATOR = re.compile(r"<<[^>]*>>")  # GSM8K's marks, which no model writes
NUM_EARLY = 4  # answers asked for, behind that many different prefixes
MAX_TOKENS = 768


def draw(prompter: Prompter, chain: Chain, random: Random, *, learn_steps: bool) -> Packed:
    """One example: the solution, and the answer behind some of its prefixes."""
    steps = [CALCULATOR.sub("", step) for step in chain.steps]
    seen = random.sample(range(len(steps) + 1), k=min(NUM_EARLY, len(steps) + 1))
    answer = prompter.ended_answer(chain.gold or "")
    return Packed.of(
        prompter.question(random.choice(prompter.templates), chain.question),
        [prompter.step(step) for step in steps],
        [(at, prompter.cue(random.choice(ENGLISH.cues)), answer) for at in sorted(seen)],
        learn_steps=learn_steps,
    )


def shuffled(chains: list[Chain], random: Random) -> list[Chain]:
    return random.sample(chains, len(chains))


def tune(arguments: argparse.Namespace) -> None:
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    random = Random(arguments.seed)
    source = locate_model(arguments.model)
    options: dict[str, Any] = {"attn_implementation": "eager"}
    if source.gguf_file is not None:  # else its weights stay packed, which cannot be trained
        options["quantization_config"] = GgufConfig(dequantize=True)
    config, tokenizer = read_config(source), read_tokenizer(source)
    model = read_checkpoint(source, AutoModelForCausalLM, config=config, dtype=torch.float32, **options).model
    model.train().to(arguments.device)
    for embedding in (model.get_input_embeddings(), model.get_output_embeddings()):
        embedding.requires_grad_(False)  # half of a small model, and light tuning leaves words what they are
    tuned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(tuned, lr=arguments.lr, betas=(0.9, 0.99), weight_decay=0.0)
    prompter = Prompter(HuggingFaceTokenizer(tokenizer), arguments.prompt)
    read = [c for c in read_chains(Path(arguments.data)) if isinstance(c, Chain) and c.gold]
    chains = [chain for _ in range(-(-arguments.examples // len(read))) for chain in shuffled(read, random)]
    chains = chains[: arguments.examples]
    dtype = torch.bfloat16 if arguments.precision == "bfloat16" else torch.float32
    size = arguments.batch
    num_steps = len(chains) // size
    began, losses = time.perf_counter(), []
    for step in range(num_steps):
        share = step / num_steps
        for group in optimizer.param_groups:
            group["lr"] = arguments.lr * min(1.0, (step + 1) / 5) * (1 - share)
        drawn = [
            draw(prompter, chain, random, learn_steps=arguments.steps)
            for chain in chains[step * size : (step + 1) * size]
        ]
        batch = [packed for packed in drawn if len(packed.tokens) <= MAX_TOKENS]
        for start in range(0, len(batch), arguments.at_once):
            part = batch[start : start + arguments.at_once]
            loss = loss_of(model.model, model.lm_head, part, dtype)
            (loss * len(part) / len(batch)).backward()
            losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 5 == 4:
            recent = losses[-5 * -(-size // arguments.at_once) :]
            line = {
                "examples": (step + 1) * size,
                "loss": round(sum(recent) / len(recent), 4),
                "wall_s": round(time.perf_counter() - began, 1),
            }
            print(json.dumps(line), flush=True)
    model.to(torch.bfloat16).save_pretrained(arguments.out)
    tokenizer.save_pretrained(arguments.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--prompt", choices=("raw", "chat", "short"), default="chat")
    parser.add_argument("--steps", action="store_true", help="learn the solutions too, not answers alone")
    parser.add_argument("--examples", type=int, default=400, help="more than there are: several passes")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--at-once", type=int, default=1, help="examples in one forward, padded")
    parser.add_argument("--lr", type=float, default=2e-5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("bfloat16", "float32"), default=default_precision())
    tune(parser.parse_args())


if __name__ == "__main__":
    main()
