"""Accuracy of the float network on validation clips, by the clip rule."""

import numpy as np
import torch

from train.decision import decide, delay_hops, followed_by_silence, of_clips_alone, of_clips_in_a_stream
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

    def _accuracy(self, logits, labels):
        return float((decide(self.recipe.front, logits, len(self.recipe.keywords)) == labels).mean())

    def _alone(self):
        states = self.network.zero_states
        logits = [self.network(chunk, states(len(chunk)))[0].numpy() for chunk in self.features.split(512)]
        return self._accuracy(of_clips_alone(self.recipe.front, np.concatenate(logits)), self.labels)

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
        decided = np.concatenate([of_clips_in_a_stream(self.recipe.front, stream, clips) for stream in streams])
        return self._accuracy(decided, self.labels[: lanes * clips])

    @torch.no_grad()
    def accuracies(self, weights):
        """(accuracy reset, accuracy streamed) of a state dict."""
        self.network.load_state_dict(weights)
        return self._alone(), self._streamed()
