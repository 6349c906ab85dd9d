"""Lengths in headers: one that does not fit its file is refused, one that was never written gets a remark."""

import struct

import pytest

from firmware.audio.containers import length_of
from firmware.audio.recordings import Reader, read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from tests.odd_files import CHUNKED, GOOD, PCM, encoded, refused, remarks_of, written
from tests.wav import wav_header


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
