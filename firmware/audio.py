"""Recordings in: whatever soundfile reads, as 16 kHz mono int16.  Bad files are errors that name the file."""

import os
from pathlib import Path

import numpy as np
import soundfile
import soxr

from firmware.frontend import CLIP_SAMPLES, FRAME_SAMPLES, SAMPLE_RATE_HZ

FULL_SCALE = 32768
"""The largest magnitude of a sample, int16."""


class BadRecording(ValueError):
    """A recording that cannot be used; the message names the file and says why."""


def read_recording(path):
    """PCM int16 [samples] at 16 kHz of a recording: channels averaged, any rate resampled, any width scaled.

    Raises BadRecording where the file is unreadable, empty, not finite or shorter than one frame.
    """
    if not Path(path).is_file():
        raise BadRecording(f"{path}: no such file")
    try:
        samples, rate_hz = soundfile.read(os.fsencode(path), dtype="float64", always_2d=True)
    except (soundfile.LibsndfileError, OSError, TypeError) as error:  # a TypeError where the suffix is .raw
        raise BadRecording(f"{path}: cannot be read as audio: {getattr(error, 'error_string', error)}") from None
    if len(samples) == 0:
        raise BadRecording(f"{path}: holds no samples")
    if not np.isfinite(samples).all():
        raise BadRecording(f"{path}: holds samples that are not finite")
    mono = samples.mean(axis=1)
    if rate_hz != SAMPLE_RATE_HZ:
        mono = soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ, quality="VHQ")
    if len(mono) < FRAME_SAMPLES:
        raise BadRecording(
            f"{path}: {len(mono) * 1000 / SAMPLE_RATE_HZ:.1f} ms long; "
            f"one frame is {FRAME_SAMPLES * 1000 // SAMPLE_RATE_HZ} ms"
        )
    return as_pcm(mono)


def as_pcm(mono):
    """PCM int16 [samples] of samples as shares of full scale, float; what is beyond it is clipped."""
    return np.clip(np.rint(mono * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def one_second(pcm):
    """A clip of exactly one second: zeros at the end of a shorter one, the first second of a longer one."""
    return np.pad(pcm[:CLIP_SAMPLES], (0, max(0, CLIP_SAMPLES - len(pcm))))
