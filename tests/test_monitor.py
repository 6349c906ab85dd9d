"""The monitor: a board's lines through a pseudo-terminal, typed lines, and captures as files."""

import base64
import os
import pty
import signal
import subprocess
import sys
import tty
import zlib
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from serial.tools import list_ports

from firmware.device import monitor
from firmware.device.captures import Captures
from firmware.paths import ROOT
from tests.children import child, start

SECOND = np.random.default_rng(7).integers(-32768, 32768, 16_000).astype("<i2")
NEAR_MISS = "Capture near-miss yes (0.42) @ 1240 ms, 16000 samples"


def sent(pcm, header=NEAR_MISS):
    """The lines of a capture, as a board sends them."""
    pcm = pcm.tobytes()
    data = [pcm[place : place + 60] for place in range(0, len(pcm), 60)]
    return [header, *("+" + base64.b64encode(part).decode() for part in data), f"Capture end {zlib.crc32(pcm):08x}"]


# --- captures


@pytest.mark.parametrize(
    "header, name",
    [
        (NEAR_MISS, "near-miss/yes-0.42-{}.wav"),
        (NEAR_MISS.replace(" ms", " ms by commands-20k"), "near-miss/yes-0.42-{}.wav"),
        ("Capture detection turn/left (1.00) @ 20 ms, 16000 samples", "detection/turn-left-1.00-{}.wav"),
        ("Capture detection anomaly (12.5) @ 5120 ms, 16000 samples", "detection/anomaly-12.5-{}.wav"),
        ("Capture microphone, 16000 samples", "microphone/{}.wav"),
    ],
)
def test_a_capture_becomes_a_file_and_other_lines_come_through_it(tmp_path, header, name):
    captures, said = Captures(tmp_path), sent(SECOND, header)
    said.insert(100, "Heard yes (0.93) @ 1300 ms")
    shown = [captures.take(line) for line in said]
    path = tmp_path / name.format(f"{zlib.crc32(SECOND.tobytes()):08x}")
    assert [line for line in shown if line is not None] == ["Heard yes (0.93) @ 1300 ms", f"saved {path}"]
    samples, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == 16_000 and np.array_equal(samples, SECOND)


@pytest.mark.parametrize(
    "spoil, why",
    [
        (lambda lines: lines[1:], "its beginning was not received"),
        (lambda lines: lines[:50] + lines[51:], "it was damaged in transmission"),
        (lambda lines: [*lines[:9], lines[9][:-1] + "*", *lines[10:]], "it was damaged in transmission"),
        (lambda lines: [*lines[:9], lines[9][:-1] + "é", *lines[10:]], "it was damaged in transmission"),
        (lambda lines: [*lines[:9], "+" + "A" * 80, *lines[10:]], "it was damaged in transmission"),
        (lambda lines: [*lines[:9], lines[9], *lines[9:]], "it was damaged in transmission"),
        (lambda lines: [*lines[:-1], "Capture end 00000000"], "it was damaged in transmission"),
        (lambda lines: [*lines[:50], NEAR_MISS], "its end was not received"),
    ],
)
def test_a_capture_that_is_not_whole_is_no_file_and_the_next_one_is(tmp_path, spoil, why):
    captures = Captures(tmp_path)
    shown = [captures.take(line) for line in spoil(sent(SECOND))]
    assert [line for line in shown if line] == [f"capture not saved: {why}"] and not list(tmp_path.iterdir())
    shown = [captures.take(line) for line in sent(SECOND)]
    assert shown[-1].startswith("saved ") and len(list(tmp_path.rglob("*.wav"))) == 1


def test_sound_without_end_is_not_kept(tmp_path, monkeypatch):
    """A device may claim any number of samples and send them."""
    monkeypatch.setattr("firmware.device.captures.MOST_SAMPLES", 1000)
    captures = Captures(tmp_path)
    lines = sent(SECOND, NEAR_MISS.replace("16000", "9" * 20))
    shown = [captures.take(line) for line in lines]
    assert len(captures._pcm) == 0 and shown[-1] == "capture not saved: it was damaged in transmission"


def test_a_folder_that_cannot_be_written_ends_no_monitor(tmp_path):
    (tmp_path / "near-miss").write_text("a file where a folder is to be")
    captures = Captures(tmp_path)
    (said,) = [line for line in map(captures.take, sent(SECOND)) if line]
    assert said.startswith(f"capture not saved: {tmp_path}/near-miss/yes-0.42-") and said.endswith(": File exists")


def test_long_lines_are_shown_in_parts():
    received = [b"a" * 600 + b"\r\nHeard yes (0.93) @ 1240 ms\r\n\r\n", b""]
    board = SimpleNamespace(name="board", in_waiting=4095, read=lambda size: received.pop(0))
    lines = monitor.read_lines(board)
    assert [next(lines) for _ in range(5)] == ["a" * 256, "a" * 256, "a" * 88, "Heard yes (0.93) @ 1240 ms", ""]


# --- ports


def port(device, vid=0x0D28):
    return SimpleNamespace(device=device, description="a board", vid=vid)


@pytest.mark.parametrize(
    "ports, said",
    [
        ([], "no USB serial port found: connect the board"),
        ([port("/dev/ttyS0", vid=None)], "no USB serial port found"),
        (
            [port("/dev/ttyACM0"), port("/dev/ttyACM1")],
            r"2 USB serial ports found: choose one, for example PORT=/dev/ttyACM0",
        ),
    ],
)
def test_a_port_is_named_where_there_is_not_one_alone(monkeypatch, capsys, ports, said):
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    with pytest.raises(monitor.PortError, match=said):
        monitor.choose_port("")
    listed = capsys.readouterr().err
    assert all(each.device in listed for each in ports if each.vid)


def test_the_only_port_is_taken(monkeypatch):
    monkeypatch.setattr(list_ports, "comports", lambda: [port("/dev/ttyS0", vid=None), port("/dev/ttyACM0")])
    assert monitor.choose_port("") == "/dev/ttyACM0" and monitor.choose_port("COM3") == "COM3"


def test_a_port_that_is_not_there_is_one_line(tmp_path):
    with start("firmware.device.monitor", "--port", tmp_path / "none", text=True) as process:
        assert process.wait() == 1
        assert process.stderr.read() == f"monitor: {tmp_path}/none: cannot be opened: No such file or directory\n"


# --- a board at the other end


@contextmanager
def monitored(folder):
    """(the board's end of a serial port, the monitor's process at the other end)."""
    ours, port = pty.openpty()
    tty.setraw(port)
    name = os.ttyname(port)
    with (
        open(ours, "r+b", buffering=0) as board,
        start("firmware.device.monitor", "--port", name, "--captures", folder) as process,
    ):
        os.close(port)
        assert b"115200 baud" in process.stderr.readline()
        yield board, process


def test_lines_go_both_ways_and_nothing_moves_the_cursor(tmp_path):
    with monitored(tmp_path) as (board, process):
        board.write(b"Jerboa on microbit2\r\n\x1b[2J\xff\n" + b"x" * 300 + b"\n")
        lines = [process.stdout.readline().decode().rstrip("\n") for _ in range(3)]
        assert lines[:2] == ["Jerboa on microbit2", r"\x1b[2J\xff"] and set(lines[2]) == {"x"}
        process.stdin.write(b"stats\n")
        process.stdin.flush()
        assert board.readline() == b"stats\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0 and process.stderr.read() == b""


def test_a_board_is_heard_where_standard_input_is_closed(tmp_path):
    ours, port = pty.openpty()
    tty.setraw(port)
    command = 'exec "$0" "$@" <&-', sys.executable, "-m", "firmware.device.monitor", "--port", os.ttyname(port)
    with (
        open(ours, "r+b", buffering=0) as board,
        child(["sh", "-c", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        os.close(port)
        assert b"115200 baud" in process.stderr.readline()
        board.write(b"Jerboa on microbit2\n")
        assert process.stdout.readline() == b"Jerboa on microbit2\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0 and process.stderr.read() == b""


def test_a_board_that_is_unplugged_is_one_line(tmp_path):
    with monitored(tmp_path) as (board, process):
        board.close()
        assert process.wait() == 1
        said = process.stderr.read().decode()
        assert said.startswith("monitor: ") and "the board was unplugged" in said and said.count("\n") == 1


@pytest.mark.parametrize("status", [0, 1])
def test_a_capture_that_is_under_way_at_the_end_is_told(tmp_path, status):
    with monitored(tmp_path) as (board, process):
        board.write("\n".join(["Jerboa on microbit2", *sent(SECOND)[:100], "Heard yes (0.93) @ 1300 ms\n"]).encode())
        assert process.stdout.readline() and process.stdout.readline().startswith(b"Heard")
        if status:
            board.close()
        else:
            process.send_signal(signal.SIGINT)
        assert process.wait() == status
        assert process.stdout.read() == b"capture not saved: its end was not received\n"


def test_a_pause_is_behind_each_of_the_lines_that_are_typed_at_once(tmp_path, monkeypatch):
    """The board answers between two lines, and buffers little more than one."""
    typed, done = tmp_path / "typed", []
    typed.write_text("stats\n" * 3)
    monkeypatch.setattr(monitor.time, "sleep", done.append)
    with open(typed) as file:
        monkeypatch.setattr(sys, "stdin", file)
        monitor.pass_on(SimpleNamespace(write=done.append))
    assert done == [b"stats\n", monitor.PAUSE_S] * 3


def test_a_capture_is_saved_while_it_listens(tmp_path):
    with monitored(tmp_path) as (board, process):
        for line in sent(SECOND):
            board.write(line.encode() + b"\n")
        saved = process.stdout.readline().decode().strip().removeprefix("saved ")
        assert np.array_equal(soundfile.read(saved, dtype="int16")[0], SECOND)
