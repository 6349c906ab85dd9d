"""Long recordings give the same in pieces as in one go, and little is kept of each hop."""

import os
import re
import tracemalloc

import numpy as np
import pytest
import soundfile

from calibration.hearing import tell_silent
from calibration.streams.events import Event, read_stream, stated_length_ms
from calibration.streams.listening import PIECE_SAMPLES, hear_joined
from firmware.audio import recordings
from firmware.audio.recordings import BadRecording, _opened, read_recording
from firmware.emulate import __main__ as emulate
from firmware.frontend import SAMPLE_RATE_HZ, Frontend
from firmware.host.binding import SpotterC, Trace
from firmware.paths import MODELS
from tests.measure.long import compare
from tests.wav import wav_header


def zeros(path, seconds):
    """A 16 kHz WAV of silence, a sparse file."""
    with open(path, "wb") as file:
        file.write(wav_header(seconds * SAMPLE_RATE_HZ * 2))
        file.truncate(file.tell() + seconds * SAMPLE_RATE_HZ * 2)
    return path


def test_recordings_in_pieces_give_the_same_as_in_one_go(tmp_path, sound):
    paths = [tmp_path / "one.flac", tmp_path / "two.wav"]
    soundfile.write(paths[0], sound(13), SAMPLE_RATE_HZ)
    soundfile.write(paths[1], sound(11, seed=1)[:-77], 8_000)
    spotter = SpotterC(MODELS / "commands-6k")
    event = Event(100, 200, "yes")
    smoothed, detected, logits, awake, events = hear_joined(spotter, [(path, [event]) for path in paths])
    spotter.reset()
    whole = [spotter.hear(read_recording(path)) for path in paths]
    assert len(read_recording(paths[1])) > PIECE_SAMPLES
    np.testing.assert_array_equal(smoothed, np.concatenate([trace.smoothed for trace in whole]))
    np.testing.assert_array_equal(detected, np.concatenate([trace.detected for trace in whole]))
    np.testing.assert_array_equal(logits, np.concatenate([trace.logits for trace in whole]))
    assert events == [event, event.moved(13_000)]


class Forgetful:
    """In place of a SpotterC: one whose traces hold much memory for each hop, which must not be kept."""

    frontend = Frontend(hop_ms=20)

    def reset(self):
        pass

    def hear(self, pcm):
        hops = len(pcm) // self.frontend.hop_samples
        return Trace(
            np.ones((hops, 4000), np.int16),
            np.ones((hops, 10), np.uint16),
            np.ones(hops, np.uint8),
            np.ones(hops, bool),
            40,
            12,
        )


def test_only_small_integers_are_kept_of_hours(tmp_path):
    """46 bytes for each hop: 20 of smoothed posteriors, 24 of logits, 1 each of decision and gate; twice while they join."""
    path = zeros(tmp_path / "quiet.wav", 600)
    tracemalloc.start()
    *kept, _ = hear_joined(Forgetful(), [(path, [])])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(values.nbytes for values in kept) == 46 * 30_000
    assert peak < 20_000_000, "the memory of all hops is 240 MB, of a piece 4 MB"


def test_an_event_after_the_recording_is_refused(tmp_path):
    path = zeros(tmp_path / "quiet.wav", 1)
    hear_joined(Forgetful(), [(path, [Event(0, 1000, "yes")])])
    with pytest.raises(ValueError, match="quiet.wav: 'yes' ends at 1001 ms, after the recording"):
        hear_joined(Forgetful(), [(path, [Event(0, 1001, "yes")])])


def test_a_streams_recordings_may_have_names_of_any_bytes_and_are_closed(tmp_path):
    (tmp_path / "talk").mkdir()
    path = zeros(tmp_path / "talk" / os.fsdecode(b"h\xf8re.wav"), 1)
    open_before = os.listdir("/proc/self/fd")
    assert read_stream(tmp_path) == {"talk": [(path, [])]} and stated_length_ms(path) == 1000
    assert os.listdir("/proc/self/fd") == open_before
    path.write_bytes(path.read_bytes()[:-2000])
    assert stated_length_ms(path) is None, "it is refused by its name when it is heard"


def test_a_stream_that_was_cut_short_is_refused(tmp_path):
    path = zeros(tmp_path / "cut.wav", 600)
    with open(path, "r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(BadRecording, match=f"{path}: cut short: 31.25 s of the 0.17 h"):
        hear_joined(Forgetful(), [(path, [])])


def test_silence_in_a_test_folder_is_reported(tmp_path, capsys):
    noise, silence = np.arange(16_000, dtype=np.int16), np.zeros(16_000, np.int16)
    files = [(tmp_path / word / "1.wav", word) for word in ("yes", "no", "_silence_")]
    tell_silent(files, [noise, silence, silence])
    assert (
        capsys.readouterr().err
        == f"1 of 3 recordings in folders of words are digital silence, the first: {files[1][0]}\n"
    )
    tell_silent(files, [noise, noise, silence])
    assert not capsys.readouterr().err


def test_emulate_with_a_board_opens_its_recording_once(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(recordings, "_opened", lambda path: opened.append(path) or _opened(path))
    monkeypatch.setattr(emulate, "build_board", lambda *_: None)
    monkeypatch.setattr(emulate, "hear_on_board", lambda *_: [])
    path = str(zeros(tmp_path / "quiet.wav", 1))
    monkeypatch.setattr("sys.argv", ["emulate", "commands-6k", path, "--board", "pico"])
    emulate.main()
    assert opened == [path]


def test_emulate_hears_no_standard_input(monkeypatch):
    monkeypatch.setattr("sys.argv", ["emulate", "commands-6k", "-"])
    with pytest.raises(
        ValueError, match="WAV=-: an emulated core reads files only; `make listen` reads standard input"
    ):
        emulate.main()


def test_two_models_on_one_front_end_are_numpys_over_resets_thresholds_and_a_counter_that_wraps():
    """`python -m tests.measure.long` compares a hundred hours; here an hour is 12 s."""
    *models, front = compare(hours=16, hour_hops=600)
    for line in models:
        states, decisions, detections, resets, changes = re.search(
            r"(\d+) states .* (\d+) decisions, (\d+) detections, (\d+) resets, (\d+) changes", line
        ).groups()
        assert (states, decisions) == ("16", "9600") and min(map(int, (detections, resets, changes))) >= 10
    assert int(re.search(r"passed 2\^32 (\d+) times", front)[1]) >= 20
