"""The fused passes of training, compiled for this machine's processor."""

import functools
import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cffi
import torch

from firmware.compile.shared_object import build_host

FOLDER = Path(__file__).parent
PROCESSOR = Path("/proc/cpuinfo")
OPTIONS = "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"

_ffi = cffi.FFI()
_ffi.cdef((FOLDER / "fused.h").read_text())


@functools.cache
def _abilities():
    """What the processor can do, where the system tells, as text."""
    told = PROCESSOR.read_text().splitlines() if PROCESSOR.exists() else []
    return next((line for line in told if line.lower().startswith(("flags", "features"))), "")


def has_bfloat16():
    """Whether the processor multiplies bfloat16 by instructions of its own; without them it is slow."""
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(_abilities().split())


@functools.cache
def _library():
    processor = hashlib.sha256(_abilities().encode()).hexdigest()[:8]  # a build folder may move to another machine
    options = (*OPTIONS, f"-DPROCESSOR=0x{processor}")
    return _ffi.dlopen(str(build_host(sorted(FOLDER.glob("*.c")), [FOLDER], options)))


@functools.cache
def _pool(threads):
    return ThreadPoolExecutor(threads)


def _value(argument):
    """A number, or the address of a tensor; ValueError if its memory is not what the C functions expect."""
    if not isinstance(argument, torch.Tensor):
        return argument
    if argument.dtype != torch.float32 or not argument.is_contiguous():
        raise ValueError(f"a tensor {argument.dtype} {tuple(argument.shape)}: contiguous float32 is needed")
    return _ffi.cast("float *", argument.data_ptr())


def run(name, clips, *arguments):
    """Run a function of fused.h over clips, in as many threads as torch has; arguments: numbers and tensors."""
    function, threads = getattr(_library(), name), min(torch.get_num_threads(), clips)
    values = [_value(argument) for argument in arguments]
    bounds = [clips * thread // threads for thread in range(threads + 1)]
    if threads == 1:
        function(*bounds, *values)
    else:
        list(_pool(threads).map(lambda first, last: function(first, last, *values), bounds[:-1], bounds[1:]))
