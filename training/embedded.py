"""Train the embedded model on the world, from nothing: `python -m training.embedded --out FOLDER`.

A Llama of 1.3 million parameters, eight layers deep, learns to write worked solutions, and to name the
answer early: behind chosen steps (none, one, two, ...) a branch asks for it by one of the cues that labels
use. Branches see the problem and the steps before them, not each other, exactly as `ScoreTree` lays them out;
cues themselves are not learned, so the model does not stop early when it writes freely.

Seeded; on one machine with one number of threads two runs give the same weights.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from cpmi.answers import near_misses
from cpmi.embedded.world.expression import Binary, Number, numbers
from cpmi.embedded.world.generate import Split, draw_problem
from cpmi.embedded.world.solve import solve
from cpmi.languages import ENGLISH
from cpmi.prompts import SHORT_TEMPLATES, step_text
from training.muon import Muon
from training.packing import Packed, default_precision, loss_of

END, STEP = "<|end|>", "<|step|>"
VOCABULARY = 768
TOKENIZER_CHUNK = 10**6  # drawn for the tokenizer, never trained on
CHUNK = 2_000  # examples drawn, and sorted by length, together
AHEAD = 2  # chunks in the making while another is trained on, for each worker
# (Chunks up to here, weights of drills and of levels 0 to 3.)
CURRICULUM = (
    (6, (3, 6, 2, 0, 0)),
    (14, (1, 3, 4, 2, 1)),
    (10**9, (0, 1, 3, 4, 4)),
)
DRILL_STEPS = 10
NUM_EARLY = 4  # early answers drawn for an example; the same prefix twice counts once
# Weights of a prefix with no, one, two, more derivations left: far from the end there is little to foresee.
EARLY_WEIGHTS = (1, 8, 4, 1)
WRONG_SHARE = 0.1  # examples that also ask for a wrong answer


@dataclass(frozen=True, slots=True)
class Example:
    """Text of one training sequence: what is read, the steps to learn, and branches behind prefixes."""

    question: str
    steps: tuple[str, ...]
    branches: tuple[tuple[int, str, str], ...]  # (steps seen, cue, answer)


def draw_examples(seed: int, chunk: int) -> list[Example]:
    """One chunk of the endless training data, the easy ones first."""
    random = Random(f"{seed}:{chunk}")
    weights = next(weights for end, weights in CURRICULUM if chunk < end)
    return [
        _draw_drill(random) if level is None else _draw_example(random, level)
        for level in random.choices((None, 0, 1, 2, 3), weights, k=CHUNK)
    ]


def _draw_drill(random: Random) -> Example:
    """Bare arithmetic, as it is in steps."""
    steps = []
    while len(steps) < DRILL_STEPS:
        written = Binary(random.choice("+-*/"), Number(random.randint(2, 100)), Number(random.randint(2, 50)))
        if written.op == "/":  # from the result, else hardly one would be exact
            written = Binary("/", Number(written.left.number * written.right.number), written.right)
        value = written.value()
        if 2 <= value <= 130 and value.denominator == 1 and max(numbers(written)) <= 130:
            steps.append(f"{written} = {value}")
    return Example("Calculate:\n", tuple(steps), ())


def _draw_example(random: Random, level: int) -> Example:
    problem = draw_problem(random, Split.TRAIN, level)
    steps = solve(problem.plan, random)
    seen = random.choices(range(len(steps) + 1), _early_weights(steps), k=NUM_EARLY)
    branches = [(i, random.choice(ENGLISH.cues), f" {problem.gold}\n") for i in sorted(set(seen))]
    if random.random() < WRONG_SHARE:
        wrong = random.choice(near_misses(problem.gold)[:6])
        branches.append((len(steps), ENGLISH.wrong_answer_cue, f" {wrong}\n"))
    question = f"{random.choice(SHORT_TEMPLATES)} {problem.text}\nSolution:\n"
    return Example(question, steps, tuple(branches))


def _early_weights(steps: tuple[str, ...]) -> list[float]:
    """How often the answer is asked for behind 0, 1, ... steps; prefixes with as much left share a weight."""
    left = [
        min(sum("=" in step for step in steps[seen:]), len(EARLY_WEIGHTS) - 1)
        for seen in range(len(steps) + 1)
    ]
    return [EARLY_WEIGHTS[num] / left.count(num) for num in left]


def train_tokenizer(examples: list[Example]) -> PreTrainedTokenizerFast:
    """Byte-level BPE in which every digit stands alone."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    inner.decoder = decoders.ByteLevel()
    texts = [
        e.question + "\n".join(e.steps) + "".join(f"\n{cue}" for _, cue, _ in e.branches) for e in examples
    ]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END, STEP],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token=END, pad_token=END, additional_special_tokens=[STEP],
        clean_up_tokenization_spaces=False,
    )  # fmt: skip


def pack(example: Example, tokenizer: Tokenizer) -> Packed:
    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    return Packed.of(
        encode(example.question),
        [encode(step_text(step)) for step in example.steps],
        [(at, encode(cue), encode(answer)) for at, cue, answer in example.branches],
        end=[tokenizer.token_to_id(END)],
    )


def draw_packed(tokenizer_json: str, seed: int, chunk: int) -> list[Packed]:
    """One chunk of the endless training data, as numbers; runs in the worker."""
    tokenizer = Tokenizer.from_str(tokenizer_json)
    return [pack(example, tokenizer) for example in draw_examples(seed, chunk)]


def batches(seed: int, tokenizer: Tokenizer, batch_tokens: int, workers: int) -> Iterator[list[Packed]]:
    """Endless batches of like length, drawn ahead; the same ones with any number of workers."""
    random = Random(seed)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        draw = partial(pool.submit, draw_packed, tokenizer.to_str(), seed)
        ahead = [draw(chunk) for chunk in range(AHEAD * workers)]
        for chunk in count(len(ahead)):
            drawn = ahead.pop(0).result()
            ahead.append(draw(chunk))
            drawn.sort(key=lambda packed: len(packed.tokens))
            cut: list[list[Packed]] = [[]]
            for packed in drawn:
                if (len(cut[-1]) + 1) * len(packed.tokens) > batch_tokens:
                    cut.append([])
                cut[-1].append(packed)
            random.shuffle(cut)
            yield from cut


def make_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=8,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=1024,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
            attn_implementation="eager",  # three times as fast as the fused kernel with a mask in bfloat16
        )
    )


def train(arguments: argparse.Namespace) -> None:
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    product_dtype = torch.bfloat16 if arguments.precision == "bfloat16" else torch.float32
    tokenizer = train_tokenizer(draw_examples(arguments.seed, TOKENIZER_CHUNK))
    model = make_model(tokenizer).train().to(arguments.device)
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if not (p.ndim == 2 and "embed" not in n)]
    optimizers = [
        Muon(matrices, lr=arguments.lr, product_dtype=product_dtype),
        torch.optim.AdamW(others, lr=arguments.lr, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    # Elementwise operations, fused: a fourth more tokens a second. The parameters stay the model's own.
    forward = torch.compile(model.model, dynamic=True) if arguments.compile else model.model
    began, num_tokens, running = time.perf_counter(), 0, 0.0
    with (out / "training.jsonl").open("w") as log:
        for step, batch in enumerate(
            batches(arguments.seed, tokenizer.backend_tokenizer, arguments.batch_tokens, arguments.workers)
        ):
            share = num_tokens / arguments.tokens
            if share >= 1:
                break
            rate = min(1.0, (step + 1) / 100) * min(1.0, (1 - share) / 0.6)  # warm-up, then linear to 0
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = arguments.lr * rate
            loss = loss_of(forward, model.lm_head, batch, product_dtype)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            num_tokens += sum(len(packed.tokens) for packed in batch)
            running = loss.item() if step == 0 else 0.98 * running + 0.02 * loss.item()
            if step % 50 == 0:
                wall_s = time.perf_counter() - began
                line = {
                    "step": step,
                    "tokens": num_tokens,
                    "loss": round(running, 4),
                    "wall_s": round(wall_s, 1),
                    "cpu_s": round(time.process_time(), 1),
                }
                print(json.dumps(line), flush=True)
                log.write(json.dumps(line) + "\n")
                log.flush()
            if step % 1000 == 999:
                save(model, tokenizer, out / "checkpoint")
    save(model, tokenizer, out)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """Half precision on disk: half the package's weight, far finer than what training leaves undecided."""
    half = LlamaForCausalLM(model.config).to(torch.float16)
    half.load_state_dict({name: weight.cpu().half() for name, weight in model.state_dict().items()})
    half.config.dtype = torch.float16
    half.save_pretrained(out)
    tokenizer.save_pretrained(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tokens", type=float, default=28e6)
    parser.add_argument("--batch-tokens", type=int, default=3072)
    parser.add_argument("--lr", type=float, default=4e-3)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw examples")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument(
        "--precision",
        choices=("bfloat16", "float32"),
        default=default_precision(),
        help="of matrix products; weights are float32 (default: what this processor does fast)",
    )
    train(parser.parse_args())


if __name__ == "__main__":
    main()
