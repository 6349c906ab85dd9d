"""The colour of a voice: the long-term spectrum of its words, in dB over the bands, less its mean.

Synthesizers differ from people in it, and from one another: people's colours vary by 5.3 dB in a band, and each synthesizer's
voices have another mean.  So a synthetic clip is given the colour of a person: the mean of its synthesizer's clips is
taken off, a drawn colour put on.  Colours are drawn from colours.json: the mean over training speakers of Speech Commands and the
principal components of their spread (tests/measure/colours.py), for bands evenly spaced on the mel scale.  Bands above those
measured get the gain of the highest one.
"""

from functools import cache
from pathlib import Path

import numpy as np

from firmware.files import read_json
from firmware.frontend import Frontend, mel_edges_hz
from train.corpora.clips import energies_of

COLOURS = Path(__file__).with_name("colours.json")
MEASURED = Frontend()
"""The front end of colours.json."""
LOWEST_DB = -40.0
"""The lowest level of a band relative to the loudest: below it is the noise of a microphone, or nothing."""


def colour_of(energies):
    """The colour in dB of mean band energies float [..., bands]."""
    level_db = 10 * np.log10(np.maximum(energies, 1e-9))
    level_db = np.maximum(level_db, level_db.max(-1, keepdims=True) + LOWEST_DB)
    return level_db - level_db.mean(-1, keepdims=True)


def word_energies(clips, chosen):
    """The mean band energies of the words of chosen clips, each clip at the same level, float [clips, bands]."""
    found = []
    for clip in chosen:
        first, last = clips.starts[clip] + clips.span[clip]
        energies = energies_of(clips.codes[first:last]).mean(0, dtype=float)
        found.append(energies / max(energies.mean(), 1e-9))
    return np.array(found)


@cache
def people():
    """(mean float [bands], components float [components, bands] in dB) of colours.json."""
    found = read_json(COLOURS, dict)
    return np.array(found["mean_db"]), np.array(found["components_db"])


class Colours:
    """Draws people's colours for synthetic clips of a front end."""

    def __init__(self, frontend, clips):
        centres_hz, measured_hz = mel_edges_hz(frontend)[1:-1], mel_edges_hz(MEASURED)[1:-1]
        mean_db, components_db = people()
        self.mean_db = np.interp(centres_hz, measured_hz, mean_db)
        self.components_db = np.array([np.interp(centres_hz, measured_hz, part) for part in components_db])
        self.own_db = np.zeros((len(clips), len(centres_hz)))
        for name in sorted(set(clips.synthesizer) - {""}):
            spoken = np.flatnonzero(clips.synthesizer == name)
            self.own_db[spoken] = colour_of(word_energies(clips, spoken).mean(0))
        self.synthetic = clips.synthesizer != ""
        self.measured = np.searchsorted(centres_hz, measured_hz[-1], side="right")

    def draw(self, clip, probability, random):
        """Gains in dB [*clip.shape, bands] that give some of the synthetic clips the colour of a person; others have none."""
        strength = random.normal(size=(*clip.shape, len(self.components_db)))
        drawn_db = self.mean_db + strength @ self.components_db
        coloured = self.synthetic[clip] & (random.random(clip.shape) < probability)
        gains_db = np.where(coloured[..., None], drawn_db - self.own_db[clip], 0.0)
        gains_db[..., self.measured :] = gains_db[..., [self.measured - 1]]
        return gains_db.astype(np.float32)
