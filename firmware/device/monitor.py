"""What a board says on its serial port, and commands to it: python -m firmware.device.monitor [--port PORT] [--captures FOLDER]

Lines from the board are printed, lines that are typed go to it (`help` lists its commands), and sound that it sends is
saved as WAV files.  Ctrl-C ends it.
"""

import argparse
import contextlib
import errno
import os
import sys
import threading
import time

import serial
from serial.tools import list_ports

from firmware.command import Failure, run_command
from firmware.device.captures import Captures
from firmware.image.board import BAUD
from firmware.paths import data_folder

TIMEOUT_S = 0.2  # between looks at Ctrl-C, where reading cannot be interrupted
PAUSE_S = 0.3
"""Behind each line that is typed, for the answer: a board that is at work keeps 127 bytes and no more."""
LINE_BYTES = 256
"""Twice the longest line that a board sends; what comes without an end is shown in parts of this size."""


class PortError(Failure):
    """No port can be opened, or the one that was is gone; the message says what to do."""


def choose_port(wanted):
    """The port that was asked for, or the only one."""
    if wanted:
        return wanted
    ports = [port for port in list_ports.comports() if port.vid is not None]
    for port in ports:
        print(f"{port.device}: {port.description}", file=sys.stderr)
    if not ports:
        raise PortError("no serial port is connected by USB: plug the board in, or name one: make monitor PORT=...")
    if len(ports) > 1:
        raise PortError(f"{len(ports)} serial ports: name one: make monitor PORT={ports[0].device}")
    return ports[0].device


def open_port(name):
    try:
        return serial.Serial(name, BAUD, timeout=TIMEOUT_S)
    except OSError as error:  # serial.SerialException is one
        reason = os.strerror(error.errno) if error.errno else str(error)
        advice = "; on Linux the group dialout may open it" if error.errno == errno.EACCES else ""
        raise PortError(f"{name}: cannot be opened: {reason}{advice}") from None


def read_lines(port):
    """Lines from the port, without their ends, what is not printable escaped; until it is gone, a PortError."""
    waiting = b""
    while True:
        try:
            waiting += port.read(port.in_waiting or 1)
        except OSError:
            raise PortError(f"{port.name}: the board was unplugged, or another program has the port too") from None
        *whole, waiting = waiting.split(b"\n")
        if len(waiting) > LINE_BYTES:
            whole, waiting = [*whole, waiting], b""
        yield from (printable(line.removesuffix(b"\r")) for line in whole)


def printable(line):
    """No byte from a port is to move a terminal's cursor."""
    text = line.decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def pass_on(port):
    """What is typed, to the port, until its end; not through sys.stdin, whose lock would be held at the end."""
    with contextlib.suppress(OSError):  # that the port is gone is told by whoever reads it
        while typed := os.read(sys.stdin.fileno(), LINE_BYTES):
            for line in typed.splitlines(keepends=True):
                port.write(line)
                time.sleep(PAUSE_S)


def monitor(port, captures):
    threading.Thread(target=pass_on, args=(port,), daemon=True).start()
    try:
        for line in read_lines(port):
            show(captures.take(line))
    finally:
        show(captures.cut())


def show(line):
    if line is not None:
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", default="")
    parser.add_argument("--captures", default=data_folder() / "captures")
    arguments = parser.parse_args()
    name = choose_port(arguments.port)
    port = open_port(name)  # the program's end closes it: what is typed may be on its way until then
    print(f"{name} at {BAUD} baud; help lists the board's commands, Ctrl-C ends", file=sys.stderr)
    with contextlib.suppress(KeyboardInterrupt):
        monitor(port, Captures(arguments.captures))


if __name__ == "__main__":
    run_command("monitor", main)
