"""Sound in the raw form in which a board's DMA writes it: an iterator of hops, bytes, which ends in silence."""

import numpy as np


def _hops(pcm, samples):
    """PCM int16 [hop, sample], then silence for ever."""
    yield from np.pad(pcm, (0, -len(pcm) % samples)).reshape(-1, samples)
    while True:
        yield np.zeros(samples, np.int16)


def samples(pcm, hop_samples):
    """16-bit PCM: what the PDM peripheral of an nRF52840 writes."""
    return (hop.astype("<i2").tobytes() for hop in _hops(pcm, hop_samples))


def converter(pcm, hop_samples, mean=2100):
    """The codes of a 12-bit converter, 0 to 4095, around the microphone's mean voltage, in 16 bits each."""
    return (np.clip(mean + (hop.astype(int) >> 4), 0, 4095).astype("<i2").tobytes() for hop in _hops(pcm, hop_samples))


def modulator(pcm, hop_samples, gain=8, bits_per_sample=64):
    """The bits of a PDM microphone, the first of a byte its lowest: a second-order sigma-delta modulator.

    gain: what the board multiplies by; the microphone's range is that much larger than the sound.
    """
    error = before = 0.0
    for hop in _hops(pcm, hop_samples):
        held = np.repeat(hop / 32768 / gain, bits_per_sample)
        bits = np.empty(len(held), np.uint8)
        for place, level in enumerate(held.tolist()):
            wanted = level + 2 * error - before
            bit = wanted >= 0
            bits[place] = bit
            before, error = error, wanted - (1.0 if bit else -1.0)
        yield np.packbits(bits, bitorder="little").tobytes()


def decimated(pcm, hop_samples, gain=8, full_scale=125**3, mean=9000, channel=2):
    """The words of an STM32's filter: 24 bits of sample above the channel's number."""
    for hop in _hops(pcm, hop_samples):
        codes = np.rint(hop / 32768 / gain * full_scale).astype(int) + mean
        yield (codes << 8 | channel).astype("<i4").tobytes()
