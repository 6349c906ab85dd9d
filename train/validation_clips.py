"""The validation clips of a recipe in pieces of one length, as a model hears them."""

from dataclasses import dataclass

import numpy as np

from train.corpora.clips import FRAMES, RUNNING_SPEECH, codes_heard
from train.recipe import SILENCE
from train.splits import VALIDATION


@dataclass(frozen=True)
class ValidationClips:
    codes: np.ndarray  # int8 [clips, hops, bands]
    labels: np.ndarray  # int [clips]
    names: np.ndarray  # str [clips]: word and speaker

    @classmethod
    def of(cls, recipe, clips):
        """Those among a recipe's Clips, in a fixed random order: one second each, or as long as the longest word's clip."""
        clips = clips.select(clips.split == VALIDATION)
        labels = recipe.labels_of(clips.word)
        word = (clips.word != RUNNING_SPEECH) & (labels != recipe.labels.index(SILENCE))
        codes, owner = clips.in_pieces(max(FRAMES, int(clips.frames[word].max(initial=0))))
        order = np.random.default_rng(0).permutation(len(codes))
        owner = owner[order]
        names = np.array([f"{clips.word[clip]}/{clips.speaker[clip]}" for clip in owner])
        return cls(codes_heard(recipe.front, codes[order]), labels[owner], names)
