"""Knowledge distillation: a teacher's posteriors at every hop as a second target (Hinton et al. 2015, arXiv:1503.02531).

The teacher hears the same augmented features as the student (Beyer et al. 2022, arXiv:2106.05237).
"""

import hashlib

import torch
from torch.nn.functional import kl_div

from firmware.paths import build_folder
from firmware.recipes import make_command, recipe_name
from train.checkpoint import read_finished
from train.network import network_of, rounded


class Teaching:
    """A trained recipe as a teacher, from BUILD/<recipe>/checkpoint.pt; ValueError if it cannot teach this recipe."""

    def __init__(self, recipe):
        self.settings = recipe.teacher
        path = build_folder() / recipe_name(self.settings.recipe) / "checkpoint.pt"
        if not path.exists():
            raise ValueError(f"{path}: no trained teacher; run `{make_command('train', self.settings.recipe)}` first")
        self.recipe, weights = read_finished(path)
        for what in ("labels", "front", "feature_map"):
            if getattr(self.recipe, what) != getattr(recipe, what):
                raise ValueError(f"{path}: recipe {recipe.name} and its teacher have different {what}")
        self.network = rounded(network_of(self.recipe), self.recipe).eval()
        self.network.load_state_dict(weights)
        self.weights_sha256 = hashlib.sha256(
            b"".join(value.numpy().tobytes() for value in weights.values())
        ).hexdigest()

    @torch.no_grad()
    def log_posteriors(self, features):
        """The teacher's log-posteriors [windows, hops, labels] at the recipe's temperature, from a new stream in each window;
        features float [windows, hops, bands]."""
        logits, _ = self.network(features, self.network.zero_states(len(features)))
        return (logits / self.settings.temperature).log_softmax(2)

    def loss(self, logits, features):
        """The mean divergence of logits from the teacher's over all hops, times the recipe's weight."""
        mine = (logits / self.settings.temperature).log_softmax(2)
        apart = kl_div(mine, self.log_posteriors(features), reduction="sum", log_target=True) / mine[..., 0].numel()
        return self.settings.weight * self.settings.temperature**2 * apart
