"""Accuracy of the float network on validation clips, by the clip rule."""

import numpy as np
import torch

from train.corpora.clips import codes_at_hops
from train.network import network_of

STREAM_LANES = 64


class Validation:
    """Accuracy with the state reset for each clip, and with the state carried along STREAM_LANES streams."""

    def __init__(self, recipe, clips, labels):
        codes = codes_at_hops(recipe.front, clips.codes)
        order = np.random.default_rng(0).permutation(len(codes))
        self.features = torch.from_numpy(recipe.feature_map.real(codes[order]))
        self.labels = labels[order]
        self.recipe = recipe
        self.network = network_of(recipe).eval()

    def _decide(self, logits):
        return logits[:, -self.recipe.decision_hops :].mean(1).argmax(1).numpy()

    @torch.no_grad()
    def accuracies(self, weights):
        """(accuracy reset, accuracy streamed) of a state dict."""
        self.network.load_state_dict(weights)
        reset = [
            self._decide(self.network(chunk, self.network.zero_states(len(chunk)))[0])
            for chunk in self.features.split(512)
        ]
        lanes = min(STREAM_LANES, len(self.features))
        states, streamed = self.network.zero_states(lanes), []
        for clips in self.features.split(lanes):
            logits, states = self.network(clips, [state[: len(clips)] for state in states])
            streamed.append(self._decide(logits))
        return tuple(float((np.concatenate(decided) == self.labels).mean()) for decided in (reset, streamed))
