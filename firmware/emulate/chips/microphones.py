"""Sound in the raw form in which a board's DMA writes it: an endless iterator of hops, bytes, with silence after the sound."""

import numpy as np

ADC_MEAN = 2100
"""The mean voltage of the micro:bit's microphone in codes of a 12-bit converter."""
BITS_PER_SAMPLE = 64
"""PDM bits per sample at 1.024 MHz."""
DFSDM_FULL_SCALE, DFSDM_MEAN, DFSDM_CHANNEL = 125**3, 9000, 2
"""The output of an STM32's third-order filter that decimates by 125: full scale, mean and channel."""


def _hops(pcm, samples):
    """Hops of PCM int16 [samples], then hops of silence."""
    yield from np.pad(pcm, (0, -len(pcm) % samples)).reshape(-1, samples)
    while True:
        yield np.zeros(samples, np.int16)


def samples(pcm, hop_samples):
    """16-bit PCM, as the PDM peripheral of an nRF52840 writes it."""
    return (hop.astype("<i2").tobytes() for hop in _hops(pcm, hop_samples))


def converter(pcm, hop_samples):
    """Codes of a 12-bit converter, 0 to 4095 around ADC_MEAN, in 16 bits each."""
    return (
        np.clip(ADC_MEAN + (hop.astype(int) >> 4), 0, 4095).astype("<i2").tobytes() for hop in _hops(pcm, hop_samples)
    )


def modulator(pcm, hop_samples, gain=8):
    """Bits of a PDM microphone, a second-order sigma-delta modulator; the first bit of a byte is its lowest.

    gain: the board multiplies by it, so the microphone's range is that much larger than the sound's.
    """
    error = before = 0.0
    for hop in _hops(pcm, hop_samples):
        held = np.repeat(hop / 32768 / gain, BITS_PER_SAMPLE)
        bits = np.empty(len(held), np.uint8)
        for place, level in enumerate(held.tolist()):
            wanted = level + 2 * error - before
            bit = wanted >= 0
            bits[place] = bit
            before, error = error, wanted - (1.0 if bit else -1.0)
        yield np.packbits(bits, bitorder="little").tobytes()


def decimated(pcm, hop_samples, gain=8):
    """Words of an STM32's filter: 24 bits of sample above the channel's number."""
    for hop in _hops(pcm, hop_samples):
        codes = np.rint(hop / 32768 / gain * DFSDM_FULL_SCALE).astype(int) + DFSDM_MEAN
        yield (codes << 8 | DFSDM_CHANNEL).astype("<i4").tobytes()
