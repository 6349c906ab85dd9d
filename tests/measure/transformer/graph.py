"""One hop of a transformer as ONNX: (features, kept keys and values) -> (logits, those kept next), in float and in int8.

torch.onnx exports the hop, and ONNX Runtime's quantizer gives weights one scale for each row, and activations one each, from the
ranges over calibration streams.
"""

import logging
import warnings

import numpy as np
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from export.onnx_run import open_session

OPSET = 17
"""The lowest with LayerNormalization."""


class Hop(torch.nn.Module):
    """features [clips, bands] and states -> logits [clips, outputs], states."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, features, *states):
        logits, states = self.network.hop(features, states)
        return logits, *states


class Hops(CalibrationDataReader):
    """The inputs of the float graph at every hop of streams float [streams, hops, bands]."""

    def __init__(self, path, streams):
        session = open_session(path)
        self.inputs, values = [], zero_states(session, len(streams))
        for hop in range(streams.shape[1]):
            given = {"features": streams[:, hop], **values}
            self.inputs.append(given)
            values = following(session.run(None, given), values)

    def get_next(self):
        return self.inputs.pop(0) if self.inputs else None


def zero_states(session, clips):
    """{state: float32 [clips, size]} of a new stream."""
    return {state.name: np.zeros((clips, state.shape[1]), np.float32) for state in session.get_inputs()[1:]}


def following(outputs, states):
    return dict(zip(states, outputs[1:], strict=True))


def write_float_graph(network, bands, path):
    names = [f"kept{block + 1}" for block in range(len(network.zero_states(1)))]
    given, made = ["features", *names], ["logits", *(f"{name}_out" for name in names)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is called old
        torch.onnx.export(
            Hop(network),
            (torch.zeros(2, bands), *network.zero_states(2)),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=given,
            output_names=made,
            dynamic_axes={name: {0: "clips"} for name in (*given, *made)},
        )


def write_int8_graph(float_path, streams, path):
    """Quantise a graph; streams float32 [streams, hops, bands]: what its activations are calibrated on."""
    logging.getLogger().setLevel(logging.ERROR)  # the quantizer advises preprocessing, which this does
    prepared = path.with_suffix(".prepared.onnx")
    quant_pre_process(str(float_path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(path),
        Hops(prepared, streams),
        per_channel=True,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
    )
    prepared.unlink()


class Runner:
    """A graph in ONNX Runtime, on streams float [streams, hops, bands] from a zero state."""

    def __init__(self, path):
        self.session = open_session(path)

    def logits(self, streams):
        """float32 [streams, hops, outputs]."""
        states, found = zero_states(self.session, len(streams)), []
        for hop in range(streams.shape[1]):
            outputs = self.session.run(None, {"features": streams[:, hop], **states})
            found.append(outputs[0])
            states = following(outputs, states)
        return np.stack(found, 1)
