"""The stream of the drift proof: validation clips drawn at random, the last half hour repeating the first; and the
disturbances, synthetic sounds through the C front end."""

import numpy as np

from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import FrontendC

HALF_HOUR_CLIPS = 1800
DISTURBANCE_S = 10
SEED = 9


def drawn_clips(available, number, last, count):
    """Indices int [count] of the clips of half hour `number`, among so many available; the last repeats the first."""
    return np.random.default_rng([SEED, 0 if number == last else number]).integers(0, available, count)


def _chords(time_s):
    """float64 [samples]: chords of three tones with overtones, a new chord every half second."""
    chord = np.array([[220, 277, 330], [196, 247, 294], [175, 220, 262], [247, 311, 370]])[(time_s * 2).astype(int) % 4]
    tones = [
        np.sin(2 * np.pi * chord[:, tone] * overtone * time_s) / overtone for tone in range(3) for overtone in (1, 2, 3)
    ]
    return 5000 * np.sum(tones, axis=0)


def disturbances(frontend):
    """{name: features int8 [hops, bands]}, DISTURBANCE_S each."""
    time_s = np.arange(DISTURBANCE_S * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    noise = np.random.default_rng(SEED).normal(size=len(time_s))
    sounds = {
        "clipping": np.where(np.sin(2 * np.pi * 300 * time_s) + noise > 0, 32767, -32768),
        "digital silence": np.zeros(len(time_s)),
        "music-like tones": np.clip(_chords(time_s), -32768, 32767),
    }
    return {name: FrontendC(frontend).features(np.rint(pcm).astype(np.int16)) for name, pcm in sounds.items()}
