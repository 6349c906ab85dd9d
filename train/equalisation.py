"""Taps of short convolutions as large as their codes allow, the weights that hear them as much smaller: the same function.

Weight decay leaves taps of which a code of 2^-6 is a tenth; rounding them was most of what a model lost to its integers.
Factors are powers of two, one a channel, after the layers' equalisation of Nagel et al. (arXiv:1906.04721).
"""

from dataclasses import replace

import numpy as np

from train.layers import Depthwise
from train.layers.depthwise import LARGEST_WEIGHT, LIMIT
from train.layers.layer import LinearLayer


def factors(convolution, source):
    """2^k by channel, k >= 0, by which neither taps nor outputs leave their ranges; inputs are of CodeFormat source."""
    inputs = (np.array(source.bounds or source.largest) + abs(source.constant)) * 2.0**-source.fraction
    taps = np.abs(convolution.weights).max(axis=0).clip(min=1e-6)
    reached = (np.abs(convolution.weights).sum(axis=0) * inputs).clip(min=1e-6)
    return 2.0 ** np.floor(np.log2(np.minimum(LARGEST_WEIGHT / taps, LIMIT / reached))).clip(min=0)


def equalised(layers, source):
    """{name: layer} of the same function as layers, which hear features of CodeFormat source."""
    found, names = dict(layers), list(layers)
    for name, following in zip(names, names[1:] + [None], strict=True):
        layer, hears = found[name], found.get(following)
        if isinstance(layer, Depthwise) and isinstance(hears, LinearLayer):
            factor = factors(layer, source).astype(np.float32)
            found[name] = layer = replace(layer, weights=layer.weights * factor)
            found[following] = replace(hears, input_weights=hears.input_weights / factor)
        source = layer.output_format(source)
    return found
