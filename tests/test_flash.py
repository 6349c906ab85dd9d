"""Flashing: file formats against published examples, and the messages without a board."""

import errno
import os
import struct
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from firmware.device import flash
from firmware.image.board import known_boards
from firmware.image.boot_block import checksum
from firmware.image.uf2 import uf2
from firmware.paths import ROOT

BOARD = known_boards()


# --- formats


def test_a_uf2_block_is_as_its_description_lays_it_out():
    content = bytes(range(256)) * 2 + b"end"
    made = uf2(content, 0x10000000)
    assert len(made) == 3 * 512
    for number in range(3):
        block = made[512 * number : 512 * (number + 1)]
        assert block[:8] == b"UF2\n" + bytes.fromhex("57515d9e") and block[508:] == bytes.fromhex("306fb10a")
        assert block[8:12] == bytes.fromhex("00200000")  # family ID present
        assert struct.unpack_from("<4I", block, 12) == (0x10000000 + 256 * number, 256, number, 3)
        assert block[28:32] == bytes.fromhex("56ff8be4")  # family ID of the RP2040
        assert block[32 + 256 : 508] == bytes(220)
    assert b"".join(made[512 * number + 32 :][:256] for number in range(3)).rstrip(b"\0") == content


def test_the_boot_blocks_checksum_has_the_published_check_value():
    assert checksum(b"123456789") == 0x0376E6E7  # CRC-32/MPEG-2


# --- boards


class NoBoard:
    """A machine without boards, and with this PATH."""

    def __init__(self, monkeypatch, path):
        monkeypatch.setattr(flash.ConnectHelper, "get_all_connected_probes", lambda **_: [])
        monkeypatch.setattr(flash.psutil, "disk_partitions", lambda all: [])
        monkeypatch.setattr(flash.list_ports, "comports", lambda: [])
        monkeypatch.setenv("PATH", str(path))


@pytest.mark.parametrize(
    "name, said",
    [
        ("microbit2", r"no debug probe for microbit2 found: connect microbit2 by USB \(0d28:0204\)"),
        ("b_l475e", r"no debug probe for b_l475e found: connect b_l475e by USB \(0483:374b\)"),
        ("pico", "no drive RPI-RP2 found: hold BOOTSEL while you plug in pico"),
        ("nano33ble", "bossac: not found"),
    ],
)
def test_without_a_board_it_says_what_to_plug_in(name, said, monkeypatch, tmp_path):
    NoBoard(monkeypatch, tmp_path)
    with pytest.raises(flash.FlashError, match=said):
        flash.WAYS[BOARD[name].flashed_by](BOARD[name], tmp_path / "application.elf")


def test_the_command_builds_the_image_and_then_looks_for_the_board(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["flash", "commands-6k", "pico"])
    monkeypatch.setenv("BUILD", str(tmp_path))
    NoBoard(monkeypatch, os.environ["PATH"])
    with pytest.raises(flash.FlashError, match="no drive RPI-RP2 found: hold"):
        flash.main()
    assert (tmp_path / "commands-6k" / "pico" / "application.uf2").read_bytes().startswith(b"UF2\n")


def tool(folder, name, status):
    """A program in a folder that writes its arguments to a file there and ends with a status."""
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$@" > "{folder}/{name}.said"\nexit {status}\n')
    program.chmod(0o755)


@pytest.mark.parametrize("status", [0, 3])
def test_the_arduino_bootloader_gets_the_program_at_the_boards_port(status, monkeypatch, tmp_path):
    NoBoard(monkeypatch, f"{tmp_path}:/bin:/usr/bin")
    tool(tmp_path, "bossac", status)
    with pytest.raises(flash.FlashError, match=r"no bootloader port of nano33ble found: .* press reset twice"):
        flash.flash_through_bootloader(BOARD["nano33ble"], tmp_path / "application.elf")
    ports = [type("Port", (), {"vid": 0x2341, "pid": pid, "device": f"/dev/tty{pid}"}) for pid in (0x43, 0x805A, 0x5A)]
    monkeypatch.setattr(flash.list_ports, "comports", lambda: ports)
    if status:
        with pytest.raises(flash.FlashError, match="bossac ended with status 3"):
            flash.flash_through_bootloader(BOARD["nano33ble"], tmp_path / "application.elf")
    else:
        flash.flash_through_bootloader(BOARD["nano33ble"], tmp_path / "application.elf")
    said = (tmp_path / "bossac.said").read_text().split()
    assert said == ["-d", "--port=/dev/tty90", "-U", "-i", "-e", "-w", f"{tmp_path}/application.bin", "-R"]


@pytest.mark.parametrize("status", [0, 3])
def test_a_debug_probe_gets_the_program_through_pyocd(status, monkeypatch, tmp_path):
    NoBoard(monkeypatch, tmp_path)
    tool(tmp_path, "python", status)
    monkeypatch.setattr(flash.sys, "executable", str(tmp_path / "python"))
    probes = [probe("1", "stm32l475xg"), probe("2", "nrf52833"), probe("3", None)]
    monkeypatch.setattr(flash.ConnectHelper, "get_all_connected_probes", lambda **_: probes)
    expected = pytest.raises(flash.FlashError, match="python ended with status 3") if status else nullcontext()
    with expected:
        flash.flash_through_probe(BOARD["microbit2"], tmp_path / "application.elf")
    said = (tmp_path / "python.said").read_text().split()
    assert said == [
        "-m",
        "pyocd",
        "flash",
        "--no-wait",
        "--probe",
        "2",
        "--target",
        "nrf52833",
        f"{tmp_path}/application.hex",
    ]


def probe(name, chip):
    """A debug probe that reports a chip, or None."""
    return SimpleNamespace(unique_id=name, associated_board_info=chip and SimpleNamespace(target=chip))


@pytest.mark.parametrize(
    "probes, said",
    [
        ([("1", "nrf51")], "no debug probe for microbit2 found: connect microbit2"),
        (
            [("1", "nrf51"), ("2", "nrf52833"), ("3", "nrf52833")],
            "more than one debug probe for microbit2 found: 2, 3; unplug all but one",
        ),
        ([("1", None), ("2", None)], "more than one debug probe for microbit2 found: 1, 2; unplug all but one"),
    ],
)
def test_no_probe_is_taken_that_is_another_boards(probes, said, monkeypatch):
    found = [probe(*each) for each in probes]
    monkeypatch.setattr(flash.ConnectHelper, "get_all_connected_probes", lambda **_: found)
    with pytest.raises(flash.FlashError, match=said):
        flash.choose_probe(BOARD["microbit2"])


def test_the_page_lets_a_user_of_linux_open_every_probe():
    page = (ROOT / "docs" / "boards.md").read_text()
    for board in BOARD.values():
        for vendor, product in (usb.split(":") for usb in board.usb if board.flashed_by == "probe"):
            assert f'ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"' in page


def test_a_probe_that_is_wired_to_a_board_is_taken(monkeypatch):
    found = [probe("1", "nrf51"), probe("2", None)]
    monkeypatch.setattr(flash.ConnectHelper, "get_all_connected_probes", lambda **_: found)
    assert flash.choose_probe(BOARD["microbit2"]) == "2"


@pytest.fixture
def drive(monkeypatch, tmp_path):
    """The Pico's drive, mounted twice beside two other folders, and a program for it."""
    NoBoard(monkeypatch, tmp_path)
    for name, told in (("other", "Board-ID: SAMD21G18A-Zero-v0"), ("pico", "Board-ID: RPI-RP2"), ("plain", None)):
        (tmp_path / name).mkdir()
        if told:
            (tmp_path / name / "INFO_UF2.TXT").write_text(f"UF2 Bootloader v3.0\n{told}\n")
    mounted = [
        type("Partition", (), {"mountpoint": str(tmp_path / name)}) for name in ("other", "plain", "pico", "pico")
    ]
    monkeypatch.setattr(flash.psutil, "disk_partitions", lambda all: mounted)
    (tmp_path / "application.uf2").write_bytes(b"program" * 1000)
    return tmp_path / "pico"


def test_a_drive_is_known_by_what_it_says_and_gets_the_whole_program(drive, tmp_path):
    flash.flash_through_drive(BOARD["pico"], tmp_path / "application.elf")
    assert (drive / "pico.uf2").read_bytes() == b"program" * 1000
    assert os.listdir(tmp_path / "other") == ["INFO_UF2.TXT"]


def test_of_two_drives_none_is_taken(drive, tmp_path):
    (tmp_path / "plain" / "INFO_UF2.TXT").write_text("Board-ID: RPI-RP2\n")
    with pytest.raises(
        flash.FlashError, match="more than one drive RPI-RP2 found: .*/plain, .*/pico; unplug all but one"
    ):
        flash.flash_through_drive(BOARD["pico"], tmp_path / "application.elf")


@pytest.mark.parametrize("restarts", [True, False])
def test_a_drive_that_goes_away_at_the_end_has_the_program_and_one_that_stays_has_not(
    restarts, drive, monkeypatch, tmp_path, capsys
):
    """The boot ROM restarts with the last block, before the host has written its directory."""

    def fail(_):
        if restarts:
            (drive / "INFO_UF2.TXT").unlink()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(flash.os, "fsync", fail)
    with nullcontext() if restarts else pytest.raises(flash.FlashError, match="program not written completely"):
        flash.flash_through_drive(BOARD["pico"], tmp_path / "application.elf")
    assert ("if its serial port stays silent, flash it again" in capsys.readouterr().out) == restarts


@pytest.mark.parametrize(
    "arguments, said",
    [
        (
            ["commands-6k", "teapot"],
            "flash: no board teapot; give one of b_l475e, microbit2, nano33ble, pico",
        ),
        (["commands-6k"], "flash: BOARD= is missing; give one of b_l475e"),
        (["hello", "pico"], "flash: no exported model of recipe hello"),
    ],
)
def test_the_command_ends_with_one_line_and_a_status(arguments, said):
    command = [sys.executable, "-m", "firmware.device.flash", *arguments]
    done = subprocess.run(command, cwd=Path(ROOT), capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith(said) and done.stderr.count("\n") == 1, done.stderr
