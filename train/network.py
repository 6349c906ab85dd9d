"""The network in torch: the layers of train/layers over the hops of whole clips, trained at every weight.

The layers know their own sequence forms; here are only the parameters, and which layers a recipe asks for.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from train.equalisation import equalised
from train.layers import CELLS, Dense, Depthwise, Stack
from train.layers.layer import LinearLayer, dealt
from train.model import Model
from train.normalisation import Normalisation

CLASSIFIER = "logits"


def initial_layers(recipe, random):
    """{name: Layer} with fresh weights: stacked frames, convolution, cells with their short convolutions, classifier."""
    layers, width = {}, recipe.front.bands
    if recipe.stacked_frames > 1:
        layers["stack"] = Stack(recipe.stacked_frames, width)
        width *= recipe.stacked_frames
    if recipe.convolution_channels:
        layers["convolution"] = Dense.initial(width, recipe.convolution_channels, random, bounded=True)
        width = recipe.convolution_channels
    for place in range(recipe.layers):
        if recipe.depthwise_frames > 1:
            layers[f"depthwise{place + 1}"] = Depthwise.initial(width, recipe.depthwise_frames)
        layers[f"{recipe.cell}{place + 1}"] = CELLS[recipe.cell].initial(width, recipe.units, random)
        width = recipe.units
    layers[CLASSIFIER] = Dense.initial(width, len(recipe.labels), random, bounded=False)
    return layers


class Sequence(nn.Module):
    """Layers in a row: x float [clips, hops, inputs], states -> outputs [clips, hops, units], last states.

    states: a list of float [clips, size], in the order of Model.states().
    normalised: names of layers whose input is normalised.  dropped: the share of a cell's units that training silences.
    """

    def __init__(self, layers, normalised=(), dropped=0.0):
        super().__init__()
        self.layers, self.dropped = layers, dropped
        self.weights = nn.ModuleDict()
        self.normalisations = nn.ModuleDict(
            {name: Normalisation(len(layers[name].GATES), layers[name].units) for name in normalised}
        )
        for name, layer in layers.items():
            self.weights[name] = nn.Module()
            for field, value in layer.arrays().items():
                tensor = torch.tensor(value)
                if field.endswith(("weights", "bias")):
                    self.weights[name].register_parameter(field, nn.Parameter(tensor))
                else:
                    self.weights[name].register_buffer(field, tensor)

    def zero_states(self, clips):
        return [torch.zeros(clips, state.size) for layer in self.layers.values() for state in layer.states()]

    def _weights_of(self, name, x):
        """A layer's tensors as it uses them where x is its input."""
        weights = self.weights[name]
        tensors = {**dict(weights.named_parameters()), **dict(weights.named_buffers())}
        return self.normalisations[name](tensors, x) if name in self.normalisations else tensors

    def trained_layers(self):
        """{name: Layer} with the trained weights, plain ones."""
        layers = {}
        for name, layer in self.layers.items():
            arrays = {field: value.detach().numpy() for field, value in self._weights_of(name, None).items()}
            layers[name] = replace(layer, **arrays)
        return layers

    def _dropped(self, y):
        """Variational dropout (arXiv:1512.05287): the same units of a clip are silent at all its hops."""
        kept = torch.rand(len(y), 1, y.shape[2]) >= self.dropped
        return y * kept / (1 - self.dropped)

    def forward(self, x, states):
        following = []
        for name, layer, own in dealt(self.layers, states):
            x, own = layer.sequence(torch, self._weights_of(name, x), x, own)
            following += own
            if self.training and self.dropped and type(layer) in CELLS.values():
                x = self._dropped(x)
        return x, following


def sequence_of(recipe, layers):
    """The Sequence of a recipe's fresh layers."""
    training = recipe.training
    normalised = [
        name
        for name, layer in layers.items()
        if training.normalise and isinstance(layer, LinearLayer) and name != CLASSIFIER
    ]
    return Sequence(layers, normalised, training.dropout)


class Network(nn.Module):
    """features float [clips, hops, bands], states -> logits [clips, hops, labels], last states."""

    def __init__(self, recipe):
        super().__init__()
        self.sequence = sequence_of(recipe, initial_layers(recipe, np.random.default_rng(recipe.seed)))

    def zero_states(self, clips):
        return self.sequence.zero_states(clips)

    def forward(self, features, states):
        return self.sequence(features, states)


class Teacher(nn.Module):
    """A bidirectional network: it hears a clip from both ends and decides once, so it can only teach.

    features float [clips, hops, bands] -> logits [clips, 1, labels].  The outputs of both directions are averaged over
    the hops, or weighted by attention: softmax over the hops of one learned score a hop (Bahdanau et al. 2015).
    """

    def __init__(self, recipe):
        super().__init__()
        layers = initial_layers(recipe, np.random.default_rng(recipe.seed))
        del layers[CLASSIFIER]
        self.forwards = sequence_of(recipe, layers)
        layers = initial_layers(recipe, np.random.default_rng([recipe.seed, 1]))
        del layers[CLASSIFIER]
        self.backwards = sequence_of(recipe, layers)
        self.score = nn.Linear(2 * recipe.units, 1) if recipe.attention else None
        self.classifier = nn.Linear(2 * recipe.units, len(recipe.labels))

    def zero_states(self, clips):
        """Nothing is carried from clip to clip."""
        return []

    def forward(self, features, states):
        forwards, _ = self.forwards(features, self.forwards.zero_states(len(features)))
        backwards, _ = self.backwards(features.flip(1), self.backwards.zero_states(len(features)))
        both = torch.cat([forwards, backwards.flip(1)], 2)
        if self.score is None:
            whole = both.mean(1, keepdim=True)
        else:
            whole = (self.score(both).softmax(1) * both).sum(1, keepdim=True)
        return self.classifier(whole), states


def network_of(recipe):
    torch.manual_seed(recipe.seed)
    return Teacher(recipe) if recipe.bidirectional else Network(recipe)


def model_of(recipe, weights):
    """The trained model in numpy, equalised, from a state dict of Network; ValueError for a bidirectional recipe."""
    if recipe.bidirectional:
        raise ValueError(
            f"recipe {recipe.name} is bidirectional: it decides a clip only after hearing it to its end and back, and a "
            "device hears one hop at a time; it can only teach: a recipe without `bidirectional` can be exported"
        )
    network = network_of(recipe).eval()
    network.load_state_dict(weights)
    return Model(
        recipe.name,
        recipe.labels,
        len(recipe.keywords),
        recipe.front,
        recipe.feature_map,
        recipe.decision_hops,
        equalised(network.sequence.trained_layers(), recipe.feature_map.format),
    )
