"""One trained model in our C and in other runtimes, side by side: python -m tests.measure.peers RECIPE

Processor time as ratios within one run, memory, and how far each is from the integers that ship; docs/peers.md holds the tables
this prints and says what each column includes.  From features on, so that the work is the same for all.
"""

import argparse

from calibration.models import load_model
from export.artefacts import comparison_features
from firmware.command import run_command
from firmware.markdown import table
from firmware.model_json import read_model_json
from firmware.progress import progress
from firmware.recipes import recipe_name
from tests.measure.peers.memory import STEPS, measure_memory
from tests.measure.peers.rounds import HOPS
from tests.measure.peers.runtimes import Jerboa
from tests.measure.peers.speed import ROUNDS, exported, measure_speeds, partition


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
