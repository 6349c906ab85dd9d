"""Runs images on emulated cores (qemu-system-arm), and the application of a board on a model of its chip (Unicorn).

    python -m firmware.emulate RECIPE RECORDING [--core CORE | --board BOARD]

The recording may be in any format; a core hears it as 16 kHz int16 PCM through semihosting, a board in its microphone's form.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from firmware.audio import Reader, read_recording
from firmware.board import board_named
from firmware.build import CORES, build_spotter
from firmware.chips import start
from firmware.command import Failure, run_command
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.image import build_board
from firmware.limited import ending, run_limited
from firmware.model_json import read_model_json
from firmware.recipes import model_folder, recipe_name

QEMU = "qemu-system-arm"
CPU_LIMIT_S = 600
"""Of processor time; no image sleeps, so one that hangs uses it up."""
STORED = "recording.pcm"


class EmulationError(Failure):
    """The emulator is not there, or the program on it ended with an error; the message holds what it printed."""


def run_image(core, image, *arguments, folder=None, qemu_options=(), limit_s=None):
    """Run an image on its core's machine; returns what it printed.  Raises EmulationError unless it exits with 0.

    arguments: words without spaces, by which the program splits its command line.  folder: where it finds files that they
    name.  limit_s: of processor time, by default CPU_LIMIT_S.
    """
    limit_s = limit_s or CPU_LIMIT_S
    words = ",".join(f"arg={word}" for word in (Path(image).stem, *arguments))
    command = [
        QEMU,
        "-M",
        core.machine,
        "-nographic",
        "-monitor",
        "none",
        "-serial",
        "none",
        "-semihosting-config",
        f"enable=on,target=native,{words}",
        *qemu_options,
        "-kernel",
        os.path.abspath(image),
    ]
    if shutil.which(QEMU) is None:
        raise EmulationError(f"{QEMU}: not found; `make setup` installs it or says how")
    done = run_limited(command, limit_s, cwd=folder, stdin=subprocess.DEVNULL)
    if done.returncode:
        how = f"{ending(done.returncode, limit_s)} on an emulated {core.name}"
        raise EmulationError(f"{image}: {how}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def hear(core, image, blocks):
    """The lines an image prints of PCM int16 in blocks."""
    with tempfile.TemporaryDirectory() as folder:
        return hear_stored(core, image, folder, store(blocks, folder))


def store(blocks, folder):
    """Write PCM int16 in blocks to where an image finds it; returns how many samples there are."""
    with open(Path(folder) / STORED, "wb") as file:
        return sum(file.write(block.astype("<i2").tobytes()) // 2 for block in blocks)


def hear_stored(core, image, folder, samples):
    """The lines an image prints of stored PCM; sound has its own length as processor time, besides CPU_LIMIT_S."""
    limit_s = CPU_LIMIT_S + samples // SAMPLE_RATE_HZ
    return run_image(core, image, STORED, folder=folder, limit_s=limit_s).splitlines()


def hear_on_board(board, image, pcm, hop_samples):
    """The lines that a board's application writes to its serial port, up to a second after PCM int16 [samples].

    hop_samples: of the model in the image.
    """
    machine = start(board, image, pcm, hop_samples)
    machine.run(lambda: machine.chip.hops * hop_samples >= len(pcm) + SAMPLE_RATE_HZ)
    return machine.chip.lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("recording")
    parser.add_argument("--core", choices=CORES, default="m4")
    parser.add_argument("--board")
    arguments = parser.parse_args()
    core, recipe = CORES[arguments.core], recipe_name(arguments.recipe)
    model = model_folder(recipe)
    if not arguments.recording:
        raise ValueError("no recording; give one as WAV=")
    if arguments.recording == "-":
        raise ValueError("WAV=-: a core hears files; `make listen` hears standard input")
    board = board_named(arguments.board) if arguments.board else None
    if board:
        pcm, hop_samples = read_recording(arguments.recording), read_model_json(model).frontend.hop_samples
        lines = hear_on_board(board, build_board(recipe, board), pcm, hop_samples)
    else:
        reader = Reader(arguments.recording)
        with tempfile.TemporaryDirectory() as folder:
            samples = store(reader.blocks(), folder)  # all of it can be heard, or nothing is built
            reader.tell()
            lines = hear_stored(core, build_spotter(recipe, core), folder, samples)
    print("\n".join(lines if any(line.startswith("Heard") for line in lines) else [*lines, "Heard nothing"]))


if __name__ == "__main__":
    run_command("emulate", main)
