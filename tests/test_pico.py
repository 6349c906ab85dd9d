"""The Pico's UF2 file in rp2040py, an independent emulator: its own UF2 reader, PIO by clocks, interrupts at any instruction."""

import re
from itertools import islice

import numpy as np
from rp2040py.device.load_flash import load_uf2
from rp2040py.execute_batch import execute_batch
from rp2040py.simulator import Simulator

from firmware.audio.recordings import read_recording
from firmware.emulate.chips.microphones import modulator
from firmware.emulate.chips.rp2040 import BOOT_COPY
from firmware.image.board import known_boards
from firmware.image.board_image import link_board
from firmware.image.selftest import expected
from tests.boards import RECIPE

CLOCK_PIN, DATA_PIN = 2, 3
HOP_SAMPLES = 320
HOPS = 60
"""Length of the sound; the emulation fails at its end.  The emulator skips time while the core sleeps."""


def pico(image, pcm):
    """(simulator, bytes sent by UART0) of a Pico after its boot ROM, with a PDM microphone that hears PCM int16 [samples]."""
    simulator, said = Simulator(), bytearray()
    chip = simulator.rp2040
    load_uf2(image.with_suffix(".uf2"), chip)
    for offset in range(0, 256, 4):
        chip.write_uint32(BOOT_COPY + offset, int.from_bytes(chip.flash[offset : offset + 4], "little"))
    chip.core.pc = BOOT_COPY
    chip.uart[0].on_byte = said.append
    bits = (
        bit
        for hop in islice(modulator(pcm, HOP_SAMPLES), HOPS)
        for bit in np.unpackbits(np.frombuffer(hop, np.uint8), bitorder="little")
    )

    def clocked(level, _):
        """The microphone outputs a bit at the falling edge of its clock."""
        if level.name == "LOW":
            chip.gpio[DATA_PIN].set_input_value(bool(next(bits)))

    chip.gpio[CLOCK_PIN].add_listener(clocked)
    simulator.stopped = False
    return simulator, said


def until(simulator, said, start):
    """Run until a line with this start is complete."""
    while b"\n" + start not in said or not said.endswith(b"\n"):
        execute_batch(simulator, 1)


def test_its_pio_program_its_interrupts_and_its_timer_bring_the_sound_to_heard_yes(corpus, tmp_path):
    pcm = read_recording(sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0])
    simulator, said = pico(link_board(known_boards()["pico"], [RECIPE], tmp_path), pcm)
    until(simulator, said, b"Heard")
    for byte in b"stats\n":
        simulator.rp2040.uart[0].feed_byte(byte)
    until(simulator, said, b"stats")
    hashes = " ".join(f"{value:08x}" for value in expected(RECIPE))
    jerboa, selftest, heard, stats = said.decode("ascii").splitlines()
    assert (jerboa, selftest) == ("Jerboa on pico", f"self-test {hashes}: ok")
    assert re.fullmatch(r"Heard yes \(0\.\d\d\) @ [5-8]\d0 ms", heard)
    assert re.fullmatch(r"stats: load \d\.\d%, worst hop [2-8]\.\d\d ms, \d\d hops heard, 0 missed", stats)
