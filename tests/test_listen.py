"""`make listen`: the detections of an emulated core, from a recording, a pipe or a terminal."""

import os
import pty
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.audio.containers import container_of
from firmware.audio.recordings import read_recording
from firmware.compile.cores import CORES
from firmware.emulate.qemu import hear
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import NOTHING, SpotterC
from firmware.image.core_image import build_spotter
from firmware.listen.__main__ import open_source
from firmware.listen.listener import Detection, Listener
from firmware.listen.meter import FLOOR_DB, HOLD_SAMPLES, Meter
from firmware.listen.sources import Recording, StandardInput, cut_into_hops
from firmware.paths import MODELS, ROOT
from tests.children import start
from train.synthesizers.espeak import Espeak
from train.synthesizers.synthesizer import Utterance

RECIPE = "commands-20k"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A stereo recording at 22.05 kHz of four words by synthetic voices; its last hop is incomplete."""
    path = tmp_path_factory.mktemp("spoken") / "words.wav"
    utterances = [Utterance(word, "m3") for word in ("yes", "window", "stop", "left", "no")]
    pcm = np.concatenate([np.pad(word, (2000, 6000)) for word in Espeak().speak(utterances)])[:-77]
    noisy = pcm + np.random.default_rng(0).normal(0, 20, len(pcm))
    fine = soxr.resample(noisy / 32768, SAMPLE_RATE_HZ, 22_050)
    soundfile.write(path, np.stack([fine, fine], axis=1), 22_050)
    return path


@pytest.fixture(scope="module")
def emulated(spoken):
    """The lines that an emulated core prints for it."""
    lines = hear(CORES["m4"], build_spotter([RECIPE], CORES["m4"]), [read_recording(spoken)])
    assert len(lines) >= 2, "the words are to be heard"
    return lines


def run(*arguments, **settings):
    command = [sys.executable, "-m", "firmware.listen", RECIPE, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, **settings)


# --- the program


@pytest.mark.parametrize("speed", [[], ["--fast"]])
def test_a_recording_makes_heard_what_an_emulated_core_hears(spoken, emulated, speed):
    done = run("--wav", spoken, *speed, text=True)
    assert done.returncode == 0 and done.stdout.splitlines() == emulated, done.stderr
    assert re.fullmatch(rf"\d+\.\d s heard, {len(emulated)} detections, 0 overruns\n", done.stderr)


def test_standard_input_makes_heard_the_same(spoken, emulated):
    done = run("--wav", "-", input=read_recording(spoken).astype("<i2").tobytes())
    assert done.stdout.decode().splitlines() == emulated, done.stderr


def test_a_detection_is_printed_while_the_pipe_is_still_open(spoken, emulated):
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with start("firmware.listen", RECIPE, "--wav", "-", env=buffered) as process:
        process.stdin.write(read_recording(spoken).astype("<i2").tobytes())
        process.stdin.flush()
        assert process.stdout.readline().decode().rstrip() == emulated[0]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert re.fullmatch(rb"\d+\.\d s heard, \d+ detections?, 0 overruns\n", process.stderr.read())


def test_a_terminal_shows_the_keywords_and_what_was_heard(spoken, emulated):
    ours, theirs = pty.openpty()
    surroundings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    ends = {"env": surroundings, "stdout": theirs, "stderr": theirs}
    with start("firmware.listen", RECIPE, "--wav", spoken, "--fast", **ends) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the end of a pseudo-terminal
            pass
        os.close(ours)
        assert process.wait() == 0
    for text in (RECIPE, spoken.name, "level", "stop", "right", *emulated):
        assert text in shown.decode(), text


@pytest.mark.parametrize(
    "wav, given, message",
    [
        ("nowhere.wav", b"", "nowhere.wav: no such file"),
        ("-", b"RIFF" + bytes(400), r"begins with an audio file header \(WAV\)"),
    ],
)
def test_what_cannot_be_heard_is_said_in_one_line(wav, given, message):
    done = run("--wav", wav, input=given)
    assert done.returncode and re.fullmatch(rf"listen: .*{message}.*\n", done.stderr.decode()), done.stderr


# --- hops


@given(st.lists(st.integers(0, 900), max_size=12), st.sampled_from([160, 320]))
@settings(max_examples=50)
def test_hops_are_the_same_however_the_sound_is_cut(lengths, hop_samples):
    pcm = np.arange(1, sum(lengths) + 1).astype(np.int16)
    hops = list(cut_into_hops(np.split(pcm, np.cumsum(lengths)), hop_samples))
    assert len(hops) == -(-len(pcm) // hop_samples)
    heard = np.concatenate(hops) if hops else pcm
    np.testing.assert_array_equal(heard[: len(pcm)], pcm)
    assert not heard[len(pcm) :].any() and heard.dtype == np.int16


def test_a_standard_input_that_is_closed_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(ValueError, match="WAV=-: standard input is closed"):
        open_source("-", False, None)


@pytest.mark.parametrize(
    "format, subtype",
    [("WAV", "PCM_16"), ("RF64", "PCM_16"), ("W64", "PCM_16"), ("AIFF", "PCM_16"), ("AU", "PCM_16"), ("CAF", "PCM_16")]
    + [("FLAC", "PCM_16"), ("OGG", "VORBIS")],
)
def test_a_file_on_standard_input_is_refused_and_not_heard_as_samples(tmp_path, format, subtype):
    path = tmp_path / "sound"
    soundfile.write(path, np.zeros(1600), SAMPLE_RATE_HZ, format=format, subtype=subtype)
    with (
        open(path, "rb") as file,
        pytest.raises(ValueError, match=f"(?i)an audio file header \\({format}\\); WAV=- reads raw .*ffmpeg -i"),
    ):
        next(StandardInput(file).chunks())


@given(st.binary(max_size=2000).filter(lambda content: container_of(content) is None))
@settings(max_examples=50)
def test_standard_input_is_read_to_the_last_byte(tmp_path_factory, content):
    """Through a pipe; half a sample at the end is padded with zeros, as an emulated core reads it."""
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        chunks = [np.empty(0, np.int16), *StandardInput(file).chunks()]
    assert np.concatenate(chunks).astype("<i2").tobytes() == content + bytes(len(content) % 2)


def test_a_recording_takes_its_own_time_unless_fast(spoken, monkeypatch):
    slept = []
    monkeypatch.setattr("firmware.listen.sources.time.monotonic", lambda: sum(slept))
    monkeypatch.setattr("firmware.listen.sources.time.sleep", slept.append)
    slow = np.concatenate(list(Recording(spoken).chunks()))
    assert sum(slept) == pytest.approx(len(slow) / SAMPLE_RATE_HZ, abs=0.01)
    assert max(slept) <= 0.0101
    slept.clear()
    np.testing.assert_array_equal(np.concatenate(list(Recording(spoken, fast=True).chunks())), slow)
    assert not slept


# --- the listener and the meter


def test_a_listener_hears_what_the_library_hears_in_one_go(spoken):
    pcm = read_recording(spoken)
    listener, spotter = Listener(SpotterC(MODELS / RECIPE)), SpotterC(MODELS / RECIPE)
    hops = list(cut_into_hops([pcm], listener.hop_samples))
    heard = [listener.hear(hop) for hop in hops]
    detected = spotter.hear(np.concatenate(hops)).detected
    labels = [spotter.labels.index(detection.word) if detection else NOTHING for detection in heard]
    assert labels == detected.tolist()
    assert [detection for detection in heard if detection] == listener.detections
    assert listener.seconds == pytest.approx(len(hops) * 0.02) and 0 < listener.load < 1


@pytest.mark.parametrize(
    "posterior, printed",
    [(0, "0.00"), (163, "0.00"), (164, "0.01"), (27525, "0.84"), (32604, "0.99"), (32605, "1.00"), (32768, "1.00")],
)
def test_a_posterior_is_rounded_as_a_core_prints_it(posterior, printed):
    assert str(Detection("yes", posterior, 1240)) == f"Heard yes ({printed}) @ 1240 ms"


def hop_of(peak):
    return np.array([0, peak, 0, 0] * 80, np.int16)


@pytest.mark.parametrize(
    "peak, level_db", [(0, FLOOR_DB), (1, FLOOR_DB), (-1, FLOOR_DB), (3277, -20.0), (-32768, 0.0), (32767, -0.0003)]
)
def test_the_level_is_the_largest_sample_against_full_scale(peak, level_db):
    meter = Meter()
    meter.hear(hop_of(peak))
    assert meter.level_db == pytest.approx(level_db, abs=0.001)
    assert meter.clipping == (peak in (-32768, 32767))


def test_a_peak_and_clipping_are_held_and_let_go():
    meter = Meter()
    meter.hear(hop_of(32767))
    for _ in range(HOLD_SAMPLES // 320):
        meter.hear(hop_of(10))
        assert meter.held_db > -1 and meter.clipping and meter.level_db < -60
    meter.hear(hop_of(10))
    assert meter.held_db == meter.level_db and not meter.clipping
