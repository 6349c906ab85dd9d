"""Measures the colours of people's voices: python -m tests.measure.colours, which writes train/colours.json

From the log-mel pictures of training speakers of Speech Commands, speakers with at least FEWEST_CLIPS.  Prints the spread of the
colours in dB and the share of it that the components keep.
"""

import numpy as np

from firmware.command import run_command
from firmware.files import write_json
from train.colours import COLOURS, colour_of, word_energies
from train.corpora import load_corpus
from train.corpus_sections import LogmelSection
from train.recipe import load_recipe
from train.splits import TRAINING

FEWEST_CLIPS = 5
COMPONENTS = 8


def main():
    recipe = load_recipe("commands-20k")
    clips = load_corpus(LogmelSection(kind="logmel"), recipe)
    speakers = {}
    for clip in np.flatnonzero((clips.split == TRAINING) & (clips.word != "silence")):
        speakers.setdefault(clips.speaker[clip], []).append(clip)
    colours = np.array(
        [colour_of(word_energies(clips, chosen).mean(0)) for chosen in speakers.values() if len(chosen) >= FEWEST_CLIPS]
    )
    mean = colours.mean(0)
    _, strength, directions = np.linalg.svd(colours - mean, full_matrices=False)
    components = directions[:COMPONENTS] * strength[:COMPONENTS, None] / np.sqrt(len(colours))
    kept = (strength[:COMPONENTS] ** 2).sum() / (strength**2).sum()
    write_json(COLOURS, {"mean_db": mean.round(2).tolist(), "components_db": components.round(2).tolist()})
    print(
        f"{len(colours)} speakers; spread of a band {colours.std(0).mean():.1f} dB, {kept:.0%} of it in {COMPONENTS} components"
    )


if __name__ == "__main__":
    run_command("colours", main)
