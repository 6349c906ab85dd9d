"""What a search costs beyond one machine: python -m tests.measure.scale [--store postgresql://...]

Measures how many trials a second a store gives out and takes back with one and several processes, and the bytes that it grows by
for each; then simulates searches whose trainings take simulated times, with up to 1,000 workers, by the rule of export/search.
"""

import argparse
import heapq
import math
import multiprocessing
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from optuna.distributions import FloatDistribution

from export.search.rungs import Rung
from export.search.search import KEPT
from export.search.store import open_store
from firmware.command import run_command
from firmware.markdown import table

CYCLES = 100
"""Trials that each process runs."""
PROCESSES = (1, 2, 4)
RANGES = {"x": FloatDistribution(0, 1)}

TRIALS = 10_000
GENERATIONS = 30, 300, 3000
"""Candidates of a generation, as simulated."""
WORKERS = 1, 10, 100, 1000
EPOCHS = 11, 33, 100
EPOCH_S = 60
SPREAD = 0.3
"""Standard deviation of the logarithm of an epoch's time: candidates have different sizes."""


def rung_of(store, path):
    return Rung(open_store(store, path), f"scale {path}", 1, ["errors"], RANGES, False)


def run_trials(store, path):
    """Take and end trials until none waits."""
    rung = rung_of(store, path)
    while trial := rung.take():
        rung.end(trial, {"errors": 0.5})


def trials_a_second(store, path, processes):
    """(trials taken and ended in a second, bytes of the journal for each) by some processes on one store."""
    rung_of(store, path).add(0, {f"{place}": ({"x": place / 1e6}, {}) for place in range(CYCLES * processes)})
    size = path.stat().st_size if path.exists() else 0
    workers = [multiprocessing.Process(target=run_trials, args=(store, path)) for _ in range(processes)]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    rate = CYCLES * processes / (time.monotonic() - began)
    return rate, (path.stat().st_size - size) / (CYCLES * processes) if path.exists() else None


def hours(generation, workers):
    """How long TRIALS candidates take, in simulated hours."""
    random = np.random.default_rng(0)
    spent = np.diff([0, *EPOCHS]) * EPOCH_S
    waiting, running, ended, of = defaultdict(list), [], defaultdict(int), {}
    opened = now = 0

    def let_wait(number, rung, count):
        of[number, rung] = count
        waiting[rung] += [(number, duration) for duration in random.lognormal(math.log(spent[rung]), SPREAD, count)]

    while True:
        if opened < math.ceil(TRIALS / generation) and ended[opened - 1, 0] == of.get((opened - 1, 0), 0):
            let_wait(opened, 0, min(generation, TRIALS - opened * generation))
            opened += 1
        for rung in reversed(range(len(EPOCHS))):
            while waiting[rung] and len(running) < workers:
                number, duration = waiting[rung].pop(0)
                heapq.heappush(running, (now + duration, number, rung))
        if not running:
            return now / 3600
        now, number, rung = heapq.heappop(running)
        ended[number, rung] += 1
        if ended[number, rung] == of[number, rung] and rung + 1 < len(EPOCHS):
            let_wait(number, rung + 1, math.ceil(of[number, rung] / KEPT))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", default="", help="postgresql://..., measured beside the journal")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for store in ("", given.store) if given.store else ("",):
            for processes in PROCESSES:
                path = Path(folder) / f"{processes}{bool(store)}.log"
                rate, size = trials_a_second(store, path, processes)
                rows.append(
                    [
                        "PostgreSQL" if store else "journal",
                        processes,
                        f"{rate:.0f}",
                        "-" if size is None else f"{size:.0f}",
                    ]
                )
    print(table(["store", "processes", "trials a second", "bytes a trial"], rows))
    rows = []
    for generation in GENERATIONS:
        times = [hours(generation, workers) for workers in WORKERS]
        rows.append([generation, f"{times[0]:,.0f}", *(f"{times[0] / one:.1f}" for one in times[1:])])
    print(f"\n{TRIALS:,} candidates of {EPOCHS[-1]} epochs of about {EPOCH_S} s:\n")
    print(
        table(
            ["generation", "hours of one worker", *(f"{workers:,} workers, times as fast" for workers in WORKERS[1:])],
            rows,
        )
    )


if __name__ == "__main__":
    run_command("scale", main)
