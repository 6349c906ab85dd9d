"""The distance of the integers from float, layer by layer, on one excerpt of features."""

import numpy as np

from train.layers.layer import dealt
from train.layers.ops import FloatOps, LayerOps


def outputs(step, model, codes, states):
    """{layer: output [hops, units]} of step(name, layer, x, own states) over features [hops, ...], states carried."""
    found = {name: [] for name in model.layers}
    for x in codes:
        following = []
        for name, layer, own in dealt(model.layers, states):
            x, own = step(name, layer, x, own)
            following += own
            found[name].append(x[0])
        states = following
    return {name: np.array(values) for name, values in found.items()}


def error_of_layers(model, codes):
    """{layer: (mean, 99th percentile)} of |integer - float| of each layer's output; features int8 [hops, bands]."""
    ops, integers, formats = FloatOps(model.linear_maps()), model.quantize(), model.formats()

    def float_step(name, layer, x, own):
        return layer.step(LayerOps(ops, name), x, own)

    def integer_step(name, layer, x, own):
        rows = integers.rows[name]
        return layer.integer_step(x, rows.preactivations(x, own[0] if own else None) if rows else None, own)

    zero = [np.zeros((1, state.size), np.float32) for state in model.states()]
    real = outputs(float_step, model, model.features.real(codes)[:, None], zero)
    whole = outputs(integer_step, model, codes[:, None], integers.zero_states(1))
    errors = {}
    for name, layer in model.layers.items():
        error = np.abs(layer.output_format(formats[name]).real(whole[name]) - real[name])
        errors[name] = float(error.mean()), float(np.percentile(error, 99))
    return errors
