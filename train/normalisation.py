"""Batch normalisation of what a layer's rows make of its input (Ioffe and Szegedy 2015, arXiv:1502.03167; of the input
to a recurrent cell alone, Laurent et al. 2016, arXiv:1510.01378), as a change of weights.

A row's sum W x has a mean W m and a variance W C W', where m and C are mean and covariance of x over a batch's hops.
So nothing is inserted between the layer and its input: its rows and biases are

    W gain / sqrt(variance)        bias - W m gain / sqrt(variance)

in training with the batch's statistics, afterwards with their running means, which makes them plain weights again.
"""

import torch
from torch import nn

MOMENTUM = 0.02
"""What a batch weighs in the running statistics."""

EPSILON = 1e-5


class Normalisation(nn.Module):
    """The change for one layer of `gates` rows a unit; gain, mean and variance float [gates, units]."""

    def __init__(self, gates, units):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(gates, units))
        # parameters that no optimizer moves, so that they are averaged with the weights they belong to
        self.mean = nn.Parameter(torch.zeros(gates, units), requires_grad=False)
        self.variance = nn.Parameter(torch.ones(gates, units), requires_grad=False)

    def _statistics(self, rows, x):
        """Mean and variance of W x over all hops; rows [gates, units, inputs], x [clips, hops, inputs]."""
        heard = x.flatten(0, 1)
        middle = heard.mean(0)
        centred = heard - middle
        covariance = centred.T @ centred / len(heard)
        mean, variance = rows @ middle, ((rows @ covariance) * rows).sum(2)
        with torch.no_grad():
            self.mean.lerp_(mean, MOMENTUM)
            self.variance.lerp_(variance, MOMENTUM)
        return mean, variance

    def forward(self, weights, x):
        """The layer's weights, {field: tensor}, changed."""
        rows, bias = weights["input_weights"], weights["bias"]
        mean, variance = self._statistics(rows, x) if self.training else (self.mean, self.variance)
        factor = self.gain / (variance + EPSILON).sqrt()
        shift = nn.functional.pad(factor * mean, (0, 0, 0, len(bias) - len(mean)))
        return {**weights, "input_weights": rows * factor[:, :, None], "bias": bias - shift}
