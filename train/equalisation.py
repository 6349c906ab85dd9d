"""Equalisation: taps of short convolutions scaled up to the range of their codes, the next layer's weights scaled down.

The function of the network stays.  Weight decay makes taps so small that a code of 2^-6 is a tenth of them; rounding them
was most of the loss of accuracy from float to integers.  The factors are powers of two, one per channel, after the cross-layer
equalisation of Nagel et al. (arXiv:1906.04721).
"""

from dataclasses import replace

import numpy as np

from train.layers import Depthwise
from train.layers.depthwise import LARGEST_WEIGHT, LIMIT
from train.layers.layer import LinearLayer


def factors(convolution, source):
    """The largest 2^k, k >= 0, of each channel that keeps taps and outputs in range; source: CodeFormat of the inputs."""
    inputs = (np.array(source.bounds or source.largest) + abs(source.constant)) * 2.0**-source.fraction
    taps = np.abs(convolution.weights).max(axis=0).clip(min=1e-6)
    reached = (np.abs(convolution.weights).sum(axis=0) * inputs).clip(min=1e-6)
    return 2.0 ** np.floor(np.log2(np.minimum(LARGEST_WEIGHT / taps, LIMIT / reached))).clip(min=0)


def equalised(layers, source):
    """{name: layer} that computes the same as layers; source: CodeFormat of the features."""
    found, names = dict(layers), list(layers)
    for name, following in zip(names, names[1:] + [None], strict=True):
        layer, hears = found[name], found.get(following)
        if isinstance(layer, Depthwise) and isinstance(hears, LinearLayer):
            factor = factors(layer, source).astype(np.float32)
            found[name] = layer = replace(layer, weights=layer.weights * factor)
            found[following] = replace(hears, input_weights=hears.input_weights / factor)
        source = layer.output_format(source)
    return found
