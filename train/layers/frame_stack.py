"""The last hops side by side, oldest first, which make the next layer a convolution over time.

y_t = [x_(t-frames+1), ..., x_(t-1), x_t]
"""

from dataclasses import dataclass

import numpy as np

from train.layers.layer import Layer, State


@dataclass(frozen=True)
class FrameStack(Layer):
    frames: int
    inputs: int

    @property
    def units(self):
        return self.frames * self.inputs

    def states(self):
        return (State("history", self.units - self.inputs, None),)

    def output_format(self, source):
        return source

    def activation_formats(self, source):
        return {"stacked": source}

    def step(self, ops, x, states):
        stacked = ops.join("stacked", states[0], x)
        return stacked, (ops.part("history_out", stacked, self.inputs, self.units),)

    def sequence(self, torch, weights, x, states):
        history = states[0].unflatten(1, (self.frames - 1, self.inputs))
        heard = torch.cat([history, x], 1)
        outputs = torch.cat([heard[:, frame : frame + x.shape[1]] for frame in range(self.frames)], 2)
        return outputs, (heard[:, x.shape[1] :].flatten(1),)

    def integer_step(self, codes, sums, states):
        stacked = np.concatenate([states[0], codes], axis=1)
        return stacked, (stacked[:, self.inputs :],)

    def memory_codes(self):
        return self.units

    def pack(self, output, states):
        return output.astype(np.int16)

    def unpack(self, memory):
        return (memory[:, self.inputs :].astype(np.int64),)
