#!/usr/bin/env bash
# A sample log of the LM Evaluation Harness holds every response once per filter, and one verdict for all of them.
#
# Likely guess: `--log_samples` writes one record per response, or per document, with the verdict on each response.
# Seen: 4 documents, 2 responses each and 2 filters (as GSM8K's strict and flexible ones) give 8 records, not 4: each
#   holds both responses, so that 16 responses can be read where 8 were sampled. `exact_match` is one number per record,
#   of the first response alone, and differs between the records of one document. `doc_id` does not tell records apart.
# Versions: lm-eval 0.4.12, datasets 5.2.0.
# Why it matters: logged responses are ready chains to label. Read record by record, each is labeled and counted twice,
#   and wrong second responses carry the verdict of the first as the outcome of the chain.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet lm-eval==0.4.12 datasets==5.2.0
HF_HUB_OFFLINE=1 HF_HOME="$work/cache" venv/bin/python - 2>/dev/null <<'PY'
import json
from collections import Counter
from pathlib import Path

from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

documents = [{"question": f"{n} + 1 = ?", "answer": str(n + 1)} for n in range(4)]
Path("documents.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
Path("tasks").mkdir()
Path("tasks/sums.yaml").write_text(r"""
task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: documents.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
repeats: 2
generation_kwargs: {until: ["\n\n"], do_sample: true, temperature: 0.5}
metric_list: [{metric: exact_match}]
filter_list:
  - {name: strict, filter: [{function: regex, regex_pattern: "#### (\\d+)"}, {function: take_first}]}
  - {name: flexible, filter: [{function: regex, regex_pattern: "(\\d+)"}, {function: take_first}]}
""")


class Scripted(LM):
    """The first response to a document is right without the mark, the second is wrong."""

    drawn = Counter()

    def generate_until(self, requests, disable_tqdm=False):
        return [self.respond(request.args[0]) for request in requests]

    def respond(self, prompt):
        self.drawn[prompt] += 1
        return str(int(prompt.split()[0]) + (1 if self.drawn[prompt] == 1 else 7))

    def loglikelihood(self, requests):
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


model = Scripted()
found = simple_evaluate(
    model, tasks=["sums"], task_manager=TaskManager(include_path="tasks"), log_samples=True, bootstrap_iters=0
)
tracker = EvaluationTracker(output_path="out")
tracker.general_config_tracker.model_name_sanitized = "scripted"
tracker.date_id = "today"
tracker.save_results_samples(task_name="sums", samples=found["samples"]["sums"])
(log,) = Path("out").rglob("samples_*.jsonl")
records = [json.loads(line) for line in log.read_text().splitlines()]
responses = sum(len(record["resps"][0]) for record in records)
verdicts = {(record["filter"], record["exact_match"]) for record in records}
print(f"{sum(model.drawn.values())} responses sampled; {len(records)} records with {responses} responses")
print(f"verdicts: {sorted(verdicts)}; responses of document 0: {records[0]['resps'][0]}")
assert sum(model.drawn.values()) == 8, "behavior changed: sampling"
assert (len(records), responses) == (8, 16), "behavior changed: records"
assert verdicts == {("strict", 0.0), ("flexible", 1.0)}, "behavior changed: verdicts"
PY
