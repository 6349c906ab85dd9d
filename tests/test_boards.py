"""Each board's own image in Unicorn, from its reset vector on; its headers and its image against the vendors' descriptions."""

import re
import struct
from dataclasses import replace

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from pyocd.target.builtin import BUILTIN_TARGETS

from firmware.audio import read_recording
from firmware.board import boards
from firmware.chips import start
from firmware.chips.machine import MachineError
from firmware.chips.registers import read_headers, read_registers
from firmware.cost.elf import symbols
from firmware.host import NOTHING, SpotterC
from firmware.image import flash_and_ram_bytes, link_board
from firmware.listen.listener import Detection
from firmware.monitor.captures import Captures
from firmware.paths import BOARDS
from firmware.selftest import expected
from tests.boards import RECIPE, golden, started
from tests.svd import SVD, described

ALL = boards()
HOP_SAMPLES = 320
LED = {"microbit2": {21: 1, 28: 0}, "nano33ble": {13: 1}, "b_l475e": {14: 1}, "pico": {25: 1}}
"""{board: {pin: level}} that lights it."""
LIKENESS = 0.9995
"""How far the second that a board sends correlates at least with the sound, wherever that lies best."""
INTERRUPTS = {"UART0": "UARTE0_UART0", "DMA1_CHANNEL4": "DMA1_Channel4"}
"""{ours: the vendor's description's}, where they differ."""
SPOILT = {
    "microbit2": ("TIMER0_CC0", 999, r"16016\.\d+ samples a second"),
    "nano33ble": ("PDM_RATIO", 0, r"20000\.0 samples a second"),
    "b_l475e": ("DFSDM1_FLT0FCR", 0x607F0000, r"15625\.0 samples a second"),
    "pico": ("PIO0_SM0_CLKDIV", 26 << 16, r"15384\.6\d+ samples a second"),
}


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """image(board): its application with commands-6k."""
    made = {}

    def build(board):
        if board.name not in made:
            made[board.name] = link_board(board, RECIPE, tmp_path_factory.mktemp(board.name))
        return made[board.name]

    return build


@pytest.fixture(params=ALL)
def board(request):
    return ALL[request.param]


# --- hearing


def test_from_the_reset_vector_to_heard_yes(board, image, corpus):
    pcm = read_recording(sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0])
    machine = start(board, image(board), pcm)
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
    machine = start(board, link_board(board, model, tmp_path), pcm, 16 * hop_ms)
    spotter = SpotterC(model)
    trace = spotter.hear(pcm)
    wanted = [
        str(Detection(spotter.labels[label], int(trace.smoothed[hop, label]), hop_ms * (hop + 1)))
        for hop, label in enumerate(trace.detected)
        if label != NOTHING
    ]
    machine.run(lambda: machine.chip.hops * 16 * hop_ms > len(pcm))
    assert len(wanted) >= 3 and machine.chip.lines[2:] == wanted


def test_commands_are_answered(board, image):
    machine = started(board, image(board))
    assert not is_lit(machine.chip, board)
    machine.chip.type("model\nlaunch\nstats\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("stats") or machine.chip.hops == 100)
    said = machine.chip.lines[2:]
    assert f" on {board.name}, points " in said[0]
    assert said[-2].startswith("refused") and said[-1].endswith(" 0 missed")


def test_a_byte_that_the_port_lost_is_told(board, image):
    machine = started(board, image(board))
    machine.chip.loses = True
    machine.chip.type("stats\nmodel\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("threshold") or machine.chip.hops == 100)
    refused, answer = machine.chip.lines[2:4]
    assert refused == "refused: bytes before this line's end were lost; send it again" and answer.startswith("model")


def test_the_microphone_is_checked_awake_and_its_second_is_sent(board, image, sound, tmp_path):
    """Interrupts come while it works; each board's own way from the microphone to PCM, against the sound before it."""
    pcm = sound(3)
    machine = started(board, image(board), pcm)
    machine.chip.type("microphone\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("Capture end") or machine.chip.hops == 200)
    said = [line for line in machine.chip.lines if not line.startswith("Heard")]
    assert re.fullmatch(r"microphone: DC -?\d+, RMS -[\d.]+ dBFS, .*, 16000 Hz", said[2])
    saved = [line for line in map(Captures(tmp_path).take, said[3:]) if line]
    second = read_recording(saved[0].removeprefix("saved ")).astype(float)
    likeness = [np.corrcoef(second, pcm[at : at + 16_000])[0, 1] for at in range(25 * HOP_SAMPLES)]
    assert len(saved) == 1 and max(likeness) > LIKENESS


# --- what the hardware needs


def test_a_board_without_room_for_a_second_is_built_without_captures(image, tmp_path):
    board = replace(ALL["microbit2"], options=("-DAPPLICATION_CAPTURE=0",))
    small = link_board(board, RECIPE, tmp_path)
    assert flash_and_ram_bytes(image(ALL["microbit2"]))[1] - flash_and_ram_bytes(small)[1] == 49 * 640
    machine = started(board, small)
    machine.chip.type("capture on\n")
    machine.run(lambda: machine.chip.lines[-1].startswith("refused") or machine.chip.hops == 100)
    assert machine.chip.lines[-1] == "refused: this image was built without captures"


def test_the_registers_written_until_the_microphone_runs(board, image):
    """`python -m tests.boards` writes the golden files."""
    assert started(board, image(board)).chip.log == golden(board).read_text().splitlines()


def test_a_wrong_rate_is_heard_by_no_board(board, image):
    machine = started(board, image(board))
    register, value, said = SPOILT[board.name]
    assert machine.chip.held[register] != value
    machine.chip.held[register] = value
    with pytest.raises(MachineError, match=said):
        machine.run(lambda: machine.chip.hops == 2)


@pytest.mark.parametrize("name, switch", [("b_l475e", "RCC_AHB1ENR"), ("pico", "RESETS_RESET_CLEAR")])
def test_a_peripheral_without_its_clock_or_in_reset_is_an_error(name, switch, image):
    machine = started(ALL[name], image(ALL[name]))
    machine.chip.held[switch] = 0
    with pytest.raises(MachineError, match="its peripheral has no clock, or is in reset"):
        machine.run(lambda: machine.chip.hops == 3)


def test_a_register_that_is_in_no_header_is_an_error(board, image):
    machine = start(board, image(board), [])
    address = read_registers(board)[SPOILT[board.name][0]]
    del machine.names[address]
    with pytest.raises(MachineError, match=f"4 bytes at {address:#010x} are no register of registers.h"):
        machine.run(lambda: False)


def test_an_interrupt_that_is_not_enabled_is_an_error(board, image):
    machine = started(board, image(board))
    machine.chip.held.update(enabled0=0, enabled1=0)
    with pytest.raises(MachineError, match="requested and not enabled"):
        machine.run(lambda: machine.chip.hops == 3)


@pytest.mark.parametrize("name", [name for name, board in ALL.items() if board.chip in SVD])
def test_registers_and_interrupts_are_the_vendors(name):
    board = ALL[name]
    registers, interrupts = described(board.chip)
    core = re.findall(r"#define (\w+) REGISTER", (BOARDS / "cortex_m.h").read_text())
    used = {register: address for register, address in read_registers(board).items() if register not in core}
    assert len(used) > 20
    for register, address in used.items():
        filter_name = re.sub(r"DFSDM1_FLT(\d)", r"DFSDM_DFSDM\1_", register)
        assert registers[re.sub(r"DFSDM1_CH(\d)CFGR", r"DFSDM_CHCFG\1R", filter_name)] == address, register
    numbers = re.findall(r"#define (\w+)_INTERRUPT (\d+)", read_headers(board))
    assert len(numbers) == 2
    for interrupt, number in numbers:
        assert interrupts[INTERRUPTS.get(interrupt, interrupt)] == int(number), interrupt


# --- the image


def test_the_memory_map_is_the_chips(board):
    target = BUILTIN_TARGETS[board.chip].MEMORY_MAP
    for name, region in board.memory.items():
        if board.chip == "rp2040" and name != "RAM":
            assert region.stop <= 0x10000000 + 2 * 1024 * 1024  # the chip has no flash, the Pico has
            continue
        for end in (region.start, region.stop - 1):
            assert target.get_region_for_address(end).is_ram == (name == "RAM")


def test_the_image_lies_in_its_memory_and_its_vectors_in_its_code(board, image):
    memory = board.memory
    stored = [region for name, region in memory.items() if name != "RAM"]
    with open(image(board), "rb") as file:
        elf = ELFFile(file)
        for segment in elf.iter_segments("PT_LOAD"):
            if segment["p_filesz"]:
                last = segment["p_paddr"] + segment["p_filesz"] - 1
                assert any(segment["p_paddr"] in region and last in region for region in stored)
            last = segment["p_vaddr"] + segment["p_memsz"] - 1
            assert any(segment["p_vaddr"] in region and last in region for region in memory.values())
        text = elf.get_section_by_name(".text")
        code, start_address = text.data(), text["sh_addr"]
        interrupts = elf.get_section_by_name(".symtab").get_symbol_by_name("interrupts")[0]
    places = range(start_address, start_address + len(code))
    stack, *handlers = struct.unpack_from("<16I", code)
    entered = struct.unpack_from(f"<{interrupts['st_size'] // 4}I", code, interrupts["st_value"] - start_address)
    assert interrupts["st_value"] == start_address + 64 and start_address % 256 == 0
    assert stack == memory["RAM"].stop and stack % 8 == 0
    assert sum(handler > 0 for handler in entered) == 2
    assert all(handler & 1 and handler in places for handler in (*handlers, *filter(None, entered)))


def test_the_image_has_the_size_of_its_parts(board, image):
    path = image(board)
    binary = path.with_suffix(".bin").read_bytes()
    memory = {}
    with open(path, "rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            memory |= {segment["p_paddr"] + place: byte for place, byte in enumerate(segment.data())}
    flash, ram = flash_and_ram_bytes(path)
    start, gaps = min(memory), max(memory) + 1 - min(memory) - len(memory)
    ends = {symbol.name: symbol.address for symbol in symbols(path)}
    assert flash == len(memory) and gaps < 32
    assert ends["image_bss_end"] - board.memory["RAM"].start - ram in range(32)
    assert binary == bytes(memory.get(start + place, 0) for place in range(len(binary)))
    assert len(binary) == max(memory) + 1 - start
    if board.flashed_by == "uf2":
        blocks = struct.iter_unpack("<12xI4x12x256s224x", path.with_suffix(".uf2").read_bytes())
        written = {address: page for address, page in blocks}
        assert list(written) == list(range(start, start + len(binary), 256))
        assert b"".join(written.values())[: len(binary)] == binary
    records = path.with_suffix(".hex").read_text().splitlines()
    assert sum(int(record[1:3], 16) for record in records if record[7:9] == "00") == len(binary)
