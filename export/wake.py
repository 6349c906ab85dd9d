"""Makes a model of wake phrases from their text:  python -m export.wake --word "hey jerboa" [options of train.wake]

Writes a recipe (train.wake), trains it, chooses thresholds, exports it, measures what to expect, and writes the report.  Each
step is a process of its own that says what it does; the first one that fails ends it, and the same command goes on there.
"""

import argparse
import subprocess
import sys

from firmware.command import Failure, run_command
from firmware.process import ending

MAKING = "train", "calibration.calibrate"
STEPS = {
    "": (*MAKING, "export", "calibration.expectation", "calibration.report"),
    "esphome": (*MAKING, "export.esphome"),
}
"""By target."""


def run(*words, **settings):
    """A module of the toolchain as a process; ends this one with its status if it fails."""
    done = subprocess.run([sys.executable, "-m", *words], **settings)
    if done.returncode < 0:
        raise Failure(f"{words[0]} {ending(done.returncode)}; the same command goes on")
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def main():
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--for", dest="target", default="")
    target = parser.parse_known_args()[0].target
    recipe = run("train.wake", *sys.argv[1:], stdout=subprocess.PIPE, text=True).rstrip("\n")
    for step in STEPS[target] if recipe.endswith(".toml") else ():  # --help prints no recipe
        run(step, "--", recipe)


if __name__ == "__main__":
    run_command("wake", main, stopped="stopped; the same command goes on")
