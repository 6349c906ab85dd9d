"""TensorFlow in a process of its own, with a time limit.

It may crash or hang there without harm, and it is never in one process with torch: torch's Triton, imported after
TensorFlow, ends the process with a segmentation fault.
"""

import os
import subprocess
import sys

from export.tflite_file import require
from firmware.command import Failure
from firmware.paths import ROOT
from firmware.process import ending
from firmware.progress import progress

LIMIT_SECONDS = 3600
"""Generous, for a busy machine takes minutes for the work of seconds, and who hangs in a lock uses no processor time."""

ENVIRONMENT = {
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
}
"""What tensorflow is started with: the kernels that are the same on every CPU, one thread, few messages."""


class TensorflowFailed(Failure):
    """TensorFlow, or what ran with it, crashed or took too long; the message says which, with the end of what it printed."""


def run_in_tensorflow(module, *arguments, limit_seconds=LIMIT_SECONDS):
    """Run `python -m module arguments`; raises TfliteUnavailable without tensorflow, TensorflowFailed where it fails."""
    require("tensorflow")
    run_apart(module, *arguments, limit_seconds=limit_seconds)


def run_apart(module, *arguments, limit_seconds=LIMIT_SECONDS):
    """The same for a module that does without tensorflow where it is not installed."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    try:
        with progress(None, module, "runs", total=1, leave=False):
            child = subprocess.run(
                command,
                cwd=ROOT,
                env=os.environ | ENVIRONMENT,
                timeout=limit_seconds,
                capture_output=True,
                text=True,
                errors="replace",
            )
    except subprocess.TimeoutExpired:
        raise TensorflowFailed(f"`python -m {module}` was stopped after {limit_seconds} s") from None
    if child.returncode:
        raise TensorflowFailed(f"`python -m {module}` {ending(child.returncode)}:\n{child.stderr[-2000:]}")
