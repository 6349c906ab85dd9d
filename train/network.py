"""The network in torch: the layers of train/layers over the hops of whole windows, with all their weights as parameters.

How a layer is computed over a sequence is in its own file; this file has the parameters and the layers of a recipe.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from train.equalisation import equalised
from train.layers import CELLS, Dense, Depthwise, FrameStack, Ssm
from train.layers.layer import LinearLayer, dealt
from train.model import Model
from train.normalisation import Normalisation
from train.rounding import Rounding

CLASSIFIER = "logits"
DEVIATIONS = "deviations"
"""The layer of a model of anomalies whose next outputs the last layer predicts; it is not trained (train/anomaly/deviations.py).
Before it are the last two hops."""


def initial_layers(recipe, random):
    """{name: Layer} with initial weights: stacked frames, convolution, cells with short convolutions, classifier; before
    them, in a model of anomalies, the deviations."""
    layers, width = {}, recipe.front.bands
    if recipe.task == "anomaly":
        layers["hops"] = FrameStack(2, width)
        layers[DEVIATIONS] = Dense.initial(2 * width, width, random, bounded=False)
    if recipe.stacked_frames > 1:
        layers["frame_stack"] = FrameStack(recipe.stacked_frames, width)
        width *= recipe.stacked_frames
    if recipe.convolution_channels:
        layers["convolution"] = Dense.initial(width, recipe.convolution_channels, random, bounded=True)
        width = recipe.convolution_channels
    for place in range(recipe.layers):
        if recipe.depthwise_frames > 1:
            layers[f"depthwise{place + 1}"] = Depthwise.initial(width, recipe.depthwise_frames)
        layers[f"{recipe.cell}{place + 1}"] = CELLS[recipe.cell].initial(width, recipe.units, random)
        width = recipe.units
    layers[CLASSIFIER] = Dense.initial(width, recipe.outputs, random, bounded=False)
    return layers


class Network(nn.Module):
    """Layers one after another: x float [clips, hops, inputs], states -> outputs [clips, hops, units], last states.

    states: a list of float [clips, size], in the order of Model.states().
    normalised: names of batch-normalised layers.
    products: the type in which a state-space cell multiplies, until weights are rounded.
    """

    def __init__(self, layers, normalised=()):
        super().__init__()
        self.layers, self.rounding, self.products = layers, None, torch.float32
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

    def round_weights(self, source):
        """Compute with rounded weights from now on; source: CodeFormat of the features."""
        self.rounding = Rounding(self.layers, source)

    def _weights_of(self, name, x):
        """{field: tensor} of a layer, normalised for its input x where it is batch-normalised."""
        weights = self.weights[name]
        tensors = {**dict(weights.named_parameters()), **dict(weights.named_buffers())}
        if name in self.normalisations:
            tensors = self.normalisations[name](tensors, x)
        if self.rounding:
            return self.rounding(name, tensors)
        if self.products != torch.float32 and isinstance(self.layers[name], Ssm):
            tensors = {**tensors, "input_weights": tensors["input_weights"].to(self.products)}
        return tensors

    def trained_layers(self):
        """{name: Layer} with the trained weights, normalisation folded in."""
        layers = {}
        for name, layer in self.layers.items():
            arrays = {field: value.detach().numpy() for field, value in self._weights_of(name, None).items()}
            layers[name] = replace(layer, **arrays)
        return layers

    def until(self, last, x, states):
        """The outputs of the layer of this name."""
        for name, layer, own in dealt(self.layers, states):
            x, _ = layer.sequence(torch, self._weights_of(name, x), x, own)
            if name == last:
                return x

    def forward(self, x, states):
        following = []
        for name, layer, own in dealt(self.layers, states):
            x, own = layer.sequence(torch, self._weights_of(name, x), x, own)
            following += own
        return x, following


def network_of(recipe):
    """The Network of a recipe, with initial weights drawn from its seed."""
    torch.manual_seed(recipe.seed)
    layers, training = initial_layers(recipe, np.random.default_rng(recipe.seed)), recipe.training
    normalised = [
        name
        for name, layer in layers.items()
        if training.normalise and isinstance(layer, LinearLayer) and name not in (DEVIATIONS, CLASSIFIER)
    ]
    return Network(layers, normalised)


def rounded(network, recipe):
    """The network, from now on with weights rounded as the device rounds them, if the recipe says so."""
    if recipe.training.rounding_share:
        network.round_weights(recipe.feature_map.format)
    return network


def model_of(recipe, weights):
    """The trained Model, equalised, from a state dict of Network."""
    network = rounded(network_of(recipe), recipe).eval()
    network.load_state_dict(weights)
    return Model(
        recipe.name,
        recipe.labels,
        len(recipe.keywords),
        recipe.front,
        recipe.feature_map,
        equalised(network.trained_layers(), recipe.feature_map.format),
        "anomaly" if recipe.task == "anomaly" else "keywords",
    )
