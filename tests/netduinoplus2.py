"""The application on QEMU's netduinoplus2, spoken to through its serial port."""

import queue
import subprocess
import threading
import time
from contextlib import contextmanager

from firmware.emulate import QEMU

TIME_LIMIT_S = 60
ICOUNT = "shift=3"
"""8 ns of the machine's time for each instruction, so that what it measures is the same on any host."""


def command(image, recording, serial="stdio"):
    return [
        *(QEMU, "-M", "netduinoplus2", "-nographic", "-monitor", "none", "-serial", serial, "-icount", ICOUNT),
        *("-semihosting-config", f"enable=on,target=native,arg=image,arg={recording}", "-kernel", str(image)),
    ]


class SerialPort:
    """A running board's serial port: lines out, lines in."""

    def __init__(self, process):
        self._process, self._lines, self.seen = process, queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.decode("ascii").rstrip("\n"))

    def send(self, *lines):
        for line in lines:
            self._process.stdin.write(line if isinstance(line, bytes) else f"{line}\n".encode())
        self._process.stdin.flush()

    def until(self, start):
        """The lines up to the first that starts so, that one included."""
        found, end = [], time.monotonic() + TIME_LIMIT_S
        while not found or not found[-1].startswith(start):
            try:
                found.append(self._lines.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no line {start!r} within {TIME_LIMIT_S} s, but {found}") from None
        return found

    def ask(self, line, start):
        """The lines of an answer, without what was heard meanwhile."""
        self.send(line)
        return [said for said in self.until(start) if not said.startswith("Heard")]


@contextmanager
def running(image, pcm, folder):
    """A board that hears PCM int16 [samples], then silence."""
    recording = folder / "recording.pcm"
    recording.write_bytes(pcm.astype("<i2").tobytes())
    with subprocess.Popen(command(image, recording), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield SerialPort(process)
        finally:
            process.kill()
