"""The definition of the front end: 16 kHz int16 samples -> log-mel features.

A frame of 30 ms is windowed (periodic Hann) and transformed (512 points); its power is summed into
triangular HTK-mel bands of energy E.  A feature is the code of the log-mel value

    log_mel = clip(LOG_GAIN * ln(1 + E / ENERGY_FLOOR), 0, 255),    code = round(log_mel) - 128

with E in squared int16 units.  The C front end (firmware/library) is generated from this file: the
mel bands go into each model's kws_model.c, the constant tables into library/tables.c.
Mel scale and triangles equal librosa.filters.mel(htk=True, norm=None), the float oracle of the tests.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES = 480
FFT_POINTS = 512
BIN_HZ = np.arange(FFT_POINTS // 2 + 1) * SAMPLE_RATE_HZ / FFT_POINTS
LOG_GAIN = 9.8
ENERGY_FLOOR = 380
CODE_ZERO_POINT = -128
CLIP_SAMPLES = SAMPLE_RATE_HZ
"""Length of a clip in evaluation: one second."""
LONGEST_WORD_SAMPLES = SAMPLE_RATE_HZ * 5 // 2
MICRO_LOW_HZ, MICRO_HIGH_HZ = 125, 7500
"""The bands of kind "micro"."""


@dataclass(frozen=True)
class Frontend:
    """The settings of a recipe.

    hop_ms: advance between frames, 10 or 20.  bands: mel bands, 10 to 80.
    high_hz: upper edge of the last band, 1000 to 8000; the first band begins at 0 Hz.
    gate: whether a device sleeps while nothing rises above the background; not a feature, so no part of repr and its hashes.
    kind: "micro" for the features of TFLite Micro's front end (train/micro.py), which no C here computes: 40 bands from 125 to
    7500 Hz.
    """

    hop_ms: int = 20
    bands: int = 40
    high_hz: int = 4000
    gate: bool = field(default=False, repr=False)
    kind: Literal["log_mel", "micro"] = field(default="log_mel", repr=False)

    def __post_init__(self):
        if self.hop_ms not in (10, 20):
            raise ValueError(f"hop_ms = {self.hop_ms}: must be 10 or 20")
        if not 10 <= self.bands <= 80:
            raise ValueError(f"bands = {self.bands}: from 10 to 80")
        if not 1000 <= self.high_hz <= SAMPLE_RATE_HZ // 2:
            raise ValueError(f"high_hz = {self.high_hz}: from 1000 to {SAMPLE_RATE_HZ // 2}")
        if self.is_micro and (self.bands, self.high_hz, self.gate) != (40, MICRO_HIGH_HZ, False):
            raise ValueError(f"kind = micro: has 40 bands up to {MICRO_HIGH_HZ} Hz and no gate")
        silent = np.flatnonzero(band_weights(self).sum(axis=1) == 0)
        if len(silent):
            raise ValueError(
                f"bands = {self.bands} up to {self.high_hz} Hz: band {silent[0]} holds no FFT bin; "
                "use fewer bands or a higher high_hz"
            )

    @property
    def is_micro(self):
        return self.kind == "micro"

    @property
    def low_hz(self):
        """The lower edge of the first band."""
        return MICRO_LOW_HZ if self.is_micro else 0

    @property
    def mixed(self):
        """The front end at whose hops sounds are mixed: every frame of 10 ms where each one depends on those before it."""
        return replace(self, hop_ms=10) if self.is_micro else self

    @property
    def hop_samples(self):
        return SAMPLE_RATE_HZ * self.hop_ms // 1000

    @property
    def always_awake(self):
        """The same front end without the gate: it hears every hop."""
        return replace(self, gate=False)

    @property
    def clip_hops(self):
        """Hops whose frame ends within a clip of one second."""
        return CLIP_SAMPLES // self.hop_samples


def mel_edges_hz(frontend):
    """Edges of the triangles, float [bands + 2], evenly spaced on the HTK mel scale."""
    ends = 1127 * np.log1p(np.array([frontend.low_hz, frontend.high_hz]) / 700)
    return 700 * np.expm1(np.linspace(*ends, frontend.bands + 2) / 1127)


def bin_positions(frontend, bin_hz=BIN_HZ):
    """The segment between two band edges that each bin below high_hz lies in, and its position there; bin_hz: rising.

    Returns segment int [bins] in 0..bands and rise float [bins] in 0..1: a bin adds
    rise * power to band `segment` and (1 - rise) * power to band `segment - 1`.
    """
    edges = mel_edges_hz(frontend)
    bin_hz = bin_hz[bin_hz < edges[-1] - 1e-6]
    segment = np.searchsorted(edges, bin_hz, side="right") - 1
    rise = (bin_hz - edges[segment]) / np.diff(edges)[segment]
    return segment, rise


def band_weights(frontend, bin_hz=BIN_HZ):
    """The triangles as a matrix, float [bands, bins below high_hz]."""
    segment, rise = bin_positions(frontend, bin_hz)
    bins = np.arange(len(segment))
    weights = np.zeros((frontend.bands + 2, len(segment)))
    weights[segment + 1, bins] = rise
    weights[segment, bins] = 1 - rise
    return weights[1:-1]


def hann_window():
    """The periodic Hann window, float [FRAME_SAMPLES]."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES)


def log_mel_of_energy(energy):
    """Band energy in squared int16 units -> log-mel value, float 0..255."""
    return np.clip(LOG_GAIN * np.log1p(np.asarray(energy) / ENERGY_FLOOR), 0, 255)


def energy_of_log_mel(log_mel):
    """The inverse of log_mel_of_energy."""
    return ENERGY_FLOOR * np.expm1(np.asarray(log_mel) / LOG_GAIN)


def codes_of_log_mel(log_mel):
    """Log-mel values 0..255 -> codes int8, rounded to nearest, ties to even."""
    return (np.rint(log_mel) + CODE_ZERO_POINT).astype(np.int8)


def log_mel_of_codes(codes):
    """Codes int8 -> whole log-mel values 0..255, int16."""
    return np.asarray(codes, np.int16) - CODE_ZERO_POINT
