"""Runs images on emulated cores (qemu-system-arm).

    python -m firmware.emulate RECIPE RECORDING [--core CORE]

The recording may be in any format; the core hears it as 16 kHz int16 PCM through semihosting.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from firmware.audio import read_recording
from firmware.build import CORES, BuildError, build_spotter
from firmware.recipes import recipe_name

QEMU = "qemu-system-arm"
TIME_LIMIT_S = 300


class EmulationError(RuntimeError):
    """The emulator is not there, or the program on it ended with an error; the message holds what it printed."""


def run_image(core, image, *arguments, qemu_options=()):
    """Run an image on its core's machine; returns what it printed.  Raises EmulationError unless it exits with 0."""
    words = ",".join(f"arg={word}" for word in (Path(image).stem, *map(str, arguments)))
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
        str(image),
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIME_LIMIT_S)
    except FileNotFoundError:
        raise EmulationError(f"{QEMU}: not found; `make setup` installs it or says how") from None
    except subprocess.TimeoutExpired:
        raise EmulationError(f"{image}: did not end within {TIME_LIMIT_S} s on an emulated {core.name}") from None
    if done.returncode:
        raise EmulationError(
            f"{image}: ended with status {done.returncode} on an emulated {core.name}\n{done.stdout}{done.stderr}"
        )
    return done.stdout + done.stderr


def hear(core, image, pcm):
    """The lines an image prints of PCM int16 [samples]."""
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.pcm"
        recording.write_bytes(pcm.astype("<i2").tobytes())
        return run_image(core, image, recording).splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("recording")
    parser.add_argument("--core", choices=CORES, default="m4")
    arguments = parser.parse_args()
    core = CORES[arguments.core]
    if not arguments.recording:
        raise ValueError("no recording; give one as WAV=")
    pcm = read_recording(arguments.recording)
    lines = hear(core, build_spotter(recipe_name(arguments.recipe), core), pcm)
    print("\n".join(lines) or "Heard nothing")


if __name__ == "__main__":
    try:
        main()
    except (BuildError, EmulationError, ValueError, OSError) as error:
        sys.exit(f"emulate: {error}")
