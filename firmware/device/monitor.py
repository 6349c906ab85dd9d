"""A board's serial port on the terminal: python -m firmware.device.monitor [--port PORT] [--captures FOLDER]

Lines from the board are printed, typed lines are sent to it (`help` lists its commands), and captures, the sound that it
sends, are saved as WAV files.  Ctrl-C ends it.
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

from firmware.command import Failure, print_remark, printable, run_command
from firmware.device.captures import Captures
from firmware.image.board import BAUD
from firmware.paths import data_folder

TIMEOUT_S = 0.2
"""Longest read; Ctrl-C takes effect after it where it does not interrupt reading."""
PAUSE_S = 0.3
"""After each typed line: a busy board buffers at most 127 received bytes."""
LINE_BYTES = 256
"""Twice the longest line of a board; longer data without a line end is shown in parts of this size."""


class PortError(Failure):
    """No port could be opened, or the open port failed; the message says what to do."""


def choose_port(wanted):
    """The wanted port, or the only USB serial port."""
    if wanted:
        return wanted
    ports = [port for port in list_ports.comports() if port.vid is not None]
    for port in ports:
        print_remark(f"{port.device}: {port.description}")
    if not ports:
        raise PortError("no USB serial port found: connect the board, or give PORT=")
    if len(ports) > 1:
        raise PortError(f"{len(ports)} USB serial ports found: choose one, for example PORT={ports[0].device}")
    return ports[0].device


def open_port(name):
    try:
        return serial.Serial(name, BAUD, timeout=TIMEOUT_S)
    except OSError as error:  # serial.SerialException is one
        reason = os.strerror(error.errno) if error.errno else str(error)
        advice = "; on Linux join the group dialout" if error.errno == errno.EACCES else ""
        raise PortError(f"{name}: cannot be opened: {reason}{advice}") from None


def read_lines(port):
    """Lines from the port without line ends, unprintable characters escaped; PortError when the port fails."""
    waiting = b""
    while True:
        try:
            waiting += port.read(port.in_waiting or 1)
        except OSError:
            raise PortError(f"{port.name}: the board was unplugged, or another program uses the port") from None
        *whole, waiting = waiting.split(b"\n")
        if len(waiting) > LINE_BYTES:
            whole, waiting = [*whole, waiting], b""
        for line in whole:
            text = line.removesuffix(b"\r")
            for begin in range(0, len(text) or 1, LINE_BYTES):
                yield printable(text[begin : begin + LINE_BYTES].decode("utf-8", "backslashreplace"))


def pass_on(port):
    """Send typed lines to the port until end of file; not through sys.stdin, whose lock would block the exit."""
    with contextlib.suppress(OSError):  # read_lines reports a port that fails
        while typed := os.read(sys.stdin.fileno(), LINE_BYTES):
            for line in typed.splitlines(keepends=True):
                port.write(line)
                time.sleep(PAUSE_S)


def monitor(port, captures):
    if sys.stdin is not None:  # closed: nothing will be typed
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
    port = open_port(name)  # closed by the program's end: typed lines may be on their way until then
    print(f"{name} at {BAUD} baud; help lists the board's commands, Ctrl-C ends", file=sys.stderr)
    with contextlib.suppress(KeyboardInterrupt):
        monitor(port, Captures(arguments.captures))


if __name__ == "__main__":
    run_command("monitor", main)
