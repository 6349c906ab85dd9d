"""The boards' headers against the vendors' SVD files, and the consistency of their images."""

import re
import struct

import pytest
from elftools.elf.elffile import ELFFile
from pyocd.target.builtin import BUILTIN_TARGETS

from firmware.compile.cores import CORES
from firmware.cost.elf import symbols
from firmware.emulate.chips.registers import read_headers, read_registers
from firmware.image.board import known_boards
from firmware.image.board_image import flash_and_ram_bytes
from firmware.image.core_image import build_image
from firmware.paths import BOARDS, EMULATED, MODELS
from tests.svd import SVD, described

ALL = known_boards()
INTERRUPTS = {"UART0": "UARTE0_UART0", "DMA1_CHANNEL4": "DMA1_Channel4"}
"""{our name: name in the SVD file}, where they differ."""


@pytest.fixture(params=ALL)
def board(request):
    return ALL[request.param]


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


def test_the_memory_map_is_the_chips(board):
    target = BUILTIN_TARGETS[board.chip].MEMORY_MAP
    for name, region in board.memory.items():
        if board.chip == "rp2040" and name != "RAM":
            assert region.stop <= 0x10000000 + 2 * 1024 * 1024  # the flash is the Pico's, not the chip's
            continue
        for end in (region.start, region.stop - 1):
            assert target.get_region_for_address(end).is_ram == (name == "RAM")


def test_the_image_lies_in_its_memory_and_its_vectors_in_its_code(board, board_image):
    memory = board.memory
    stored = [region for name, region in memory.items() if name != "RAM"]
    with open(board_image(board), "rb") as file:
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


def test_the_image_has_the_size_of_its_parts(board, board_image):
    path = board_image(board)
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


def test_the_same_sources_give_the_same_bytes_wherever_they_are_built(tmp_path):
    core, model, program = CORES["m4"], MODELS / "commands-6k", EMULATED / "spotter.c"
    images = [build_image(core, program, tmp_path / folder, [model]) for folder in ("one", "another folder")]
    assert images[0].read_bytes() == images[1].read_bytes()
