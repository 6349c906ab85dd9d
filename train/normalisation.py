"""Batch normalisation of the sums W x of a layer over its input (Ioffe and Szegedy 2015, arXiv:1502.03167; in recurrent
cells the sums over the input alone, Laurent et al. 2016, arXiv:1510.01378), as a change of the layer's weights.

A row's sum W x has the mean W m and the variance W C W', where m and C are mean and covariance of x over a batch's hops.
The layer is therefore computed with the weights and biases

    W gain / sqrt(variance)        bias - W m gain / sqrt(variance)

which use the statistics of the batch in training and their averages afterwards, when they are ordinary weights.
"""

import torch
from torch import nn

MOMENTUM = 0.02
"""Weight of a batch in the moving averages of a training."""

EVERY_HOPS = 4
"""Neighbouring hops are nearly alike, so the statistics of every fourth are nearly those of all, at a quarter of the time."""

EPSILON = 1e-5


class Normalisation(nn.Module):
    """Normalisation of a layer with `gates` rows per unit; gain, mean and variance float [gates, units].

    over_processes: the mean of a tensor over all processes of a training.  momentum: the weight of a batch in the averages.
    """

    def __init__(self, gates, units):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(gates, units))
        # parameters without gradient, so that they are averaged as the weights are
        self.mean = nn.Parameter(torch.zeros(gates, units), requires_grad=False)
        self.variance = nn.Parameter(torch.ones(gates, units), requires_grad=False)
        self.over_processes, self.momentum = lambda value: value, MOMENTUM

    def _statistics(self, rows, x):
        """Mean and variance of W x over the hops of x; rows [gates, units, inputs], x [clips, hops, inputs]."""
        heard = x[:, ::EVERY_HOPS].flatten(0, 1)
        middle = self.over_processes(heard.mean(0))
        centred = heard - middle
        covariance = self.over_processes(centred.T @ centred / len(heard))
        mean, variance = rows @ middle, ((rows @ covariance) * rows).sum(2)
        with torch.no_grad():
            self.mean.lerp_(mean, self.momentum)
            self.variance.lerp_(variance, self.momentum)
        return mean, variance

    def forward(self, weights, x):
        """{field: tensor} of the layer with normalised weights and biases; x: its input in training, else None."""
        rows, bias = weights["input_weights"], weights["bias"]
        mean, variance = self._statistics(rows, x) if self.training else (self.mean, self.variance)
        factor = self.gain / (variance + EPSILON).sqrt()
        shift = nn.functional.pad(factor * mean, (0, 0, 0, len(bias) - len(mean)))
        return {**weights, "input_weights": rows * factor[:, :, None], "bias": bias - shift}
