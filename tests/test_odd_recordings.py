"""Odd recordings: one that would be decoded wrongly is refused with advice, a suspicious one gets a remark."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.audio.containers import container_of, length_of
from firmware.audio.recordings import BadRecording, Reader, read_clip, read_recording
from firmware.audio.soundness import FULL_SCALE, Soundness, is_silent
from firmware.frontend import SAMPLE_RATE_HZ
from tests.wav import wav_header

SECONDS = 4
PCM = np.random.default_rng(0).normal(0, 3000, SECONDS * SAMPLE_RATE_HZ).astype(np.int16)
GOOD = wav_header(2 * len(PCM)) + PCM.astype("<i2").tobytes()


def written(path, content):
    path.write_bytes(content)
    return path


def refused(path, why):
    """Expect one line with the file and the reason."""
    return pytest.raises(BadRecording, match=f"^{path}: [^\n]*{why}[^\n]*$")


def remarks_of(path):
    reader = Reader(path)
    return sum(map(len, reader.blocks())), reader.remarks


def encoded(path, format, subtype="PCM_16"):
    soundfile.write(path, PCM, SAMPLE_RATE_HZ, format=format, subtype=subtype)
    return path.read_bytes()


# --- lengths

CHUNKED = ["WAV", "WAVEX", "RF64", "W64", "AIFF", "AU"]


@pytest.mark.parametrize("format", CHUNKED)
def test_a_file_cut_short_is_refused_and_the_whole_one_is_not(tmp_path, format):
    path = tmp_path / "cut"
    content = encoded(path, format)
    assert remarks_of(path) == (len(PCM), [])
    written(path, content[: len(content) // 2])
    with refused(path, r"cut short: (2.00|1.99) s of the 4.00 s in its header; copy the file again"):
        Reader(path)


@pytest.mark.parametrize("format", CHUNKED)
def test_sound_that_the_header_does_not_count_is_refused(tmp_path, format):
    path = tmp_path / "more"
    content = encoded(path, format)
    written(path, content + content[-3 * 2 * SAMPLE_RATE_HZ :])
    with refused(path, "its header says 4.00 s, the file has 7.00 s: the recorder did not finish the file; `sox"):
        Reader(path)


@pytest.mark.parametrize("format", ["FLAC", "MP3"])
def test_a_packed_file_cut_short_is_refused_when_its_end_is_missed(tmp_path, format):
    path = tmp_path / "cut"
    content = encoded(path, format, subtype=None)
    assert remarks_of(path) == (len(PCM), [])
    written(path, content[: len(content) // 2])
    with refused(path, r"cut short.* of (the )?4.00 s.*; copy the file again"):
        read_recording(path)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_without_its_last_page_is_told(tmp_path, subtype):
    path = tmp_path / "cut.ogg"
    content = encoded(path, "OGG", subtype)
    assert remarks_of(path) == (len(PCM), [])
    assert "may have been cut short" in remarks_of(written(path, content[: len(content) // 2]))[1][0]


def test_an_mp3_without_a_length_is_told(tmp_path):
    path = tmp_path / "guess.mp3"
    content = encoded(path, "MP3", None)
    second_frame = content.index(content[:2], 2)
    for tag in (b"", b"ID3\4\0\0\0\0\1\0" + bytes(128)):
        assert remarks_of(written(path, tag + content)) == (len(PCM), [])
        (remark,) = remarks_of(written(path, tag + content[second_frame:]))[1]
        assert remark == "an MP3 without its length in the header may be decoded in part only; convert it to FLAC"


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0xFFFFFFFF - 36, 0x7FFFF000, 0x80000000])
def test_a_pipes_wav_is_heard_to_its_end_and_told(tmp_path, length):
    """The lengths that ffmpeg, sox and arecord write when they cannot seek back to the header."""
    path = written(tmp_path / "pipe.wav", wav_header(length) + PCM.astype("<i2").tobytes())
    heard, remarks = remarks_of(path)
    assert heard == len(PCM) and remarks == ["no length in its header, as from a pipe; decoded to its end: 4.00 s"]


def test_a_recorders_wav_that_was_not_closed_is_refused(tmp_path):
    path = written(tmp_path / "killed.wav", wav_header(0) + PCM.astype("<i2").tobytes())
    with refused(
        path, "its header says 0 samples, but 128000 bytes follow: the recorder did not finish the file; `sox"
    ):
        Reader(path)


def test_a_pipes_flac_is_refused(tmp_path):
    path = tmp_path / "pipe.flac"
    content = bytearray(encoded(path, "FLAC"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # 36 bits of STREAMINFO: the number of samples
    with refused(written(path, content), r"no length in its header \(written to a pipe\?\)"):
        Reader(path)


def test_a_wav_over_4_gb_whose_length_wrapped_is_refused(tmp_path):
    """Seven hours of 48 kHz stereo, whose header says 0.79 h; a sparse file."""
    path, samples = tmp_path / "long.wav", 7 * 3600 * 48_000 * 4
    with open(path, "wb") as file:
        file.write(wav_header(samples, rate_hz=48_000, channels=2))
        file.truncate(file.tell() + samples)
    with refused(path, "its header says 0.79 h, the file has 7.00 h: the length wrapped at 4 GB; `sox --ignore"):
        Reader(path)


@pytest.mark.parametrize(
    "after", [b"LIST\4\0\0\0abcd", b"LIST\3\0\0\0abc", b"id3 \4\0\0\0abcd" * 9000, b"TAG" + bytes(125)]
)
def test_what_follows_the_samples_may_be_chunks_or_a_tag(tmp_path, after):
    assert remarks_of(written(tmp_path / "tagged.wav", GOOD + after)) == (len(PCM), [])


def test_the_length_of_an_rf64_is_that_of_64_bits(tmp_path):
    """A header of five GB of samples, present in part; its low 32 bits would fit the file."""
    path = tmp_path / "long.rf64"
    content = encoded(path, "RF64")
    place = content.index(b"ds64") + 16
    written(path, content[:place] + struct.pack("<Q", (1 << 32) + 2 * len(PCM)) + content[place + 8 :])
    with open(path, "rb") as file:
        length = length_of(file)
    assert (length.promised, length.there) == ((1 << 32) + 2 * len(PCM), 2 * len(PCM))
    with refused(path, "cut short: 4.00 s of the 37.28 h"):
        Reader(path)


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


def test_clipping_is_told_with_its_share(tmp_path, capsys):
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.where(np.arange(len(PCM)) % 10 == 0, 32767, PCM).astype(np.int16), SAMPLE_RATE_HZ)
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
