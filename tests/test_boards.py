"""Each board's own image in Unicorn, from its reset vector on."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from firmware.audio.recordings import read_recording
from firmware.device.captures import Captures
from firmware.emulate.chips import start
from firmware.emulate.chips.chip import Chip
from firmware.emulate.chips.machine import MachineError
from firmware.emulate.chips.registers import read_registers
from firmware.host.binding import NOTHING, SpotterC
from firmware.image import board as board_file
from firmware.image.board import known_boards
from firmware.image.board_image import flash_and_ram_bytes, link_board
from firmware.image.selftest import expected
from firmware.listen.listener import Detection
from firmware.paths import BOARDS
from tests.boards import RECIPE, golden, started

ALL = known_boards()
HOP_SAMPLES = 320
LED = {"microbit2": {21: 1, 28: 0}, "nano33ble": {13: 1}, "b_l475e": {14: 1}, "pico": {25: 1}}
"""{board: {pin: level}}: the levels that light the LED."""
LIKENESS = 0.9995
"""Least correlation of the second that a board sends with the sound, at the best offset."""
SPOILT = {
    "microbit2": ("TIMER0_CC0", 999, r"16016\.\d+"),
    "nano33ble": ("PDM_RATIO", 0, r"20000\.0"),
    "b_l475e": ("DFSDM1_FLT0FCR", 0x607F0000, r"15625\.0"),
    "pico": ("PIO0_SM0_CLKDIV", 26 << 16, r"15384\.6\d+"),
}

UNCLOCKED = {
    "b_l475e": ("RCC_AHB1ENR", "DMA1_.*: its peripheral has no clock: RCC_AHB1ENR bit 0 is 0"),
    "pico": ("RESETS_RESET_CLEAR", r": its peripheral has no clock or is in reset: RESETS_RESET_DONE bit \d+ is 0"),
}
WRONG = {
    "microbit2": ("P0_PIN_CNF20", 0, "P0_PIN_CNF20 & 0x1 is 0x0, expected 0x1"),
    "nano33ble": ("PDM_SAMPLE_MAXCNT", 100, "PDM_SAMPLE_MAXCNT is 100, expected 320"),
    "b_l475e": ("GPIOE_AFRL", 0, "PE7 alternate function is 0, expected 6"),
    "pico": ("DMA_CH0_TRANS_COUNT", 320, "DMA_CH0_TRANS_COUNT is 320, expected 640"),
}
"""{board: (register, a wrong value, how it is reported)}."""


@pytest.fixture(params=ALL)
def board(request):
    return ALL[request.param]


# --- hearing


def test_from_the_reset_vector_to_heard_yes(board, board_image, corpus):
    pcm = read_recording(sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0])
    machine = start(board, board_image(board), pcm)
    chip = machine.chip
    machine.run(lambda: any(line.startswith("Heard") for line in chip.lines) or chip.hops == 100)
    hashes = " ".join(f"{value:08x}" for value in expected(RECIPE))
    assert chip.lines[:2] == [f"Jerboa on {board.name}", f"self-test {hashes}: ok"]
    assert re.fullmatch(r"Heard yes \(0\.\d\d\) @ [5-8]\d0 ms", chip.lines[2]) and len(chip.lines) == 3
    lit_at = chip.hops
    assert is_lit(chip, board)
    machine.run(lambda: not is_lit(chip, board) or chip.hops == 100)
    assert chip.hops - lit_at == 15


def is_lit(chip, board):
    return all(chip.drives(pin) == level for pin, level in LED[board.name].items())


@pytest.mark.parametrize("hop_ms", [10, 20])
def test_a_board_that_gets_pcm_hears_what_the_host_hears(exported, sound, tmp_path, hop_ms):
    model, pcm, board = exported(units=13, hop_ms=hop_ms)[-1], sound(4), ALL["nano33ble"]
    machine = start(board, link_board(board, [model], tmp_path), pcm, 16 * hop_ms)
    spotter = SpotterC(model)
    trace = spotter.hear(pcm)
    wanted = [
        str(Detection(spotter.labels[label], int(trace.smoothed[hop, label]), hop_ms * (hop + 1)))
        for hop, label in enumerate(trace.detected)
        if label != NOTHING
    ]
    machine.run(lambda: machine.chip.hops * 16 * hop_ms > len(pcm))
    assert len(wanted) >= 3 and machine.chip.lines[2:] == wanted


def test_commands_are_answered(board, board_image):
    machine = started(board, board_image(board))
    assert not is_lit(machine.chip, board)
    machine.chip.type("model\nlaunch\nstats\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("stats") or machine.chip.hops == 100)
    said = machine.chip.lines[2:]
    assert f" on {board.name}, points " in said[0]
    assert said[-2].startswith("refused") and said[-1].endswith(" 0 missed")


def test_a_byte_that_the_port_lost_is_told(board, board_image):
    machine = started(board, board_image(board))
    machine.chip.loses = True
    machine.chip.type("stats\nmodel\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("threshold") or machine.chip.hops == 100)
    refused, answer = machine.chip.lines[2:4]
    assert refused == "refused: bytes before this line's end were lost; send it again" and answer.startswith("model")


def test_a_program_that_is_held_up_says_what_it_missed(board_image):
    board = ALL["nano33ble"]
    machine = started(board, board_image(board))

    def answer(command, start):
        told = len(machine.chip.lines)
        machine.chip.type(f"{command}\n")
        machine.run(
            lambda: any(line.startswith(start) for line in machine.chip.lines[told:]) or machine.chip.hops > 200
        )
        return machine.chip.lines[-1]

    machine.run(lambda: machine.chip.hops == 10)
    machine.hold_up(2)
    assert re.search(r" 1\d hops heard, 2 missed", answer("stats", "stats"))
    assert answer("reset", "reset") == "reset"
    assert re.search(r" [0-3] hops heard, 0 missed", answer("stats", "stats"))
    machine.chip.type("microphone\n")
    machine.run(lambda: machine.chip.hops == 30)
    machine.hold_up(2)
    assert answer("", "the sound") == "the sound is not sent: its second was interrupted; ask again"


def test_the_microphone_is_checked_awake_and_its_second_is_sent(board, board_image, sound, tmp_path):
    """With hops arriving and lines being sent all the time; through each board's own conversion to PCM."""
    pcm = sound(3)
    machine = started(board, board_image(board), pcm)
    machine.chip.type("microphone\n" + "help\n" * 20 + "stats\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("Capture end") or machine.chip.hops == 400)
    (check,) = [line for line in machine.chip.lines if line.startswith("microphone:")]
    (stats,) = [line for line in machine.chip.lines if line.startswith("stats:")]
    dc, rate_hz = re.fullmatch(r"microphone: DC (-?\d+), RMS .* dBFS, 0 clipped, (\d+) Hz", check).groups()
    assert abs(int(dc)) < 30 and int(rate_hz) == 16_000 and stats.endswith(" 0 missed")
    shown = [line for line in map(Captures(tmp_path).take, machine.chip.lines) if line and line.startswith("saved")]
    second = read_recording(shown[0].removeprefix("saved ")).astype(float)
    likeness = [np.corrcoef(second, pcm[at : at + 16_000])[0, 1] for at in range(25 * HOP_SAMPLES)]
    assert len(shown) == 1 and max(likeness) > LIKENESS


def test_a_board_without_room_for_a_second_is_built_without_captures(board_image, tmp_path):
    board = replace(ALL["microbit2"], options=("-DAPPLICATION_CAPTURE=0",))
    small = link_board(board, [RECIPE], tmp_path)
    assert flash_and_ram_bytes(board_image(ALL["microbit2"]))[1] - flash_and_ram_bytes(small)[1] == 49 * 640
    machine = started(board, small)
    machine.chip.type("capture on\nmicrophone\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("the sound") or machine.chip.hops == 100)
    refused, check, sound = machine.chip.lines[2:]
    assert refused == "refused: this image was built without captures" and check.startswith("microphone: DC")
    assert sound == "the sound is not sent: this image was built without captures"


# --- what the hardware needs


def test_the_registers_written_until_the_microphone_runs(board, board_image):
    """`python -m tests.boards` writes the golden files."""
    assert started(board, board_image(board)).chip.log == golden(board).read_text().splitlines()


def test_a_wrong_rate_is_heard_by_no_board(board, board_image):
    machine = started(board, board_image(board))
    register, value, rate = SPOILT[board.name]
    assert machine.chip.held[register] != value
    machine.chip.held[register] = value
    with pytest.raises(MachineError, match=f"microphone not running: sample rate in Hz is {rate}, expected 16000"):
        machine.run(lambda: machine.chip.hops == 2)


def test_a_wrong_register_is_reported_with_both_values(board, board_image):
    machine = started(board, board_image(board))
    register, value, message = WRONG[board.name]
    assert machine.chip.held[register] != value
    machine.chip.held[register] = value
    with pytest.raises(MachineError, match=f"^microphone not running: {message}"):
        machine.run(lambda: machine.chip.hops == 3)


@pytest.mark.parametrize("name", UNCLOCKED)
def test_a_peripheral_without_its_clock_or_in_reset_is_an_error(name, board_image):
    machine = started(ALL[name], board_image(ALL[name]))
    switch, message = UNCLOCKED[name]
    machine.chip.held[switch] = 0
    with pytest.raises(MachineError, match=message):
        machine.run(lambda: machine.chip.hops == 3)


def test_a_register_that_is_in_no_header_is_an_error(board, board_image):
    machine = start(board, board_image(board), [])
    address = read_registers(board)[SPOILT[board.name][0]]
    del machine.names[address]
    with pytest.raises(MachineError, match=f"4 bytes at {address:#010x}, which is no register in registers.h"):
        machine.run(lambda: False)


def test_an_interrupt_that_is_not_enabled_is_an_error(board, board_image):
    machine = started(board, board_image(board))
    machine.chip.held.update(enabled0=0, enabled1=0)
    with pytest.raises(MachineError, match="is requested but not enabled in NVIC_ISER"):
        machine.run(lambda: machine.chip.hops == 3)


@pytest.mark.parametrize(
    "old, new, why",
    [
        ('core = "m4"', 'core = "m9"', "core: Input should be 'm0'"),
        (
            'flashed_by = "probe"',
            'flashed_by = "hand"',
            "flashed_by: Input should be 'probe', 'uf2' or 'bossac'",
        ),
        ('usb = ["0d28:0204"]', "usb = []", "usb"),
        ("RAM = {", "SRAM = {", "memory: lacks RAM"),
        ("chip = ", "ship = ", "chip"),
        ("core = ", "core = =", "not TOML"),
    ],
)
def test_a_board_that_is_described_wrongly_is_refused(old, new, why, tmp_path, monkeypatch):
    path = tmp_path / "mine" / "board.toml"
    path.parent.mkdir()
    path.write_text((BOARDS / "microbit2" / "board.toml").read_text().replace(old, new, 1))
    monkeypatch.setattr(board_file, "BOARDS", tmp_path)
    with pytest.raises(ValueError, match=f"mine/board.toml: .*{why}"):
        board_file.known_boards()


def test_a_chip_that_cannot_be_emulated_is_told():
    with pytest.raises(
        ValueError, match="BOARD=microbit2: chip z80 has no model in firmware/emulate/chips; there are nrf52833"
    ):
        start(replace(known_boards()["microbit2"], chip="z80"), None, None)


def test_a_keyword_of_any_language_is_shown():
    assert Chip.lines.fget(SimpleNamespace(sent="Heard grüß gott\nHe".encode())) == ["Heard grüß gott"]
