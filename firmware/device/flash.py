"""Writes the application with a recipe's model into a connected board.

    python -m firmware.device.flash RECIPE BOARD

flashed_by in board.toml selects the way: a debug probe (pyOCD), a file on the drive of a bootloader (UF2), or the Arduino
bootloader (bossac, which must be installed).
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
from pyocd.core.exceptions import Error as PyOcdError
from pyocd.core.helpers import ConnectHelper
from serial.tools import list_ports

from firmware.command import Failure, run_command
from firmware.image.board import board_named
from firmware.image.board_image import build_board
from firmware.recipes import recipe_names

DRIVE = "RPI-RP2"
"""Board-ID in INFO_UF2.TXT on the drive of the RP2040's boot ROM."""


class FlashError(Failure):
    """No board was found, or it could not be written; the message says what to do."""


def run_tool(command, board):
    """Run a tool that prints its own progress; FlashError if it fails."""
    done = subprocess.run([str(word) for word in command])
    if done.returncode:
        raise FlashError(
            f"{board.name}: {Path(command[0]).name} ended with status {done.returncode}; see its output above"
        )


def the_only(found, what, advice):
    """The only element of found; FlashError with the advice if there is none, with the names if there are several."""
    if not found:
        raise FlashError(f"no {what} found: {advice}")
    if len(found) > 1:
        raise FlashError(f"more than one {what} found: {', '.join(map(str, found))}; unplug all but one")
    return found[0]


def reported_chip(probe):
    """The chip that a debug probe reports as its target, or None if it reports none."""
    info = probe.associated_board_info
    return info.target if info else None


def choose_probe(board):
    """The ID of the probe that reports this board's chip, else of the only one that reports no chip."""
    probes = ConnectHelper.get_all_connected_probes(blocking=False, print_wait_message=False)
    chips = {probe.unique_id: reported_chip(probe) for probe in probes}
    ours = [name for name, chip in chips.items() if chip == board.chip]
    advice = f"connect {board.name} by USB ({' or '.join(board.usb)}); permissions on Linux: docs/boards.md"
    candidates = ours or [name for name, chip in chips.items() if chip is None]
    return the_only(candidates, f"debug probe for {board.name}", advice)


def flash_through_probe(board, image):
    try:
        probe = choose_probe(board)
    except PyOcdError as error:
        raise FlashError(f"debug probe: no answer ({error}); close other programs that use it") from None
    pyocd = (sys.executable, "-m", "pyocd", "flash", "--no-wait", "--probe", probe, "--target", board.chip)
    run_tool([*pyocd, image.with_suffix(".hex")], board)


def is_drive(folder):
    """Whether a folder is the drive of the RP2040's boot ROM."""
    try:
        return DRIVE in (folder / "INFO_UF2.TXT").read_text(errors="replace")
    except OSError:
        return False


def flash_through_drive(board, image):
    """Copy the UF2 file; after its last block the boot ROM starts the program, and the drive disappears."""
    mounted = (Path(partition.mountpoint) for partition in psutil.disk_partitions(all=True))
    drives = [folder for folder in dict.fromkeys(mounted) if is_drive(folder)]  # an automount is listed twice
    drive = the_only(drives, f"drive {DRIVE}", f"hold BOOTSEL while you plug in {board.name}, and mount the drive")
    content = image.with_suffix(".uf2").read_bytes()
    try:
        with open(drive / f"{board.name}.uf2", "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if is_drive(drive):
            raise FlashError(f"{drive}: program not written completely: {error.strerror}; try again") from None
        print(
            f"{drive} disappeared, which is normal once {board.name} has the whole program; "
            "if its serial port stays silent, flash it again"
        )
        return
    print(f"{len(content)} bytes written to {drive}; {board.name} restarts by itself")


def flash_through_bootloader(board, image):
    bossac = shutil.which("bossac")
    if not bossac:
        raise FlashError(
            "bossac: not found; install this board in the Arduino IDE and put the folder of its bossac on PATH"
        )
    known = {tuple(int(part, 16) for part in usb.split(":")) for usb in board.usb}
    ports = [port.device for port in list_ports.comports() if (port.vid, port.pid) in known]
    advice = f"connect {board.name} by USB ({' or '.join(board.usb)}) and press reset twice"
    port = the_only(ports, f"bootloader port of {board.name}", advice)
    run_tool([bossac, "-d", f"--port={port}", "-U", "-i", "-e", "-w", image.with_suffix(".bin"), "-R"], board)


WAYS = {"probe": flash_through_probe, "uf2": flash_through_drive, "bossac": flash_through_bootloader}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("board", nargs="?", default="")
    arguments = parser.parse_args()
    board = board_named(arguments.board)
    WAYS[board.flashed_by](board, build_board(recipe_names(arguments.recipe), board))


if __name__ == "__main__":
    run_command("flash", main)
