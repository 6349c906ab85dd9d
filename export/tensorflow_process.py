"""Runs TensorFlow in a child process with a time limit.

A crash or a hang stays in the child, and TensorFlow never shares a process with torch: torch's Triton, imported after
TensorFlow, crashes with a segmentation fault.
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
"""Elapsed time, since a process that waits for a lock uses no processor time; long, since the machine may be busy."""

ENVIRONMENT = {
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
}
"""Environment of the child: kernels that compute the same on every CPU, one thread, few messages."""


class TensorflowFailed(Failure):
    """The child crashed or exceeded its time limit; the message ends with its last output."""


def run_in_tensorflow(module, *arguments, limit_seconds=LIMIT_SECONDS):
    """Run `python -m module arguments`; TfliteUnavailable without TensorFlow, TensorflowFailed when the child fails."""
    require("tensorflow")
    run_apart(module, *arguments, limit_seconds=limit_seconds)


def run_apart(module, *arguments, limit_seconds=LIMIT_SECONDS):
    """Run a module that TensorFlow may be missing for; TensorflowFailed when the child fails."""
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
