"""Sound in the raw form in which a board's DMA writes it: an iterator of hops, bytes, which ends in silence."""

import numpy as np

HOP_SAMPLES = 320


def _hops(pcm):
    """PCM int16 [hop, sample], then silence for ever."""
    whole = np.pad(pcm, (0, -len(pcm) % HOP_SAMPLES)).reshape(-1, HOP_SAMPLES)
    yield from whole
    while True:
        yield np.zeros(HOP_SAMPLES, np.int16)


def samples(pcm):
    """16-bit PCM: what the PDM peripheral of an nRF52840 writes."""
    return (hop.astype("<i2").tobytes() for hop in _hops(pcm))


def converter(pcm, mean=2100):
    """The codes of a 12-bit converter, 0 to 4095, around the microphone's mean voltage, in 16 bits each."""
    return (np.clip(mean + (hop.astype(int) >> 4), 0, 4095).astype("<i2").tobytes() for hop in _hops(pcm))


def modulator(pcm, gain=8, bits_per_sample=64):
    """The bits of a PDM microphone, the first of a byte its lowest: a second-order sigma-delta modulator.

    gain: what the board multiplies by; the microphone's range is that much larger than the sound.
    """
    error = before = 0.0
    for hop in _hops(pcm):
        held = np.repeat(hop / 32768 / gain, bits_per_sample)
        bits = np.empty(len(held), np.uint8)
        for place, level in enumerate(held.tolist()):
            wanted = level + 2 * error - before
            bit = wanted >= 0
            bits[place] = bit
            before, error = error, wanted - (1.0 if bit else -1.0)
        yield np.packbits(bits, bitorder="little").tobytes()


def decimated(pcm, gain=8, full_scale=125**3, mean=9000, channel=2):
    """The words of an STM32's filter: 24 bits of sample above the channel's number."""
    for hop in _hops(pcm):
        codes = np.rint(hop / 32768 / gain * full_scale).astype(int) + mean
        yield (codes << 8 | channel).astype("<i4").tobytes()
