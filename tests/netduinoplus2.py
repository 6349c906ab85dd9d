"""The application on QEMU's netduinoplus2, spoken to through its serial port."""

import subprocess
from contextlib import contextmanager
from dataclasses import replace

from firmware.compile.cores import CORES
from firmware.emulate.qemu import QEMU
from firmware.image.board_image import SOURCES
from firmware.image.core_image import build_image
from firmware.image.selftest import write_selftest
from firmware.paths import APPLICATION, ROOT
from tests.children import child

NETDUINOPLUS2 = replace(
    CORES["m4"], name="netduinoplus2", machine="netduinoplus2", flash_origin=0x08000000, flash_kb=1024, ram_kb=128
)
"""QEMU's machine with a serial port, an STM32F405; the emulated cores have none that hears."""


def build_application(board, models, folder, options=()):
    """The application's image for an emulated board with the models in folders; returns its path."""
    write_selftest(models, folder)
    sources = [APPLICATION / name for name in SOURCES if name not in ("main.c", "line.c", "listeners.c")]
    return build_image(
        board,
        APPLICATION / "main.c",
        folder,
        models,
        options,
        [ROOT / "tests" / "emulated" / "netduinoplus2.c", *sources],
    )


ICOUNT = "shift=3,sleep=off"
"""8 ns of the machine's time for each instruction, and no sleep in real time: what it measures is the same on any host."""


def command(image, serial="stdio"):
    """QEMU's words, to be run in the folder with recording.pcm: the command line of an image knows no spaces."""
    return [
        *(QEMU, "-M", "netduinoplus2", "-nographic", "-monitor", "none", "-serial", serial, "-icount", ICOUNT),
        *("-semihosting-config", "enable=on,target=native,arg=image,arg=recording.pcm", "-kernel", str(image)),
    ]


class SerialPort:
    """A running board's serial port: lines out, lines in.  The board waits where its lines are not read."""

    def __init__(self, process):
        self._process = process

    def send(self, *lines):
        for line in lines:
            self._process.stdin.write(line if isinstance(line, bytes) else f"{line}\n".encode())
        self._process.stdin.flush()

    def until(self, start):
        """The lines up to the first that starts so, that one included."""
        found = []
        for line in self._process.stdout:
            found.append(line.decode("ascii").rstrip("\n"))
            if found[-1].startswith(start):
                return found
        raise AssertionError(f"the emulator ended without a line {start!r}, but {found}")

    def ask(self, line, start):
        """The lines of an answer, without what was heard meanwhile."""
        self.send(line)
        return [said for said in self.until(start) if not said.startswith("Heard")]


@contextmanager
def running(image, pcm, folder):
    """A board that hears PCM int16 [samples] again and again."""
    (folder / "recording.pcm").write_bytes(pcm.astype("<i2").tobytes())
    with child(command(image), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield SerialPort(process)
