"""Accuracy of the float network on validation clips, by the clip rule."""

import numpy as np
import torch

from train.decision import (
    decide,
    decide_in_a_stream,
    delay_hops,
    followed_by_silence,
    of_clips_alone,
    of_clips_in_a_stream,
)
from train.network import rounded
from train.validation_clips import ValidationClips

STREAM_LANES = 64


class Validation:
    """Accuracy with the state reset for each clip, and with the state carried along STREAM_LANES streams.

    network: of the recipe, for the weights that are validated.
    """

    def __init__(self, recipe, clips, network):
        heard = ValidationClips.of(recipe, clips)
        codes = followed_by_silence(recipe.front, heard.codes)
        self.features, self.labels = torch.from_numpy(recipe.feature_map.real(codes)), heard.labels
        self.recipe, self.network = recipe, rounded(network, recipe).eval()

    def _alone(self):
        states = self.network.zero_states
        logits = [self.network(chunk, states(len(chunk)))[0].numpy() for chunk in self.features.split(512)]
        alone = of_clips_alone(self.recipe.front, np.concatenate(logits))
        return float((decide(self.recipe.front, alone, len(self.recipe.keywords)) == self.labels).mean())

    def _streamed(self):
        """Every lane hears as many clips; those left over are not heard."""
        lanes = min(STREAM_LANES, len(self.features))
        clips, delay = len(self.features) // lanes, delay_hops(self.recipe.front)
        heard, silence = (
            self.features[: lanes * clips].unflatten(0, (lanes, clips)).split(1, 1),
            self.features[:lanes, -delay:],
        )
        states, logits = self.network.zero_states(lanes), []
        for features in (*(clip[:, 0, :-delay] for clip in heard), silence):
            found, states = self.network(features, states)
            logits.append(found)
        streams = torch.cat(logits, 1).numpy()
        front, keywords = self.recipe.front, len(self.recipe.keywords)
        decided = [
            decide_in_a_stream(front, of_clips_in_a_stream(front, stream, clips), keywords) for stream in streams
        ]
        return float((np.concatenate(decided) == self.labels[: lanes * clips]).mean())

    @torch.no_grad()
    def accuracies(self, weights):
        """(accuracy reset, accuracy streamed) of a state dict."""
        self.network.load_state_dict(weights)
        return self._alone(), self._streamed()
