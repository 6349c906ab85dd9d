"""Plays a recording to a model on an emulated core, or to a board's application on a model of the board's chip.

    python -m firmware.emulate RECIPE RECORDING [--core CORE | --board BOARD]

The recording may have any format; a core gets it as 16 kHz int16 PCM, a board in the raw form of its microphone.  For a model
of a sensor it is a CSV file.
"""

import argparse
import tempfile

from firmware.audio.recordings import Reader, read_recording
from firmware.command import run_command
from firmware.compile.cores import CORES
from firmware.emulate.chips import hear_on_board
from firmware.emulate.qemu import hear_stored, store
from firmware.image.board import board_named
from firmware.image.board_image import build_board
from firmware.image.core_image import build_spotter
from firmware.image.models_c import read_models, require_one_input
from firmware.model_json import read_model_json
from firmware.recipes import model_folder, recipe_names
from firmware.sensor import Sensor, read_csv

EVENTS = ("Heard", "Anomaly")
"""How a line of a detection begins."""


def stored(recording, frontend, folder):
    """Store a recording, or a CSV file for a sensor, for an image to read; returns the number of samples.

    It is decoded to its end first: nothing is built for a bad one.
    """
    if isinstance(frontend, Sensor):
        return store([frontend.hops(read_csv(recording, frontend))], folder)
    reader = Reader(recording)
    samples = store(reader.blocks(), folder)
    reader.print_remarks()
    return samples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("recording")
    parser.add_argument("--core", choices=CORES, default="m4")
    parser.add_argument("--board")
    arguments = parser.parse_args()
    core, recipes = CORES[arguments.core], recipe_names(arguments.recipe)
    models = [model_folder(recipe) for recipe in recipes]
    if not arguments.recording:
        raise ValueError("no recording; give one as WAV=")
    if arguments.recording == "-":
        raise ValueError("WAV=-: an emulated core reads files only; `make listen` reads standard input")
    board = board_named(arguments.board) if arguments.board else None
    if board:
        pcm = read_recording(arguments.recording)
        hop_samples = max(read_model_json(model).frontend.hop_samples for model in models)
        lines = hear_on_board(board, build_board(recipes, board), pcm, hop_samples)
    else:
        require_one_input(models)
        with tempfile.TemporaryDirectory() as folder:
            samples = stored(arguments.recording, read_models(models)[0].description.frontend, folder)
            lines = hear_stored(core, build_spotter(recipes, core), folder, samples)
    print("\n".join(lines if any(line.startswith(EVENTS) for line in lines) else [*lines, "Heard nothing"]))


if __name__ == "__main__":
    run_command("emulate", main)
