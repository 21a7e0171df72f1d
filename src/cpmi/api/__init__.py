"""cpmi from Python. Importing this loads no engine and no table library; the calls do."""

from cpmi.api.common import ProgressListener
from cpmi.api.label import Run, label, run_label
from cpmi.api.sample import SampleRun, run_sample, sample

__all__ = ["ProgressListener", "Run", "SampleRun", "label", "run_label", "run_sample", "sample"]
