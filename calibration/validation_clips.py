"""The validation clips of a recipe, as a model hears them."""

from dataclasses import dataclass

import numpy as np

from train.corpora.clips import VALIDATION, codes_at_hops


@dataclass(frozen=True)
class ValidationClips:
    codes: np.ndarray  # int8 [clips, hops, bands]
    labels: np.ndarray  # int [clips]

    @classmethod
    def of(cls, recipe, clips):
        """Those among a recipe's Clips, in their order."""
        clips = clips.select(clips.split == VALIDATION)
        return cls(codes_at_hops(recipe.front, clips.codes), np.array([recipe.label_of(word) for word in clips.word]))

    def shuffled(self):
        """The same clips in a fixed random order."""
        order = np.random.default_rng(0).permutation(len(self.labels))
        return ValidationClips(self.codes[order], self.labels[order])
