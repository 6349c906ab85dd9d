"""Which training clips an epoch hears: every keyword clip, and as many without a keyword as the recipe says."""

import numpy as np

from train.recipe import SILENCE, UNKNOWN


class EpochSampler:
    """Draws the clips of each epoch from training clips with labels int [clips]."""

    def __init__(self, recipe, labels):
        self.settings = recipe.training
        self.keywords = np.flatnonzero(labels < len(recipe.keywords))
        self.silence, self.unknown = (
            np.flatnonzero(labels == recipe.labels.index(name)) for name in (SILENCE, UNKNOWN)
        )

    def epoch(self, random):
        """The clips of an epoch in random order, whole batches [updates, batch]."""
        without = [
            drawn(pool, count, random)
            for pool, count in (
                (self.unknown, self.settings.unknown_clips),
                (self.silence, self.settings.silence_clips),
            )
        ]
        clips = random.permutation(np.concatenate([self.keywords, *without]))
        batch = min(self.settings.batch, len(clips))
        return clips[: len(clips) // batch * batch].reshape(-1, batch)


def drawn(pool, count, random):
    """Count clips of a pool, each as often as any other."""
    return np.concatenate([random.permutation(pool)[: count - start] for start in range(0, count, len(pool))])
