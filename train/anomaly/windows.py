"""Windows of normal recordings: each row of a batch follows one recording to its end, then begins another one."""

import numpy as np


class Windows:
    def __init__(self, recipe, recordings):
        self.hops = recipe.training.window_ms // recipe.front.hop_ms
        long = [codes for codes in recordings if len(codes) > self.hops]
        if not long:
            raise ValueError(
                f"recipe {recipe.name}: every normal recording is shorter than training.window_ms = {recipe.training.window_ms}"
            )
        self.recordings, self.map, self.rows = long, recipe.feature_map, recipe.training.batch
        self.begin()

    def begin(self):
        """The next window of every row is of another recording."""
        self.recording, self.place = np.zeros(self.rows, int), np.full(self.rows, np.iinfo(int).max // 2)

    def draw(self, random):
        """(features float [rows, hops + 1, bands], bool [rows] that go on where the window before ended); the last hop is the
        first of the next window."""
        lengths = np.array([len(codes) for codes in self.recordings])
        goes_on = self.place + self.hops < lengths[self.recording]
        for row in np.flatnonzero(~goes_on):
            self.recording[row] = random.integers(len(lengths))
            self.place[row] = random.integers(lengths[self.recording[row]] - self.hops)
        codes = np.stack(
            [
                self.recordings[recording][place : place + self.hops + 1]
                for recording, place in zip(self.recording, self.place, strict=True)
            ]
        )
        self.place += self.hops
        return self.map.real(codes), goes_on
