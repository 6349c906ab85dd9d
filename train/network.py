"""The network in torch: a recurrent cell over the hops of a clip, and a linear classifier at every hop."""

import numpy as np
from torch import nn

from train.cells import CELLS
from train.model import Model

SEQUENCES = {"gru": nn.GRU}


class Network(nn.Module):
    """features float [clips, hops, bands], state [clips, units] -> logits [clips, hops, labels], last state."""

    def __init__(self, cell, bands, units, labels):
        super().__init__()
        self.recurrent = SEQUENCES[cell](bands, units, batch_first=True)
        self.classifier = nn.Linear(units, labels)
        self.initialize()

    def initialize(self):
        """Orthogonal recurrent weights a gate (Saxe et al. 2014, arXiv:1312.6120), Glorot input weights, zero
        biases but for the update gate's: 1, so that a fresh unit remembers (Jozefowicz et al. 2015)."""
        units = self.recurrent.hidden_size
        for gate in self.recurrent.weight_hh_l0.data.split(units):
            nn.init.orthogonal_(gate)
        nn.init.xavier_uniform_(self.recurrent.weight_ih_l0)
        for bias in (self.recurrent.bias_ih_l0, self.recurrent.bias_hh_l0, self.classifier.bias):
            nn.init.zeros_(bias)
        self.recurrent.bias_ih_l0.data[units : 2 * units] = 1.0

    def forward(self, features, state):
        states, last = self.recurrent(features, state[None])
        return self.classifier(states), last[0]


def network_of(recipe):
    return Network(recipe.cell, recipe.front.bands, recipe.units, len(recipe.labels))


def model_of(recipe, weights):
    """The trained model in numpy, from a state dict of Network."""
    arrays = {name: np.asarray(value.detach().cpu().numpy(), np.float32) for name, value in weights.items()}
    recurrent = {
        name.removeprefix("recurrent."): value for name, value in arrays.items() if name.startswith("recurrent.")
    }
    return Model(
        recipe.name,
        recipe.cell,
        recipe.labels,
        len(recipe.keywords),
        recipe.front,
        recipe.feature_map,
        recipe.decision_hops,
        CELLS[recipe.cell].from_torch(recurrent),
        arrays["classifier.weight"],
        arrays["classifier.bias"],
    )
