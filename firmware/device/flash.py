"""Writes the application with a recipe's model into a board that is plugged in.

    python -m firmware.device.flash RECIPE BOARD

board.toml says how: through a debug probe (pyOCD), by a file on the drive of a bootloader (UF2), or through the Arduino
bootloader (bossac, where it is installed).
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
"""The Board-ID in INFO_UF2.TXT on the drive of the RP2040's boot ROM."""


class FlashError(Failure):
    """There is no board to write to, or it could not be written; the message says what to do."""


def run_tool(command, board):
    """Run a tool that prints what it does; FlashError where it fails."""
    done = subprocess.run([str(word) for word in command])
    if done.returncode:
        raise FlashError(f"{board.name}: {Path(command[0]).name} ended with status {done.returncode}; see above")


def the_only(found, what, advice):
    """The only one of those found; FlashError with the advice where there is none, with their names where there are several."""
    if not found:
        raise FlashError(f"no {what}: {advice}")
    if len(found) > 1:
        raise FlashError(f"several candidates for the {what}: {', '.join(map(str, found))}; unplug all but one")
    return found[0]


def soldered_to(probe):
    """The chip that a debug probe says it is soldered to, or None: it does not say, or it is not."""
    info = probe.associated_board_info
    return info.target if info else None


def choose_probe(board):
    """The ID of the probe on this board; if no probe reports this board, of one that reports no board."""
    probes = ConnectHelper.get_all_connected_probes(blocking=False, print_wait_message=False)
    chips = {probe.unique_id: soldered_to(probe) for probe in probes}
    ours = [name for name, chip in chips.items() if chip == board.chip]
    advice = f"plug {board.name} in (USB {' or '.join(board.usb)}); on Linux docs/boards.md says who may open it"
    what = f"debug probe of {board.name}"
    return the_only(ours or [name for name, chip in chips.items() if chip is None], what, advice)


def flash_through_probe(board, image):
    try:
        probe = choose_probe(board)
    except PyOcdError as error:
        raise FlashError(f"a debug probe does not answer ({error}): another program may have it") from None
    pyocd = (sys.executable, "-m", "pyocd", "flash", "--no-wait", "--probe", probe, "--target", board.chip)
    run_tool([*pyocd, image.with_suffix(".hex")], board)


def is_drive(folder):
    """Whether a folder is a drive that says it is the RP2040's."""
    try:
        return DRIVE in (folder / "INFO_UF2.TXT").read_text(errors="replace")
    except OSError:
        return False


def flash_through_drive(board, image):
    """The boot ROM starts the program when it has every block, and not before: then the drive goes away."""
    mounted = (Path(partition.mountpoint) for partition in psutil.disk_partitions(all=True))
    drives = [folder for folder in dict.fromkeys(mounted) if is_drive(folder)]  # an automount is listed twice
    drive = the_only(drives, f"drive {DRIVE}", f"hold BOOTSEL while you plug {board.name} in, and mount it")
    content = image.with_suffix(".uf2").read_bytes()
    try:
        with open(drive / f"{board.name}.uf2", "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if is_drive(drive):
            raise FlashError(f"{drive}: not all of the program could be written: {error.strerror}") from None
        print(
            f"{drive} went away, as it does when {board.name} has the whole program; "
            "if its serial port says nothing then, flash it again"
        )
        return
    print(f"{len(content)} bytes written to {drive}; {board.name} restarts by itself")


def flash_through_bootloader(board, image):
    bossac = shutil.which("bossac")
    if not bossac:
        raise FlashError(
            "bossac: not found; put the folder of the one that Arduino's IDE brings for this board on PATH"
        )
    known = {tuple(int(part, 16) for part in usb.split(":")) for usb in board.usb}
    ports = [port.device for port in list_ports.comports() if (port.vid, port.pid) in known]
    advice = f"plug {board.name} in and press reset twice (USB {' or '.join(board.usb)})"
    port = the_only(ports, f"port of {board.name}'s bootloader", advice)
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
