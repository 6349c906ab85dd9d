"""Recordings: every format gives the same sound, and a bad file is an error that names it."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firmware.audio.recordings import (
    BLOCK_SAMPLES,
    BadRecording,
    as_pcm,
    between,
    in_pieces,
    one_second,
    read_clip,
    read_recording,
)
from firmware.frontend import CLIP_SAMPLES, FRAME_SAMPLES, SAMPLE_RATE_HZ
from firmware.paths import ROOT
from tests.wav import wav_header


def tone(rate_hz, amplitude=0.5, hz=440):
    """One second of a tone, full scale 1."""
    return amplitude * np.sin(2 * np.pi * hz * np.arange(rate_hz) / rate_hz)


@pytest.mark.parametrize(
    ("name", "rate_hz", "subtype", "tolerance"),
    [
        ("tone.wav", 16_000, "PCM_16", 1),
        ("tone.wav", 16_000, "PCM_U8", 256),
        ("tone.wav", 16_000, "PCM_24", 1),
        ("tone.wav", 16_000, "FLOAT", 1),
        ("tone.wav", 16_000, "DOUBLE", 1),
        ("tone.flac", 16_000, "PCM_16", 1),
        ("tone.flac", 48_000, "PCM_24", 2),
        ("tone.wav", 44_100, "PCM_16", 2),
        ("tone.wav", 8_000, "PCM_16", 2),
        ("tone.ogg", 16_000, "VORBIS", 800),
    ],
)
def test_a_tone_keeps_its_pitch_and_level(tmp_path, name, rate_hz, subtype, tolerance):
    path = tmp_path / name
    soundfile.write(path, tone(rate_hz), rate_hz, subtype)
    heard = read_recording(path)
    assert heard.dtype == np.int16
    assert len(heard) == SAMPLE_RATE_HZ
    inside = slice(1600, -1600)  # a resampler rings where the tone begins and ends
    np.testing.assert_allclose(heard[inside], 32768 * tone(SAMPLE_RATE_HZ)[inside], atol=tolerance)


def test_what_16_khz_cannot_carry_is_filtered_out(tmp_path):
    path = tmp_path / "high.wav"
    soundfile.write(path, tone(44_100, hz=12_000), 44_100, "FLOAT")
    assert np.abs(read_recording(path)[1600:-1600]).max() <= 1


def test_channels_are_averaged(tmp_path):
    path = tmp_path / "stereo.wav"
    left, right = tone(SAMPLE_RATE_HZ, 0.5), tone(SAMPLE_RATE_HZ, 0.25, hz=1000)
    soundfile.write(path, np.stack([left, right], axis=1), SAMPLE_RATE_HZ, "FLOAT")
    np.testing.assert_allclose(read_recording(path), 32768 * (left + right) / 2, atol=1)


def test_a_float_recording_beyond_full_scale_is_clipped(tmp_path):
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.repeat([2.0, -2.0], FRAME_SAMPLES), SAMPLE_RATE_HZ, "FLOAT")
    assert set(read_recording(path)) == {32767, -32768}


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pcm=arrays(np.int16, st.integers(FRAME_SAMPLES, 1000)))
def test_16_khz_pcm_comes_in_bit_by_bit(tmp_path, suffix, pcm):
    path = tmp_path / f"clip.{suffix}"
    soundfile.write(path, pcm, SAMPLE_RATE_HZ, "PCM_16")
    np.testing.assert_array_equal(read_recording(path), pcm)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize(
    ("suffix", "subtype", "rate_hz"),
    [("wav", "PCM_16", rate_hz) for rate_hz in (8_000, 16_000, 22_050, 44_100, 48_000, 96_000)]
    + [("flac", "PCM_16", 8_000), ("flac", "PCM_24", 16_000), ("flac", "PCM_16", 48_000), ("ogg", "VORBIS", 16_000)]
    + [("wav", "PCM_24", 44_100), ("wav", "FLOAT", 48_000), ("wav", "DOUBLE", 11_025), ("wav", "ULAW", 8_000)],
)
@pytest.mark.parametrize("blocks", [0.4, 2])
def test_sound_in_blocks_is_the_sound_of_the_whole_bit_by_bit(tmp_path, suffix, subtype, rate_hz, channels, blocks):
    path = tmp_path / f"noise.{suffix}"
    frames = int(blocks * (BLOCK_SAMPLES // channels))
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.2, (frames, channels)), rate_hz, subtype)
    samples, _ = soundfile.read(path, dtype="float64", always_2d=True)
    whole = samples.mean(axis=1)
    if rate_hz != SAMPLE_RATE_HZ:
        whole = soxr.resample(whole, rate_hz, SAMPLE_RATE_HZ, quality="VHQ")
    np.testing.assert_array_equal(read_recording(path), as_pcm(whole))
    np.testing.assert_array_equal(read_clip(path).pcm, as_pcm(whole)[:CLIP_SAMPLES])


PEAKS = """
import resource, sys
from firmware.audio.recordings import Reader
for path in sys.argv[1:]:
    print(sum(map(len, Reader(path).blocks())), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_ten_minutes_are_heard_in_the_memory_of_one(tmp_path):
    """48 kHz stereo, 115 MB; sparse files, which take no disk space."""
    lengths_s = 0.1, 60, 600
    for length_s in lengths_s:
        with open(tmp_path / f"{length_s}.wav", "wb") as file:
            samples = round(length_s * 48_000) * 4
            file.write(wav_header(samples, rate_hz=48_000, channels=2))
            file.truncate(file.tell() + samples)
    paths = [str(tmp_path / f"{length_s}.wav") for length_s in lengths_s]
    done = subprocess.run([sys.executable, "-c", PEAKS, *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    heard, peaks_kb = np.array(done.stdout.split(), int).reshape(3, 2).T
    assert heard.tolist() == [1_600, 960_000, 9_600_000]
    assert peaks_kb[1] - peaks_kb[0] < 20_000 and peaks_kb[2] - peaks_kb[1] < 1_000


@pytest.mark.parametrize("seconds", [1, 3])
def test_of_a_clip_no_more_than_its_length_is_read(tmp_path, seconds):
    path = tmp_path / "clip.flac"
    sound = np.random.default_rng(0).normal(0, 0.1, 20 * SAMPLE_RATE_HZ)
    soundfile.write(path, sound, SAMPLE_RATE_HZ)
    first = read_recording(path)[: seconds * SAMPLE_RATE_HZ]
    os.truncate(path, path.stat().st_size // 2)
    clip = read_clip(path, seconds * SAMPLE_RATE_HZ)
    assert clip.is_cut and len(clip.pcm) == len(first) and (clip.pcm == first).all()
    with refused(path, "cut short somewhere after 8.19 s of 20.00 s"):
        read_recording(path)


@pytest.mark.parametrize(("samples", "is_cut"), [(999, False), (1000, False), (1001, True), (70_000, True)])
def test_a_clip_is_the_beginning_of_a_recording_or_all_of_a_shorter_one(tmp_path, samples, is_cut):
    path, pcm = tmp_path / "clip.wav", np.arange(samples).astype(np.int16)
    pcm[:100] = 32767
    pcm[1000:] = 32767
    soundfile.write(path, pcm, SAMPLE_RATE_HZ)
    clip = read_clip(path, 1000)
    np.testing.assert_array_equal(clip.pcm, pcm[:1000])
    assert clip.is_cut == is_cut and clip.clipped_share == 100 / len(clip.pcm)


@given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 200), st.integers(0, 200), st.integers(1, 60))
def test_blocks_are_cut_anywhere(lengths, first, end, piece):
    pcm = np.arange(sum(lengths), dtype=np.int16)
    blocks = np.split(pcm, np.cumsum(lengths, dtype=int))
    np.testing.assert_array_equal(between(iter(blocks), first, end), pcm[first:end])
    pieces = list(in_pieces(blocks, piece))
    np.testing.assert_array_equal(np.concatenate([pcm[:0], *pieces]), pcm)
    assert all(len(part) == piece for part in pieces[:-1])


def refused(path, why):
    """Expect a BadRecording, itself a ValueError, that names the file and says why."""
    assert issubclass(BadRecording, ValueError)
    return pytest.raises(BadRecording, match=f"^{path}: .*{why}")


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "gone.wav"
    with refused(path, "no such file"):
        read_recording(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.wav", b""),
        ("text.wav", b"This is a letter and not a sound.\n"),
        ("half.flac", b"fLaC\0\0\0\x22"),
        ("headless.raw", bytes(2000)),
    ],
)
def test_a_file_that_is_no_sound_is_named(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with refused(path, "cannot be read"):
        read_recording(path)


def test_a_header_without_samples_is_named(tmp_path):
    path = tmp_path / "header.wav"
    soundfile.write(path, np.zeros(0), SAMPLE_RATE_HZ)
    with refused(path, "no samples"):
        read_recording(path)


@pytest.mark.parametrize(
    ("rate_hz", "samples"), [(16_000, FRAME_SAMPLES - 1), (48_000, 3 * FRAME_SAMPLES - 3), (48_000, 1)]
)
def test_a_recording_shorter_than_a_frame_is_named(tmp_path, rate_hz, samples):
    path = tmp_path / "short.wav"
    soundfile.write(path, np.zeros(samples), rate_hz)
    with refused(path, "ms long, less than one frame of 30 ms"):
        read_recording(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_named(tmp_path, value):
    path = tmp_path / "broken.wav"
    samples = tone(SAMPLE_RATE_HZ)
    samples[100] = value
    soundfile.write(path, samples, SAMPLE_RATE_HZ, "FLOAT")
    with refused(path, "not finite"):
        read_recording(path)


@given(st.integers(0, 2 * CLIP_SAMPLES))
@settings(max_examples=20)
def test_one_second_pads_at_the_end_and_keeps_the_first_second(length):
    pcm = np.arange(1, length + 1, dtype=np.int16)
    clip = one_second(pcm)
    heard = min(length, CLIP_SAMPLES)
    assert clip.shape == (CLIP_SAMPLES,)
    np.testing.assert_array_equal(clip[:heard], pcm[:heard])
    assert not clip[heard:].any()
