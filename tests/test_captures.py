"""Sound that a board sends: the microphone check, captures around detections and near misses, from a board's serial port
through the monitor's reading to the file, against the recording that it heard."""

import re
import subprocess

import numpy as np
import pytest

from firmware.audio.recordings import read_recording
from firmware.device.captures import Captures
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import SpotterC
from firmware.image.board import known_boards
from firmware.image.board_image import link_board
from tests.application_c import load_with_model
from tests.boards import Console, started
from tests.children import child, start
from tests.netduinoplus2 import NETDUINOPLUS2, build_application, command, running

HOP_SAMPLES = 320
SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
AFTER_MS = {"detection": 200, "near-miss": 500}
"""Of sound, behind the time that a capture tells."""


@pytest.fixture(scope="module")
def model(exported):
    return exported(units=13)[-1]


@pytest.fixture(scope="module")
def image(model, tmp_path_factory):
    return build_application(NETDUINOPLUS2, [model], tmp_path_factory.mktemp("application"))


@pytest.fixture(scope="module")
def recording(sound):
    """Of which no second is as another; a whole number of hops, for the board hears it again and again."""
    return sound(20)


@pytest.fixture(scope="module")
def console(model, tmp_path_factory):
    """console(PCM): a board whose time goes on where the test says so, not while it thinks."""
    board = known_boards()["nano33ble"]
    image = link_board(board, [model], tmp_path_factory.mktemp(board.name))
    return lambda pcm=(): Console(started(board, image, np.asarray(pcm, np.int16)))


def capture(board, folder):
    """The next capture's header and its file's PCM."""
    said = board.until("Capture end")
    said = said[[line.startswith("Capture") for line in said].index(True) :]
    (saved,) = [line for line in map(Captures(folder).take, said) if line and line.startswith("saved")]
    return said[0], read_recording(saved.removeprefix("saved "))


# --- around what was heard


@pytest.mark.parametrize("mode, cause", [("on", "detection"), ("margin", "near-miss")])
def test_a_capture_is_the_second_around_what_was_noticed(image, model, recording, tmp_path, mode, cause):
    with running(image, recording, tmp_path) as board:
        board.until("self-test")
        if cause == "near-miss":
            out_of_reach(board, model, recording)
        assert board.ask(f"capture {mode}", "capture") == [f"capture {mode}"]
        causes = [find(*capture(board, tmp_path), recording) for _ in range(3)]
    assert cause in causes and (mode == "on" or set(causes) == {cause})


def find(header, pcm, recording):
    """A capture's cause, its sound being where the header says."""
    noticed = re.fullmatch(r"Capture (\S+) word\d \(\d\.\d\d\) @ (\d+) ms, 16000 samples", header)
    (place,) = places(pcm, recording)
    end = (int(noticed[2]) + AFTER_MS[noticed[1]]) * SAMPLES_PER_MS
    assert (place + len(pcm) - end) % len(recording) == 0
    return noticed[1]


def out_of_reach(board, model, pcm):
    """Thresholds that no word reaches in PCM, and each gets over half of."""
    spotter = SpotterC(model)
    for label, peak in enumerate(spotter.hear(pcm).smoothed.max(axis=0)[:10]):
        board.ask(f"threshold {spotter.labels[label]} {min(1, 1.2 * peak / 32768):.4f}", "threshold")


def places(pcm, recording):
    """Where PCM is in a recording that is heard again and again."""
    heard = np.concatenate([recording, recording[: len(pcm)]])
    return [place for place in range(0, len(recording), HOP_SAMPLES) if np.array_equal(heard[place:][: len(pcm)], pcm)]


def test_nothing_is_captured_that_was_not_asked_for(image, recording, tmp_path):
    with running(image, recording, tmp_path) as board:
        board.until("self-test")
        said = [line for _ in range(10) for line in board.until("Heard")]
        assert not any(line.startswith("Capture") for line in said)


# --- the microphone check


def test_a_microphones_figures_are_those_of_the_sound_that_is_sent_after_them(console, tmp_path):
    random = np.random.default_rng(1)
    levels = np.repeat(np.exp(random.uniform(np.log(30), np.log(20_000), 2 * 50)), HOP_SAMPLES)
    board = console(np.clip(500 + levels * random.normal(size=len(levels)), -32768, 32767))
    board.send("microphone")
    said = re.fullmatch(
        r"microphone: DC (-?\d+), RMS (-[\d.]+) dBFS, noise floor (-[\d.]+) dBFS, (\d+) clipped, (\d+) Hz",
        [line for line in board.until("microphone") if not line.startswith("Heard")][0],
    )
    _, pcm = capture(board, tmp_path)
    assert [float(value) for value in said.groups()[:4]] == pytest.approx(figures(pcm), abs=0.051)
    assert abs(int(said[5]) - SAMPLE_RATE_HZ) <= 2


def figures(pcm):
    """DC towards zero, RMS and quietest hop in dB below a full-scale square wave, samples at either end."""
    hops = pcm.astype(float).reshape(-1, HOP_SAMPLES)
    decibels = [20 * np.log10(max(float(std), 2**-4) / 32768) for std in (hops.std(), hops.std(axis=1).min())]
    return [int(hops.mean()), *decibels, int(np.isin(pcm, (-32768, 32767)).sum())]


@pytest.mark.parametrize("command", ["selftest", "reset"])
def test_a_second_that_is_interrupted_is_not_sent_and_the_next_one_is(console, tmp_path, command):
    board = console()
    board.send("microphone")
    board.hear(hops=25)
    board.send(command)
    said = board.until("the sound")
    assert said[-1] == "the sound is not sent: its second was interrupted; ask again"
    assert said[-2].startswith("microphone: DC")
    board.send("microphone", "capture on")
    header, _ = capture(board, tmp_path)
    assert header == "Capture microphone, 16000 samples"


def test_the_microphone_is_not_checked_while_a_capture_is_sent(console, recording):
    board = console(recording)
    board.send("capture on")
    board.until("Capture detection")
    board.send("microphone")
    assert board.until("refused")[-1] == "refused: a capture is being sent; ask again after its end"
    assert board.until("Capture end")[-1].startswith("Capture end")


@pytest.fixture(scope="module")
def check_c(exported, tmp_path_factory):
    model, folder = exported(units=13)[-1], tmp_path_factory.mktemp("check")
    return load_with_model(["microphone_check.c", "handover.c"], ["microphone_check.h"], model, folder)


SIGNALS = {
    "silence": np.zeros(16_000),
    "a constant": np.full(16_000, -32768),
    "a square wave of full scale": np.where(np.arange(16_000) % 2, 32767, -32768),
    "a tone on a constant": -3000 + 2000 * np.sin(np.arange(16_000) * 0.3),
    "noise that stops": np.random.default_rng(2).normal(size=16_000) * np.where(np.arange(16_000) < 12_000, 5000, 3),
}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("clock_hz, cycles", [(64_000_000, 1_280_000), (128_000_000, 2_585_859)])
def test_the_check_in_plain_c_is_right_at_the_ends_and_for_a_clock_that_is_off(check_c, name, clock_hz, cycles):
    """2,585,859 cycles a hop are 15,840 Hz: 1 % slow.  The counters of cycles and of hops wrap on the way."""
    ffi, library = check_c
    check, report = ffi.new("struct microphone_check *"), ffi.new("struct microphone_report *")
    pcm = np.trunc(SIGNALS[name]).astype(np.int16)
    library.microphone_check_begin(check)
    hops = [pcm[:HOP_SAMPLES], *pcm.reshape(-1, HOP_SAMPLES)]  # time counts from the first, sound from the second
    over = [
        library.microphone_check_hop(
            check,
            ffi.cast("int16_t *", ffi.from_buffer(hop)),
            (2**31 - 10 + number) % 2**31,
            (2**32 - 10_000 + number * cycles) % 2**32,
        )
        for number, hop in enumerate(hops)
    ]
    assert over == [False] * 50 + [True]
    library.microphone_check_report(check, clock_hz, report)
    found = [report.dc, -report.rms_db10 / 10, -report.noise_db10 / 10, report.clipped]
    assert found == pytest.approx(figures(pcm), abs=0.051)
    assert report.rate_hz == round(clock_hz * HOP_SAMPLES / cycles)


# --- the whole way


def test_the_monitor_of_a_board_saves_what_its_microphone_heard(image, recording, tmp_path):
    """QEMU's serial port is a pseudo-terminal, which the monitor opens as it opens a board's."""
    (tmp_path / "recording.pcm").write_bytes(recording.astype("<i2").tobytes())
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with child(command(image, "pty"), cwd=tmp_path, **pipes) as board:
        port = re.search(rb"redirected to (\S+)", board.stdout.readline())[1].decode()
        with start("firmware.device.monitor", "--port", port, "--captures", tmp_path, text=True) as monitor:
            monitor.stdin.write("selftest\ncapture on\n")
            monitor.stdin.flush()
            shown = ""
            for line in monitor.stdout:
                shown += line
                if line.startswith("saved "):
                    break
    assert re.search(r"^self-test( [0-9a-f]{8}){3}: ok$", shown, re.M) and "capture on\n" in shown
    assert places(read_recording(shown.splitlines()[-1].removeprefix("saved ")), recording)
