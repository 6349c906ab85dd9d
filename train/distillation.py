"""Knowledge distillation: teachers' posteriors at every hop as a second target (Hinton et al. 2015, arXiv:1503.02531).

Several teachers are an ensemble: their log-posteriors are averaged.  They hear the same augmented features as the student (Beyer
et al. 2022, arXiv:2106.05237), in streams that are carried from window to window, and begin anew with each epoch.
"""

import hashlib

import torch
from torch.nn.functional import kl_div

from firmware.recipes import checkpoint, make_command, recipe_name, seed_name
from train.network import Network
from train.trained import trained_model


def _teachers(recipe):
    """The trained_model of each teacher of a recipe; ValueError if one has none."""
    settings = recipe.teacher
    for name in [seed_name(settings.recipe, seed) for seed in settings.seeds] or [settings.recipe]:
        found = trained_model(name)
        if not found:
            try:
                recipe_name(settings.recipe)
            except ValueError as error:
                raise ValueError(f"recipe {recipe.name}: its teacher: {error}") from None
            command = make_command("seeds" if settings.seeds else "train", settings.recipe)
            raise ValueError(f"{checkpoint(name)}: no trained teacher; run `{command}` first")
        yield found


class Teaching:
    """The teachers of a recipe; ValueError if one cannot teach it."""

    def __init__(self, recipe):
        self.settings, self.windows, self.networks = recipe.teacher, recipe.training.batch, []
        digest = hashlib.sha256()
        for model, path in _teachers(recipe):
            for what, theirs, ours in (
                ("labels", model.labels, recipe.labels),
                ("front", model.frontend.always_awake, recipe.front.always_awake),
                ("feature_map", model.features, recipe.feature_map),
            ):
                if theirs != ours:
                    raise ValueError(f"{path}: recipe {recipe.name} and its teacher have different {what}")
            self.networks.append(Network(model.layers).eval())
            digest.update(model.sha256().encode())
        self.weights_sha256 = digest.hexdigest()
        self.begin()

    def begin(self):
        """Begin a new stream in each row of a batch."""
        self.states = [network.zero_states(self.windows) for network in self.networks]

    @torch.no_grad()
    def log_posteriors(self, features, kept):
        """The teachers' log-posteriors [windows, hops, labels] at the recipe's temperature.

        features: float [windows, hops, bands].  kept: float [windows, 1], 0 for a row that begins a new stream, else 1.
        """
        total = 0
        for place, network in enumerate(self.networks):
            logits, self.states[place] = network(features, [state * kept for state in self.states[place]])
            total = total + (logits / self.settings.temperature).log_softmax(2)
        return (total / len(self.networks)).log_softmax(2)

    def loss(self, logits, taught):
        """The mean divergence of logits from the teachers' log-posteriors over all hops, times the recipe's weight."""
        mine = (logits / self.settings.temperature).log_softmax(2)
        apart = kl_div(mine, taught, reduction="sum", log_target=True) / mine[..., 0].numel()
        return self.settings.weight * self.settings.temperature**2 * apart
