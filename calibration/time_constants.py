"""How long the units of a state-space cell remember, measured on validation streams.

A unit forgets with a time constant of 1 / z hops, and the input moves z from hop to hop.  Two figures a unit, in ms:

    held        the median over hops of hop / z: what the unit does most of the time
    effective   hop / mean(-ln(1 - z)): how long anything in it lasts on average; one hop of z near 1 clears it
"""

import numpy as np

from calibration.records import Remembered, TimeConstants
from train.layers import Ssm
from train.layers.ops import FloatOps, full_name

PERCENTILES = (10, 50, 90, 100)
LONG_MS = 1000


class _SigmoidsSeen(FloatOps):
    """Keeps every sigmoid's values by name."""

    def __init__(self, linear_maps):
        super().__init__(linear_maps)
        self.seen = {}

    def sigmoid(self, name, x):
        value = super().sigmoid(name, x)
        self.seen.setdefault(name, []).append(value)
        return value


def time_constants(model, streams):
    """{layer: TimeConstants} of features int8 [streams, hops, bands].

    Empty where the model has no state-space cell.
    """
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
    """What `make calibrate` prints of time_constants()."""
    for layer, about in found.items():
        for figure in ("held", "effective"):
            remembered = getattr(about, figure)
            low, middle, high, most = remembered.percentiles_ms
            yield (
                f"{layer}: time constants, {figure}: 10 % of units below {low:.0f} ms, half below {middle:.0f}, 90 % below "
                f"{high:.0f}, the longest {most:.0f}; {remembered.units_of_a_second} of {about.units} a second or more"
            )
