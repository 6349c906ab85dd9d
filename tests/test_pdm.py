"""PDM bits to PCM: bit-exact against numpy, and in decibels against a float filter."""

import numpy as np
import pytest

from firmware.emulate.chips.microphones import modulator
from firmware.paths import APPLICATION, MODELS
from tests.application_c import load_with_model

HOP_SAMPLES, HOP_BYTES, TAPS = 320, 2560, 47
FULL_SCALE = 1 << 17
BIT_HZ = 1_024_000


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    """convert(bytes of bits, whole hops) -> samples int32, Q0.17."""
    folder = tmp_path_factory.mktemp("pdm")
    numbers = f"#define PDM_HOP_BYTES {HOP_BYTES}\n#define PDM_TAPS {TAPS}\n"
    text = (APPLICATION / "pdm.h").read_text()
    assert "PDM_TAPS 47" in text
    ffi, library = load_with_model(["pdm.c"], [], MODELS / "commands-6k", folder, numbers + DECLARED)
    state = ffi.new("struct pdm *")

    def run(bits):
        library.pdm_begin(state)
        samples = np.empty((len(bits) // HOP_BYTES, HOP_SAMPLES), np.int32)
        for hop, out in zip(np.frombuffer(bits, np.uint8).reshape(-1, HOP_BYTES), samples, strict=True):
            library.pdm_hop(state, ffi.from_buffer("uint8_t[]", hop), ffi.cast("int32_t *", ffi.from_buffer(out)))
        return samples.ravel()

    return run


DECLARED = """
struct pdm { uint32_t sums[4], combs[4]; int32_t halves[686]; };
void pdm_begin(struct pdm *pdm);
void pdm_hop(struct pdm *pdm, const uint8_t *bits, int32_t *samples);
"""


def designed():
    """The second filter's taps, Q3.12, from the middle outwards; frequencies, the first filter's gain and the cosines there."""
    hertz = np.linspace(0, 16_000, 1601)
    first = sums(hertz)
    below, above = hertz <= 6_900, hertz >= 9_100
    wanted, weight = np.where(below, 1 / first, 0), below + 30.0 * above
    waves = np.cos(2 * np.pi * hertz[:, None] / 32_000 * np.arange(TAPS // 2 + 1)) * ([1] + [2] * (TAPS // 2))
    solved = np.linalg.lstsq(waves * weight[:, None], wanted * weight, rcond=None)[0]
    return np.rint(solved * 4096).astype(int), hertz, first, waves


def sums(hertz):
    """The gain of the first filter, four sums of 32 bits."""
    phase = np.pi * np.maximum(hertz, 1e-6) / BIT_HZ
    return (np.sin(32 * phase) / (32 * np.sin(phase))) ** 4


def test_samples_are_the_integers_of_two_convolutions(convert):
    bits = np.random.default_rng(0).integers(0, 2, 8 * 3 * HOP_BYTES)
    first = np.array([1])
    for _ in range(4):
        first = np.convolve(first, np.ones(32, int))
    at_32khz = np.convolve(bits, first)[31 : len(bits) : 32] - (1 << 19)
    half = designed()[0]
    at_32khz = np.concatenate([np.zeros(TAPS - 1, int), np.trunc(at_32khz / 4).astype(int)])
    wanted = np.convolve(at_32khz, np.concatenate([half[:0:-1], half]), "valid")[1::2] >> 12
    np.testing.assert_array_equal(convert(np.packbits(bits, bitorder="little").tobytes()), wanted)


def test_full_scale_stays_within_31_bits(convert):
    """The largest output of the second filter for any input."""
    assert (np.abs(designed()[0]).sum() * 2 - 2278) * FULL_SCALE < 1 << 31
    for level in (0, 255):
        samples = convert(bytes([level]) * 3 * HOP_BYTES)
        assert samples[HOP_SAMPLES:] == pytest.approx((1 if level else -1) * FULL_SCALE, rel=0.003)


def test_the_response_is_flat_below_6500_hertz_and_what_folds_onto_it_is_low():
    half, hertz, first, waves = designed()
    second = waves @ half / 4096
    decibels = 20 * np.log10(np.abs(second * first) + 1e-9)
    assert np.abs(decibels[hertz <= 6_500]).max() < 0.1
    assert decibels[hertz >= 9_500].max() < -60
    for image in (32_000, 64_000, 96_000):
        for side in (-1, 1):
            passed = hertz <= 6_500
            folded = sums(image + side * hertz[passed]) * second[passed]
            assert 20 * np.log10(np.abs(folded) + 1e-9).max() < -46


@pytest.mark.parametrize("hertz", [200, 1_000, 4_000])
def test_a_modulated_tone_comes_back_with_its_level_and_little_noise(convert, hertz):
    time = np.arange(10 * HOP_SAMPLES) / 16_000
    tone = np.rint(16_000 * np.sin(2 * np.pi * hertz * time))
    hops = modulator(tone.astype(np.int16), HOP_SAMPLES, gain=1)
    samples = convert(b"".join(next(hops) for _ in range(10)))[2 * HOP_SAMPLES :] / FULL_SCALE
    time = np.arange(len(samples)) / 16_000
    waves = np.stack([np.sin(2 * np.pi * hertz * time), np.cos(2 * np.pi * hertz * time), np.ones_like(time)], axis=1)
    found = np.linalg.lstsq(waves, samples, rcond=None)[0]
    level, noise = np.hypot(*found[:2]), (samples - waves @ found).std()
    held = np.abs(np.sinc(hertz / 16_000))  # the modulator holds each sample for 1/16 ms
    assert 20 * np.log10(level / (16_000 / 32_768 * held)) == pytest.approx(0, abs=0.1)
    assert 20 * np.log10(level / np.sqrt(2) / noise) > 60
