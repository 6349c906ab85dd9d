"""Which training clips an epoch hears: every keyword clip, and as many without a keyword as the recipe says."""

import numpy as np

from train.recipe import SILENCE, UNKNOWN

HARDNESS_MEMORY = 0.5
"""How much of a clip's hardness stays when it is heard again."""


class Clips:
    """Training clips: levels uint8 [clips, FRAMES, bands], labels int [clips], and how hard each has been."""

    def __init__(self, recipe, levels, labels):
        self.settings, self.levels, self.labels = recipe.training, levels, labels
        self.keywords = np.flatnonzero(labels < len(recipe.keywords))
        self.silence, self.unknown = (
            np.flatnonzero(labels == recipe.labels.index(name)) for name in (SILENCE, UNKNOWN)
        )
        self.hardness = np.ones(len(labels), np.float32)

    def _drawn(self, pool, count, random):
        """Count clips of a pool, each as often as any other, but for the hard share: those by their hardness."""
        hard = round(count * self.settings.hard_share)
        chance = self.hardness[pool] / self.hardness[pool].sum()
        mined = [random.choice(pool, hard, p=chance)] if hard else []
        even = range(0, count - hard, len(pool))
        return np.concatenate([*mined, *(random.permutation(pool)[: count - hard - start] for start in even)])

    def epoch(self, random):
        """The clips of an epoch in random order, whole batches [updates, batch]."""
        without = [
            self._drawn(pool, count, random)
            for pool, count in (
                (self.unknown, self.settings.unknown_clips),
                (self.silence, self.settings.silence_clips),
            )
        ]
        clips = random.permutation(np.concatenate([self.keywords, *without]))
        batch = min(self.settings.batch, len(clips))
        return clips[: len(clips) // batch * batch].reshape(-1, batch)

    def note(self, clips, hardness):
        """Note how hard clips were that were heard, float [clips]."""
        self.hardness[clips] += (1 - HARDNESS_MEMORY) * (hardness - self.hardness[clips])
