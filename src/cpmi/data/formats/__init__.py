"""The registry of input formats. A new format is one file here and one line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cpmi.data.format import Format
from cpmi.data.formats.best_of_n import BEST_OF_N
from cpmi.data.formats.big_bench_mistake import BIG_BENCH_MISTAKE
from cpmi.data.formats.gsm8k import GSM8K
from cpmi.data.formats.gsm8k_solutions import GSM8K_SOLUTIONS
from cpmi.data.formats.lm_eval import LM_EVAL
from cpmi.data.formats.math_aps import MATH_APS
from cpmi.data.formats.math_aps_tree import MATH_APS_TREE
from cpmi.data.formats.math_shepherd import MATH_SHEPHERD
from cpmi.data.formats.own import OWN
from cpmi.data.formats.prm800k import PRM800K
from cpmi.data.formats.prm800k_rows import PRM800K_ROWS
from cpmi.data.formats.prmbench import PRMBENCH
from cpmi.data.formats.processbench import PROCESSBENCH
from cpmi.data.formats.scan import SCAN
from cpmi.data.formats.stepwise import STEPWISE

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        form.name: form
        for form in (
            OWN,
            PROCESSBENCH,
            GSM8K,
            GSM8K_SOLUTIONS,
            BIG_BENCH_MISTAKE,
            MATH_SHEPHERD,
            PRM800K,
            PRM800K_ROWS,
            STEPWISE,
            PRMBENCH,
            SCAN,
            MATH_APS,
            MATH_APS_TREE,
            BEST_OF_N,
            LM_EVAL,
        )
    }
)
"""Every format by name. No record is recognized by two of them."""
