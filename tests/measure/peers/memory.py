"""What a peer takes of memory, in a fresh process: python -m tests.measure.peers.memory FOLDER features.npz found.json PEER

How much of it is resident is read before the runtime is imported, after, and when 100 steps with the model have run.
(What `measure_memory` runs.)
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from export.tensorflow_process import run_apart
from firmware.files import read_json, write_json
from tests.measure.peers.runtimes import PEERS

STEPS = 100


def measure_memory(folder, peer, codes, inputs):
    """{runtime_bytes, model_bytes: how much more is resident after each; working_bytes: exactly, or None}."""
    with tempfile.TemporaryDirectory() as scratch:
        given, found = Path(scratch) / "features.npz", Path(scratch) / "found.json"
        np.savez(given, codes=codes[:STEPS], inputs=inputs[:STEPS])
        run_apart("tests.measure.peers.memory", Path(folder).resolve(), given, found, PEERS.index(peer))
        return read_json(found, dict)


def resident_bytes():
    """Of this process, as Linux counts it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(folder, given, found, index):
    peer = PEERS[int(index)]
    with np.load(given) as features:
        codes, inputs = features["codes"], features["inputs"]
    before = resident_bytes()
    peer.runtime.load()
    loaded = resident_bytes()
    opened = peer.open(folder, codes, inputs)
    opened.stream(len(codes))
    ran = resident_bytes()
    write_json(
        found,
        {
            "runtime_bytes": loaded - before,
            "model_bytes": ran - loaded,
            "working_bytes": opened.working_bytes(),
        },
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
