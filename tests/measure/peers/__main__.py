"""One trained model in our C and in other runtimes, side by side: python -m tests.measure.peers RECIPE

Processor time as ratios within one run, memory, and how far each is from the integers that ship; docs/peers.md holds the tables
this prints and says what each column includes.  From features on, so that the work is the same for all.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from calibration.models import load_model
from export.__main__ import export
from export.agreement import LOGIT_UNIT, compare
from export.artefacts import comparison_features
from firmware.command import run_command
from firmware.markdown import table
from firmware.model_json import read_model_json
from firmware.paths import build_folder
from firmware.progress import progress
from firmware.recipes import recipe_name
from tests.measure.peers.memory import STEPS, measure_memory
from tests.measure.peers.rounds import HOPS, time_peers
from tests.measure.peers.runtimes import PEERS, Jerboa, Peer

ROUNDS = 101


@dataclass(frozen=True)
class Speed:
    """A peer in one run: ratios to our C (medians of rounds), and `compare` with the integers over a stream."""

    peer: Peer
    call_a_hop: float
    computing: float
    agreement: dict


def exported(recipe, model):
    """The folder with every file of exactly this model that can be made here; exports where one is missing."""
    folder = build_folder() / recipe
    missing = [peer.missing(folder) or "" for peer in PEERS]
    if any(reason.startswith("there is no") for reason in missing) or (
        read_model_json(folder / "firmware").weights_sha256 != model.sha256()
    ):
        export(recipe)
    return folder


def partition(folder):
    """(peers that can run, {peer: why it cannot})."""
    left_out = {peer: reason for peer in PEERS if (reason := peer.missing(folder))}
    return [peer for peer in PEERS if peer not in left_out], left_out


def measure_speeds(folder, peers, model, integers, rounds=ROUNDS):
    """(a Speed for each of the peers, time of our C with a call a hop as a ratio to many hops in a call)."""
    codes = comparison_features(model)[1]
    wanted = integers.run(codes[None])[0][0] * LOGIT_UNIT
    logits, seconds = time_peers(folder, peers, codes, model.features.real(codes), rounds)
    ratios = np.median(seconds / seconds[:, :1], axis=0)
    speeds = [
        Speed(peer, *map(float, ratio), compare(wanted, found))
        for peer, ratio, found in zip(peers, ratios, logits, strict=True)
    ]
    return speeds, float(np.median(seconds[:, 0, 0] / seconds[:, 0, 1]))


def print_speeds(speeds, call_ratio):
    header = ["runtime", "file", "a call a hop", "computing", "mean logit difference", "agreement"]
    rows = [
        (
            speed.peer.name,
            speed.peer.file,
            f"{speed.call_a_hop:.2f}",
            f"{speed.computing:.2f}",
            *(f"{speed.agreement[figure]:.4f}" for figure in ("mean", "agree")),
        )
        for speed in speeds
    ]
    print(table(header, rows))
    print(f"\nOur C with a call a hop takes {call_ratio:.1f} times what it takes with {HOPS} hops in a call.\n")


def print_memory(folder, peers, model):
    codes = comparison_features(model)[1]
    header = ["runtime", "file", "model, bytes", "working memory, bytes", "runtime, MB", f"model and {STEPS} steps, MB"]
    rows = []
    for peer in progress(peers, "measuring memory", "runtimes"):
        found = measure_memory(folder, peer, codes, model.features.real(codes))
        file = folder / peer.file
        ours = peer.runtime is Jerboa
        size = read_model_json(file.parent).flash_bytes if ours else file.stat().st_size
        working = "-" if found["working_bytes"] is None else found["working_bytes"]
        resident = (f"{found[part] / 1e6:.1f}" for part in ("runtime_bytes", "model_bytes"))
        rows.append((peer.name, peer.file, size, working, *resident))
    print(table(header, rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = recipe_name(parser.parse_args().recipe)
    model, origin = load_model(recipe)
    folder = exported(recipe, model)
    peers, left_out = partition(folder)
    print(f"{origin}; {ROUNDS} rounds of {HOPS} hops, one thread\n")
    print_speeds(*measure_speeds(folder, peers, model, model.quantize()))
    print_memory(folder, peers, model)
    for peer, reason in left_out.items():
        print(f"left out: {peer.name} with {peer.file}: {reason}")


if __name__ == "__main__":
    run_command("peers", main)
