"""The integer model in numpy: the reference that the layers of the C library equal bit for bit."""

from dataclasses import dataclass

import numpy as np

from train.layers.layer import dealt
from train.layers.ops import full_name

LOGIT_UNIT = 2.0**-10
"""The value of one step of a logit, Q5.10."""


@dataclass(frozen=True)
class IntegerModel:
    """model: the float Model; rows: {layer: its IntegerRows, or None without weights}."""

    model: object
    rows: dict

    def zero_states(self, clips):
        """The states of new streams: a list of int [clips, size]."""
        return [np.full((clips, state.size), -state.format.constant, np.int64) for state in self.model.states()]

    def step(self, codes, states):
        """Features int8 [clips, bands] and states -> logits Q5.10 [clips, labels], next states, and the device's memory.

        memory int16 [clips, codes]: the features, then what each layer keeps; the logits are at its end.
        """
        following, memory = [], [codes.astype(np.int16)]
        for name, layer, own in dealt(self.model.layers, states):
            rows = self.rows[name]
            sums = rows.preactivations(codes, own[0] if own else None) if rows else None
            codes, own = layer.integer_step(codes, sums, own)
            following += own
            memory.append(layer.pack(codes, own))
        return codes, following, np.concatenate(memory, axis=1)

    def run(self, codes, states=None):
        """Features int8 [clips, hops, bands] -> logits int [clips, hops, labels], Q5.10, and the last states."""
        states = self.zero_states(len(codes)) if states is None else states
        logits = []
        for hop in range(codes.shape[1]):
            out, states, _ = self.step(codes[:, hop], states)
            logits.append(out)
        return np.stack(logits, axis=1), states

    def unpack(self, memory):
        """The features and states in the device's memory, int16 [clips, codes]."""
        parts = self._parts(memory)
        states = [
            state
            for layer, part in zip(self.model.layers.values(), parts[1:], strict=True)
            for state in layer.unpack(part)
        ]
        return parts[0].astype(np.int8), states

    def _parts(self, memory):
        """The memory split into features and layers."""
        sizes = [self.model.frontend.bands, *(layer.memory_codes() for layer in self.model.layers.values())]
        return np.split(memory, np.cumsum(sizes)[:-1], axis=1)

    def memory_codes(self):
        """Size of the device's memory of a stream, in int16."""
        return self.model.frontend.bands + sum(layer.memory_codes() for layer in self.model.layers.values())

    def linear_maps(self):
        """{name: (codes int8, scales [rows])} of every linear map of the step."""
        return {
            full_name(name, part): value
            for name, layer in self.model.layers.items()
            for part, value in layer.integer_maps(self.rows[name]).items()
        }
