"""How good is the embedded model? `python -m benchmarks.embedded_model [--model FOLDER]`.

pass@1 (greedy, and one sample), majority of 8 samples and pass@8 on fresh dev problems, by level; and how far
its probability of an answer can be believed when it is asked behind the first steps of a right solution.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import exp, sqrt
from random import Random

from cpmi.answers import extract_answer
from cpmi.embedded.world import Problem, Split, draw_problem, solve
from cpmi.engines.transformers import load_engine
from cpmi.languages import ENGLISH
from cpmi.prompts import Prompter
from cpmi.requests import Branch, Engine, SampleRequest, ScoreTree

NUM_SAMPLES = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--problems", type=int, default=600)
    parser.add_argument("--temperature", type=float, default=0.8)
    arguments = parser.parse_args()
    engine = load_engine(arguments.model)
    problems = [draw_problem(Random(f"dev:{i}"), Split.DEV, 1 + i % 3) for i in range(arguments.problems)]
    print(f"{arguments.model}: {engine.describe()['parameters']} parameters, {len(problems)} dev problems")
    solving(engine, problems, arguments.temperature)
    reliability(engine, problems)


def solving(engine: Engine, problems: Sequence[Problem], temperature: float) -> None:
    prompter = Prompter(engine.tokenizer, "short")
    prompts = [prompter.question(prompter.templates[0], problem.text) for problem in problems]
    greedy = engine.sample(
        [SampleRequest(prompt=p, num_samples=1, max_tokens=400, temperature=0) for p in prompts]
    )
    drawn = engine.sample(
        [
            SampleRequest(prompt=p, num_samples=NUM_SAMPLES, max_tokens=400, temperature=temperature, seed=at)
            for at, p in enumerate(prompts)
        ]
    )
    tallies: defaultdict[str, list[list[bool]]] = defaultdict(list)
    for problem, best, samples in zip(problems, greedy, drawn, strict=True):
        answers = [answer_of(text) for text in samples.texts]
        majority = Counter(answers).most_common(1)[0][0]
        right = [answer == problem.gold for answer in answers]
        row = [answer_of(best.texts[0]) == problem.gold, right[0], majority == problem.gold, any(right)]
        tallies[f"level {problem.level}"].append(row)
        tallies["all"].append(row)
    print(f"sampling temperature {temperature}")
    print(f"{'':10}{'problems':>9}{'greedy':>16}{'sample':>16}{'majority@8':>16}{'pass@8':>16}")
    for name, rows in sorted(tallies.items()):
        columns = [share([row[c] for row in rows]) for c in range(4)]
        print(f"{name:10}{len(rows):9}" + "".join(f"{column:>16}" for column in columns))


def answer_of(text: str) -> str:
    found = extract_answer(text.strip().rsplit("\n", 1)[-1])
    return "" if found is None else found.text


def share(hits: Sequence[bool]) -> str:
    """A share with the half width of its 95 % interval."""
    mean = sum(hits) / len(hits)
    return f"{mean:.1%} ±{1.96 * sqrt(mean * (1 - mean) / len(hits)):.1%}"


def reliability(engine: Engine, problems: Sequence[Problem]) -> None:
    """Asked for the answer behind i steps: confidence in its best answer against how often that is right."""
    prompter = Prompter(engine.tokenizer, "short")
    asked = []
    for at, problem in enumerate(problems):
        steps = solve(problem.plan, Random(at))
        context = prompter.question(prompter.templates[0], problem.text)
        for seen in range(len(steps)):
            asked.append((seen, len(steps) - 1 - seen, problem.gold, context))
            context += prompter.step(steps[seen])
    cue = prompter.cue(ENGLISH.cues[0])
    requests = [
        SampleRequest(prompt=context + cue, num_samples=1, max_tokens=8, temperature=0, stop=("\n",))
        for *_, context in asked
    ]
    answers = [reply.texts[0].strip() for reply in engine.sample(requests)]
    trees = [
        ScoreTree(
            shared_prefix=context,
            branches=tuple(
                Branch(at=len(context), tokens=cue + prompter.ended_answer(text), num_context=len(cue))
                for text in (answer or "?", gold)
            ),
        )
        for (*_, gold, context), answer in zip(asked, answers, strict=True)
    ]
    probabilities = [tuple(exp(sum(branch)) for branch in reply.branches) for reply in engine.score(trees)]
    rows = [
        (seen, left, answer == gold, best, of_gold)
        for (seen, left, gold, _), answer, (best, of_gold) in zip(asked, answers, probabilities, strict=True)
    ]
    table("steps seen", [(seen, *rest) for seen, _, *rest in rows])
    table("steps left", [(left, *rest) for _, left, *rest in rows])
    table("confidence", [(min(int(10 * best), 9) / 10, hit, best, gold) for _, _, hit, best, gold in rows])
    ece = sum(
        abs(sum(hit - best for *_, hit, best, _ in bin_rows)) for bin_rows in by_confidence(rows)
    ) / len(rows)
    print(f"expected calibration error of the early answer, ten bins: {ece:.3f}")


def by_confidence(
    rows: Sequence[tuple[int, int, bool, float, float]],
) -> list[list[tuple[int, int, bool, float, float]]]:
    bins: defaultdict[int, list[tuple[int, int, bool, float, float]]] = defaultdict(list)
    for row in rows:
        bins[min(int(10 * row[3]), 9)].append(row)
    return list(bins.values())


def table(name: str, rows: Sequence[tuple[float, bool, float, float]]) -> None:
    print(f"{name:>12}{'prefixes':>10}{'right':>16}{'confidence':>12}{'P(gold)':>10}")
    groups: defaultdict[float, list[tuple[float, bool, float, float]]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    for key, members in sorted(groups.items()):
        confidence = sum(row[2] for row in members) / len(members)
        of_gold = sum(row[3] for row in members) / len(members)
        right = share([row[1] for row in members])
        print(f"{key:>12}{len(members):>10}{right:>16}{confidence:>12.3f}{of_gold:>10.3f}")


if __name__ == "__main__":
    main()
