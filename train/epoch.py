"""The training clips of an epoch: every keyword clip, and as many others as the recipe says."""

import numpy as np

from train.recipe import SILENCE, UNKNOWN


class EpochSampler:
    """Draws the clips of an epoch from the training clips, whose labels are int [clips]."""

    def __init__(self, recipe, labels):
        self.settings = recipe.training
        self.keywords = np.flatnonzero(labels < len(recipe.keywords))
        self.silence, self.unknown = (
            np.flatnonzero(labels == recipe.labels.index(name)) for name in (SILENCE, UNKNOWN)
        )

    def epoch(self, random):
        """Indices of the clips of an epoch in random order, in full batches: int [updates, batch]."""
        others = [
            drawn(pool, count, random)
            for pool, count in (
                (self.unknown, self.settings.unknown_clips),
                (self.silence, self.settings.silence_clips),
            )
        ]
        clips = random.permutation(np.concatenate([self.keywords, *others]))
        batch = min(self.settings.batch, len(clips))
        return clips[: len(clips) // batch * batch].reshape(-1, batch)


def drawn(pool, count, random):
    """count clips of a pool, each drawn equally often up to one."""
    return np.concatenate([random.permutation(pool)[: count - start] for start in range(0, count, len(pool))])
