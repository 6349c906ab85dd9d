"""Made music, which a detector should take for background: melodies, chords, arpeggios, slides and drums.

No recording and no composition: notes are drawn from a scale, and an instrument is a set of harmonics with an attack and a
decay.  A held vowel is harmonics too, so a network that never hears music takes a piano for a word.
"""

import numpy as np

from firmware.frontend import SAMPLE_RATE_HZ

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))
"""Semitones above the tonic: major, minor, pentatonic."""

LOWEST_HZ, HIGHEST_HZ = 55.0, 1760.0
BEATS_PER_MINUTE = 60, 180
HARMONICS = 14


def _envelope(samples, attack_s, decay_s):
    time_s = np.arange(samples) / SAMPLE_RATE_HZ
    release = np.minimum(1, (samples - np.arange(samples)) / (0.02 * SAMPLE_RATE_HZ))
    return np.minimum(1, time_s / attack_s) * np.exp(-time_s / decay_s) * release


class Instrument:
    """Harmonics whose powers fall by a slope, some of them weak, with an attack, a decay and a vibrato."""

    def __init__(self, random):
        order = np.arange(1, HARMONICS + 1)
        self.amplitudes = order ** -random.uniform(0.5, 2.5) * random.uniform(0.1, 1, HARMONICS)
        self.stretch = random.choice((0.0, 0.0004))  # strings of a piano are stiff: their harmonics are a little sharp
        self.struck = random.random() < 0.6
        self.attack_s = random.uniform(0.002, 0.01) if self.struck else random.uniform(0.02, 0.15)
        self.decay_s = np.exp(random.uniform(*np.log((0.15, 1.5)))) if self.struck else 20.0
        self.vibrato = random.uniform(0, 0.01) if not self.struck else 0.0
        self.vibrato_hz = random.uniform(4, 7)

    def note(self, random, first_hz, last_hz, samples):
        """A note float64 [samples], sliding from one frequency to the other."""
        time_s = np.arange(samples) / SAMPLE_RATE_HZ
        hz = np.geomspace(first_hz, last_hz, samples) * (
            1 + self.vibrato * np.sin(2 * np.pi * self.vibrato_hz * time_s + random.uniform(0, 2 * np.pi))
        )
        phase, order = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE_HZ, np.arange(1, HARMONICS + 1)
        sound = np.zeros(samples)
        for harmonic, amplitude in zip(order, self.amplitudes, strict=True):
            sharp = harmonic * np.sqrt(1 + self.stretch * harmonic**2)
            if sharp * max(first_hz, last_hz) < SAMPLE_RATE_HZ / 2:
                decay_s = self.decay_s / (1 + 0.15 * harmonic) if self.struck else self.decay_s
                sound += amplitude * np.exp(-time_s / decay_s) * np.sin(sharp * phase + random.uniform(0, 2 * np.pi))
        return sound * _envelope(samples, self.attack_s, self.decay_s)


def _drum(random, samples):
    """A kick, a snare or a hat: a falling tone, noise, or bright noise."""
    time_s, kind = np.arange(samples) / SAMPLE_RATE_HZ, random.integers(3)
    if kind == 0:
        return np.sin(2 * np.pi * 50 * (time_s + 0.06 * (1 - np.exp(-time_s / 0.03)))) * np.exp(-time_s / 0.15)
    noise = random.normal(size=samples) * np.exp(-time_s / random.uniform(0.02, 0.12))
    return noise if kind == 1 else np.diff(noise, prepend=0)


def _voice(random, instrument, scale, tonic_hz, samples):
    """One part of a piece, float64 [samples]: single notes, chords or fast arpeggios of an instrument."""
    beat = int(SAMPLE_RATE_HZ * 60 / random.uniform(*BEATS_PER_MINUTE))
    shares = ((0.5, 1, 1, 2), (2, 4), (0.25, 0.25, 0.25))[style := int(random.integers(3))]
    chord = (0, 2, 4) if style == 1 else (0,)
    slides = random.random() < 0.25
    part, place, degree = np.zeros(samples), 0, int(random.integers(0, 14))
    while place < samples:
        length = min(samples - place, int(beat * random.choice(shares)))
        if length < SAMPLE_RATE_HZ // 100:
            break
        degree = int(np.clip(degree + random.integers(-3, 4), 0, 20))
        if random.random() > 0.12:  # else a rest
            for above in chord:
                octave, step = divmod(degree + above, len(scale))
                hz = np.clip(tonic_hz * 2 ** (octave + scale[step] / 12), LOWEST_HZ, HIGHEST_HZ)
                other_hz = hz * 2 ** (random.uniform(-5, 5) / 12) if slides and random.random() < 0.4 else hz
                part[place : place + length] += instrument.note(random, hz, other_hz, length)
        place += length
    return part / max(part.std(), 1e-9)


def _rhythm(random, samples):
    beat = int(SAMPLE_RATE_HZ * 60 / random.uniform(*BEATS_PER_MINUTE)) // 2
    part = np.zeros(samples)
    for place in range(0, samples - beat, beat):
        if random.random() < 0.7:
            part[place : place + beat] += _drum(random, beat)
    return part / max(part.std(), 1e-9)


def synthesize_music(random, samples):
    """A piece float64 [samples] with an RMS of about 1: one to three instruments, drums in a third of the pieces."""
    scale, tonic_hz = SCALES[random.integers(len(SCALES))], 55 * 2 ** random.uniform(0, 2)
    piece = sum(
        random.uniform(0.3, 1) * _voice(random, Instrument(random), scale, tonic_hz, samples)
        for _ in range(random.integers(1, 4))
    )
    if random.random() < 1 / 3:
        piece = piece + random.uniform(0.2, 1) * _rhythm(random, samples)
    return piece / piece.std()
