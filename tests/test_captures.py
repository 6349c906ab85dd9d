"""Sound that a board sends: the microphone check, captures around detections and near misses, from a board's serial port
through the monitor's reading to the file, against the recording that it heard."""

import re
import subprocess
import sys

import numpy as np
import pytest

from firmware.audio import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host import SpotterC
from firmware.image import NETDUINOPLUS2, build_application
from firmware.monitor.captures import Captures
from firmware.paths import ROOT
from tests.application_c import load_with_model
from tests.netduinoplus2 import command, running

HOP_SAMPLES = 320
SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
AFTER_MS = {"detection": 200, "near-miss": 500}
"""Of sound, behind the time that a capture tells."""


@pytest.fixture(scope="module")
def model(exported):
    return exported(units=13)[-1]


@pytest.fixture(scope="module")
def image(model, tmp_path_factory):
    return build_application(NETDUINOPLUS2, model, tmp_path_factory.mktemp("application"))


@pytest.fixture
def recording(sound):
    """Of which no second is as another."""
    return sound(20)


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
    (place,) = [place for place in range(0, len(recording), HOP_SAMPLES) if same(recording, place, pcm)]
    assert place + len(pcm) == (int(noticed[2]) + AFTER_MS[noticed[1]]) * SAMPLES_PER_MS
    return noticed[1]


def out_of_reach(board, model, pcm):
    """Thresholds that no word reaches in PCM, and each gets over half of."""
    spotter = SpotterC(model)
    for label, peak in enumerate(spotter.hear(pcm).smoothed.max(axis=0)[:10]):
        board.ask(f"threshold {spotter.labels[label]} {min(1, 1.2 * peak / 32768):.4f}", "threshold")


def same(heard, place, pcm):
    return np.array_equal(heard[place : place + len(pcm)], pcm)


def test_nothing_is_captured_that_was_not_asked_for(image, recording, tmp_path):
    with running(image, recording, tmp_path) as board:
        board.until("self-test")
        said = [line for _ in range(10) for line in board.until("Heard")]
        assert not any(line.startswith("Capture") for line in said)


# --- the microphone check


def test_a_microphones_figures_are_those_of_the_sound_that_is_sent_after_them(image, tmp_path):
    random = np.random.default_rng(1)
    levels = np.repeat(np.exp(random.uniform(np.log(30), np.log(20_000), 40 * 50)), HOP_SAMPLES)
    noise = np.clip(500 + levels * random.normal(size=len(levels)), -32768, 32767).astype(np.int16)
    with running(image, noise, tmp_path) as board:
        board.until("self-test")
        (line,) = board.ask("microphone", "microphone")
        said = re.fullmatch(
            r"microphone: DC (-?\d+), RMS (-[\d.]+) dBFS, noise floor (-[\d.]+) dBFS, (\d+) clipped, (\d+) Hz", line
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
def test_a_second_that_is_interrupted_is_not_sent_and_the_next_one_is(image, recording, tmp_path, command):
    with running(image, recording, tmp_path) as board:
        board.until("self-test")
        board.send("microphone")
        begun = heard_hops(board)
        while heard_hops(board) < begun + 5:
            pass
        board.send(command)
        said = board.until("the sound")
        assert said[-1] == "the sound is not sent: its second was interrupted; ask again"
        assert said[-2].startswith("microphone: DC")
        board.send("microphone", "capture on")
        header, _ = capture(board, tmp_path)
        assert header == "Capture microphone, 16000 samples"


def heard_hops(board):
    return int(re.search(r"(\d+) hops heard", board.ask("stats", "stats")[-1])[1])


def test_the_microphone_is_not_checked_while_a_capture_is_sent(image, recording, tmp_path):
    with running(image, recording, tmp_path) as board:
        board.until("self-test")
        board.ask("capture on", "capture")
        board.until("Capture detection")
        (refused,) = (line for line in board.ask("microphone", "refused") if not line.startswith("+"))
        assert refused == "refused: a capture is being sent; ask again after its end"
        board.until("Capture end")


@pytest.fixture(scope="module")
def check_c(exported, tmp_path_factory):
    model, folder = exported(units=13)[-1], tmp_path_factory.mktemp("check")
    return load_with_model(["microphone_check.c"], ["microphone_check.h"], model, folder)


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
    """2,585,859 cycles a hop are 15,840 Hz: 1 % slow.  The cycle counter wraps on the way."""
    ffi, library = check_c
    check, report = ffi.new("struct microphone_check *"), ffi.new("struct microphone_report *")
    pcm = np.trunc(SIGNALS[name]).astype(np.int16)
    library.microphone_check_begin(check)
    hops = [pcm[:HOP_SAMPLES], *pcm.reshape(-1, HOP_SAMPLES)]  # time counts from the first, sound from the second
    over = [
        library.microphone_check_hop(
            check, ffi.cast("int16_t *", ffi.from_buffer(hop)), 70 + number, (2**32 - 10_000 + number * cycles) % 2**32
        )
        for number, hop in enumerate(hops)
    ]
    assert over == [False] * 50 + [True]
    library.microphone_check_report(check, clock_hz, report)
    found = [report.dc, -report.rms_db10 / 10, -report.noise_db10 / 10, report.clipped]
    assert found == pytest.approx(figures(pcm), abs=0.051)
    assert report.rate_hz == round(clock_hz * HOP_SAMPLES / cycles)


# --- the whole way


def test_the_monitor_of_a_board_saves_what_its_microphone_heard(image, sound, tmp_path):
    """QEMU's serial port is a pseudo-terminal, which the monitor opens as it opens a board's."""
    recording = tmp_path / "recording.pcm"
    recording.write_bytes(np.tile(sound(5), 12).astype("<i2").tobytes())
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command(image, recording, "pty"), **pipes) as board:
        try:
            port = re.search(rb"redirected to (\S+)", board.stdout.readline())[1].decode()
            monitor = [sys.executable, "-m", "firmware.monitor", "--port", port, "--captures", str(tmp_path)]
            with subprocess.Popen(
                monitor, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process:
                process.stdin.write("selftest\nmicrophone\n")
                process.stdin.flush()
                shown = []
                while not shown or not shown[-1].startswith("saved"):
                    shown.append(process.stdout.readline().rstrip("\n"))
                process.kill()
        finally:
            board.kill()
    shown = [line for line in shown if not line.startswith("Heard")]
    assert re.fullmatch(r"self-test( [0-9a-f]{8}){3}: ok", shown[-3]) and shown[-2].startswith("microphone: DC")
    saved = read_recording(shown[-1].removeprefix("saved "))
    heard = np.tile(sound(5), 12)
    assert any(same(heard, place, saved) for place in range(0, len(heard) // 2, HOP_SAMPLES))
