"""Time constants of the units of a state-space cell, measured on validation streams.

A unit forgets with a time constant of 1 / z hops, and z depends on the input of the hop.  Two figures for each unit, ms:

    held        hop_ms times the median of 1 / z over hops: the usual time constant
    effective   hop_ms / mean(-ln(1 - z)): the mean decay rate as a time constant; one hop with z near 1 clears a unit
"""

import numpy as np

from calibration.records import Remembered, TimeConstants
from train.layers import Ssm
from train.layers.ops import FloatOps, full_name

PERCENTILES = (10, 50, 90, 100)
LONG_MS = 1000


class _SigmoidsSeen(FloatOps):
    """Operators that keep the values of every sigmoid, by name."""

    def __init__(self, linear_maps):
        super().__init__(linear_maps)
        self.seen = {}

    def sigmoid(self, name, x):
        value = super().sigmoid(name, x)
        self.seen.setdefault(name, []).append(value)
        return value


def time_constants(model, streams):
    """{layer: TimeConstants} of each state-space layer over features int8 [streams, hops, bands]."""
    layers = [name for name, layer in model.layers.items() if isinstance(layer, Ssm)]
    if not layers:
        return {}
    ops = _SigmoidsSeen(model.linear_maps())
    x = model.features.real(streams)
    states = [np.zeros((len(x), state.size), np.float32) for state in model.states()]
    for hop in range(x.shape[1]):
        _, states = model.step(ops, x[:, hop], states)
    hop_ms, found = model.frontend.hop_ms, {}
    for name in layers:
        z = np.concatenate(ops.seen[full_name(name, "z")]).astype(np.float64)
        z = np.clip(z, 1e-9, 1 - 1e-9)
        measured = {
            "held": np.median(hop_ms / z, axis=0),
            "effective": hop_ms / np.mean(-np.log1p(-z), axis=0),
        }
        remembered = {
            figure: Remembered(
                percentiles_ms=tuple(round(float(value), 1) for value in np.percentile(values, PERCENTILES)),
                units_of_a_second=int((values >= LONG_MS).sum()),
            )
            for figure, values in measured.items()
        }
        found[name] = TimeConstants(units=z.shape[1], **remembered)
    return found


def time_constant_lines(found):
    """The lines that `make calibrate` prints; found: the value of time_constants()."""
    for layer, about in found.items():
        for figure in ("held", "effective"):
            remembered = getattr(about, figure)
            low, middle, high, most = remembered.percentiles_ms
            yield (
                f"{layer}: {figure} time constants: 10 % of units below {low:.0f} ms, half below {middle:.0f}, 90 % below "
                f"{high:.0f}, longest {most:.0f}; {remembered.units_of_a_second} of {about.units} one second or more"
            )
