"""The training of a prediction: the loop of train/loop.py, on windows of normal sound."""

import numpy as np
import torch
from torch.nn.functional import huber_loss

from train.anomaly.deviations import FARTHEST, fitted
from train.anomaly.windows import Windows
from train.loop import Trainer
from train.network import DEVIATIONS, network_of, rounded

FAR = 4.0
"""A larger error counts in proportion and not squared: a bang next door is not to be predicted."""


class PredictionTrainer(Trainer):
    def _hear(self, sound):
        self.sound, self.windows = sound, Windows(self.recipe, sound.training)
        self.validated = rounded(network_of(self.recipe), self.recipe).eval()
        self.teaching = None

    def _network(self):
        network = network_of(self.recipe)
        layer = fitted(network.layers[DEVIATIONS], self.recipe.feature_map, self.sound.training)
        for field, value in layer.arrays().items():
            parameter = getattr(network.weights[DEVIATIONS], field)
            parameter.data.copy_(torch.from_numpy(value))
            parameter.requires_grad_(False)
        return network

    def rooms_sha256(self):
        return None

    def train_epoch(self):
        self.windows.begin()
        super().train_epoch()

    def _draw(self, random):
        """All hops, of which each predicts the next, all but the last, and 0 for the rows that begin a new stream, else 1."""
        features, goes_on = self.windows.draw(random)
        kept = goes_on & (random.random(len(goes_on)) >= self.settings.reset_probability)
        features = torch.from_numpy(features)
        return features, features[:, :-1], torch.from_numpy(kept[:, None]).float()

    def loss_of(self, predictions, features):
        with torch.no_grad():
            deviations = self.network.until(DEVIATIONS, features, self.network.zero_states(len(features)))
        return huber_loss(predictions, deviations[:, 1:], delta=FAR)

    @torch.no_grad()
    def _validate(self):
        """The mean square of the errors over the recordings held out, limited as the score limits it."""
        self.validated.load_state_dict(self.averaged)
        squares = []
        for codes in self.sound.held_out:
            features = torch.from_numpy(self.recipe.feature_map.real(codes[None]))
            predictions, _ = self.validated(features, self.validated.zero_states(1))
            deviations = self.validated.until(DEVIATIONS, features, self.validated.zero_states(1))
            squares.append(((predictions[:, :-1] - deviations[:, 1:]) ** 2).clamp(max=FARTHEST**2).mean().item())
        return {"surprise": float(np.mean(squares))}
