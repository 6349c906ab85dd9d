"""Images on emulated cores, in qemu-system-arm; they read sound as 16 kHz int16 PCM through semihosting."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from firmware.command import Failure
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.process import ending, run_limited

QEMU = "qemu-system-arm"
CPU_LIMIT_S = 600
"""Limit of processor time; no image sleeps, so one that hangs reaches it."""
STORED = "recording.pcm"
"""The file that an image reads."""


class EmulationError(Failure):
    """The emulator is missing, or the program on it failed; the message has its output."""


def run_image(core, image, *arguments, folder=None, qemu_options=(), limit_s=None):
    """Run an image on its core's machine and return its output; EmulationError unless it exits with status 0.

    arguments: words without spaces, which separate them on the program's command line.  folder: its working directory.
    limit_s: of processor time, by default CPU_LIMIT_S.
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
    """The lines that an image prints for blocks of PCM int16."""
    with tempfile.TemporaryDirectory() as folder:
        return hear_stored(core, image, folder, store(blocks, folder))


def store(blocks, folder):
    """Write blocks of PCM int16 to the file that an image in this folder reads; returns the number of samples."""
    with open(Path(folder) / STORED, "wb") as file:
        return sum(file.write(block.astype("<i2").tobytes()) // 2 for block in blocks)


def hear_stored(core, image, folder, samples):
    """The lines that an image prints for stored PCM; the limit of processor time is CPU_LIMIT_S plus the sound's length."""
    limit_s = CPU_LIMIT_S + samples // SAMPLE_RATE_HZ
    return run_image(core, image, STORED, folder=folder, limit_s=limit_s).splitlines()
