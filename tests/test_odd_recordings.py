"""Odd recordings: one that would be decoded wrongly is refused with advice, a suspicious one gets a remark."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.audio.containers import container_of, has_last_page
from firmware.audio.recordings import BadRecording, Reader, read_clip, read_recording
from firmware.audio.soundness import FULL_SCALE, Soundness, is_silent
from firmware.frontend import SAMPLE_RATE_HZ
from tests.odd_files import CHUNKED, GOOD, PCM, encoded, refused, remarks_of, written
from tests.wav import wav_header
from train.corpora.folders import audio_files

# --- headers


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([*CHUNKED, "CAF", "FLAC"]),
    st.lists(st.tuples(st.integers(0, 120), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4),
    st.booleans(),
)
def test_whatever_a_header_says_is_heard_or_refused_in_a_line(tmp_path, format, changes, is_cut):
    path = tmp_path / "damaged"
    content = bytearray(encoded(path, format))
    for place, change in changes:
        content[place : place + len(change)] = change
    written(path, content[: 3000 if is_cut else None])
    try:
        assert np.concatenate(list(Reader(path).blocks())).dtype == np.int16
    except BadRecording as error:
        assert str(error).startswith(f"{path}: ") and "\n" not in str(error)


@pytest.mark.parametrize(
    "header, why",
    [
        ({"rate_hz": 1}, "sample rate 1 Hz; supported: 4000 to 384000 Hz"),
        ({"rate_hz": 3_999}, "sample rate 3999 Hz"),
        ({"rate_hz": 384_001}, "sample rate 384001 Hz"),
        ({"channels": 65}, "65 channels; at most 64 are averaged"),
    ],
)
def test_an_absurd_header_is_refused_before_any_memory_is_taken(tmp_path, header, why):
    with refused(written(tmp_path / "odd.wav", wav_header(65 * 2000, **header) + bytes(65 * 2000)), why):
        Reader(tmp_path / "odd.wav")


def test_a_recording_for_memory_is_an_hour_at_most_and_a_stream_is_of_any_length(tmp_path):
    path, samples = tmp_path / "hours.wav", 6 * 3600 * 8_000 * 2 * 8
    with open(path, "wb") as file:
        file.write(wav_header(samples, rate_hz=8_000, channels=8))
        file.truncate(file.tell() + samples)
    with refused(path, "6.00 h long; cut it into parts of at most 1.00 h"):
        read_recording(path)
    assert Reader(path).seconds == 6 * 3600 and not read_clip(path).pcm.any()


def test_a_kind_of_file_whose_length_is_not_checked_is_refused(tmp_path):
    encoded(tmp_path / "speech.nist", "NIST")
    with refused(tmp_path / "speech.nist", "is not supported; convert it to WAV or FLAC"):
        Reader(tmp_path / "speech.nist")


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "ULAW", "ALAW", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("rate_hz, channels", [(4_000, 1), (384_000, 1), (8_000, 64)])
def test_what_is_within_bounds_is_heard(tmp_path, subtype, rate_hz, channels):
    path = tmp_path / "good.wav"
    soundfile.write(path, np.full((rate_hz // 5, channels), 0.1), rate_hz, subtype)
    heard = read_recording(path)
    assert len(heard) == SAMPLE_RATE_HZ // 5 and abs(heard[1600] - 3277) < 260


# --- files


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path / "folder.wav", tmp_path / "pipe.wav", Path("/dev/null")):
        with refused(path, "is a folder, a pipe or a device; give a file"):
            Reader(path)
    with pytest.raises(BadRecording, match="cannot be opened: embedded null byte"):
        Reader("a\0b.wav")


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    path = written(tmp_path / "secret.wav", GOOD)

    def forbidden(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", forbidden)  # root may read files without permission
    with refused(path, "cannot be opened: Permission denied"):
        Reader(path)


@pytest.mark.parametrize("name", ["høre ñ 語.wav", os.fsdecode(b"h\xf8re.wav")])
def test_a_name_may_be_of_any_bytes(tmp_path, name):
    path = tmp_path / name
    np.testing.assert_array_equal(read_recording(written(path, GOOD)), PCM)
    with refused(written(path, GOOD[:-2000]), "cut short"):
        Reader(path)


def test_no_file_stays_open(tmp_path):
    encoded(tmp_path / "good.flac", "FLAC")
    written(tmp_path / "cut.wav", GOOD[:-2000])
    written(tmp_path / "text.wav", b"This is a letter.")
    open_before = os.listdir("/proc/self/fd")
    read_recording(tmp_path / "good.flac"), read_clip(tmp_path / "good.flac")
    for name in ("cut.wav", "text.wav"):
        with pytest.raises(BadRecording):
            Reader(tmp_path / name)
    assert os.listdir("/proc/self/fd") == open_before


# --- sound


def test_integers_written_as_float_are_refused_and_a_loud_float_is_not(tmp_path):
    path = tmp_path / "float.wav"
    soundfile.write(path, PCM.astype(np.float32), SAMPLE_RATE_HZ, "FLOAT")
    with refused(path, "float samples up to [0-9]+, but full scale is 1: integers written as float; write them as int"):
        read_recording(path)
    soundfile.write(path, PCM / 32768 * 8, SAMPLE_RATE_HZ, "FLOAT")
    assert read_recording(path).max() == 32767


@pytest.mark.parametrize("right", [-1.0, -0.95, "inverted bits"])
def test_channels_that_cancel_each_other_are_refused(tmp_path, right):
    path = tmp_path / "antiphase.wav"
    other = ~PCM if right == "inverted bits" else (right * PCM).astype(np.int16)
    soundfile.write(path, np.stack([PCM, other], axis=1), SAMPLE_RATE_HZ)
    with refused(path, r"its channels cancel each other \(antiphase\); extract one: `sox"):
        read_recording(path)
    with refused(path, "antiphase"):
        read_clip(path)


def test_channels_may_cancel_each_other_in_a_part_that_has_little_of_the_power(tmp_path):
    """Hum before the first word, longer than the first block of 0.68 s."""
    path, sound = tmp_path / "preroll.wav", np.zeros((2 * 48_000, 2), np.int16)
    sound[:40_000] = 20 * np.sin(np.arange(40_000) / 100)[:, None] * (1, -1)
    sound[40_000:] = np.resize(PCM, 56_000)[:, None]
    soundfile.write(path, sound, 48_000)
    assert remarks_of(path) == (2 * SAMPLE_RATE_HZ, []) and read_clip(path).pcm.any()
    soundfile.write(path, sound[::-1] * np.array([1, -1], np.int16), 48_000)
    with refused(path, "antiphase"):
        read_recording(path)
    with refused(path, "antiphase"):
        read_clip(path)


@pytest.mark.parametrize("channels", [2, 64])
def test_channels_of_which_one_alone_sounds_or_none_are_heard(tmp_path, channels):
    path, sound = tmp_path / "one.wav", np.zeros((len(PCM), channels), np.int16)
    sound[:, 1] = PCM
    soundfile.write(path, sound, SAMPLE_RATE_HZ)
    assert remarks_of(path) == (len(PCM), [])
    dither = np.where(np.arange(channels) % 2, 1, -1) * (np.arange(len(PCM)) % 2)[:, None]
    soundfile.write(path, dither.astype(np.int16), SAMPLE_RATE_HZ)
    assert remarks_of(path) == (len(PCM), ["digital silence from beginning to end"])


def test_clipping_is_told_once_with_its_share(tmp_path, capsys):
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.where(np.arange(len(PCM)) % 10 == 0, 32767, PCM).astype(np.int16), SAMPLE_RATE_HZ)
    read_recording(path)
    read_recording(path)
    assert capsys.readouterr().err == f"{path}: 10% of its samples are at full scale: recorded too loud\n"
    soundfile.write(path, np.where(np.arange(len(PCM)) % 101 == 0, 32767, PCM).astype(np.int16), SAMPLE_RATE_HZ)
    assert remarks_of(path) == (len(PCM), [])


@pytest.mark.parametrize(
    "pcm, silent",
    [([0, 0], True), ([-200, -200], True), ([-1, 1], True), ([-1, 2], False), ([-32768, 32767], False), ([], True)],
)
def test_digital_silence_is_zeros_a_constant_or_dither(pcm, silent):
    pcm = np.array(pcm, np.int16)
    judged = Soundness(channels=1)
    judged.hear(pcm[:, None] / FULL_SCALE, pcm / FULL_SCALE)
    assert is_silent(pcm) == judged.is_silent == silent


def test_containers_are_known_by_their_first_bytes():
    heads = {
        b"RIFF": "WAV",
        b"\0\0\0\x20ftypM4A ": "MP4",
        b"\x1aE\xdf\xa3\1\0\0\0": "Matroska or WebM",
        b"ID3\4\0\0\0\0": "MP3",
    }
    assert {head: container_of(head) for head in heads} == heads
    assert container_of(bytes(320)) is None and container_of(b"") is None


def test_a_file_without_pages_has_no_last_page():
    assert not has_last_page(io.BytesIO(bytes([4] * 9)))


def test_names_of_files_cannot_control_the_terminal(tmp_path, capsys):
    (tmp_path / "\x1b[2J").write_text("no recording")
    pcm = np.full(SAMPLE_RATE_HZ, 32767, np.int16)
    soundfile.write(tmp_path / "\x1b[31mclipped.wav", pcm, SAMPLE_RATE_HZ)
    for path in audio_files(tmp_path):
        read_recording(path)
    told = capsys.readouterr().err
    assert r"\x1b[2J" in told and r"\x1b[31mclipped.wav" in told and "\x1b" not in told
