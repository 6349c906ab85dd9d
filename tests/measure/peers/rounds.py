"""Times the peers in one process, in turn: python -m tests.measure.peers.rounds FOLDER features.npz found.npz ROUNDS

Each round times every peer once, so that a change of the clock falls on all alike.  Time is the processor's, of all
threads of the process: a timing that another program interrupts is no longer for it, and no thread is hidden.
(What `time_peers` runs; tensorflow is among the peers, hence the process of its own.)
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from export.tensorflow_process import run_apart
from tests.measure.peers.runtimes import PEERS

HOPS = 20
"""What one timing is of."""


def time_peers(folder, peers, codes, inputs, rounds):
    """(logits [peers, hops, labels], seconds a hop [rounds, peers, 2]); PEERS[0] must be the first of the peers.

    codes int8 and the network input that they stand for, float: [hops, bands].  seconds[..., 0] is of `stream`, a call
    a hop with the state handed in and out, [..., 1] of `compute`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given, found = Path(scratch) / "features.npz", Path(scratch) / "found.npz"
        np.savez(given, codes=codes, inputs=inputs, peers=[PEERS.index(peer) for peer in peers])
        run_apart("tests.measure.peers.rounds", Path(folder).resolve(), given, found, rounds)
        with np.load(found) as arrays:
            return arrays["logits"], arrays["seconds"]


def seconds_a_hop(work):
    """Of processor time."""
    begun = time.process_time()
    work(HOPS)
    return (time.process_time() - begun) / HOPS


def main(folder, given, found, rounds):
    with np.load(given) as features:
        codes, inputs, chosen = features["codes"], features["inputs"], features["peers"]
    opened = [PEERS[index].open(folder, codes, inputs) for index in chosen]
    logits = [peer.stream(len(codes)) for peer in opened]
    seconds = [
        [[seconds_a_hop(work) for work in (peer.stream, peer.compute)] for peer in opened] for _ in range(int(rounds))
    ]
    np.savez(found, logits=logits, seconds=seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
