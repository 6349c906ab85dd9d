"""Activation ranges of the float model, which scale the activations of the ONNX and TFLite graphs.

The integer format of the device needs none: features, states, gates and logits have fixed formats.
"""

import numpy as np

CLIPS, LANES = 1000, 20


def joined_streams(codes):
    """int8 [LANES or fewer, hops, bands]: the first CLIPS of clips int8 [clips, hops, bands], joined to streams."""
    lanes = min(LANES, len(codes))
    clips = codes[: min(len(codes), CLIPS) // lanes * lanes]
    return clips.reshape(lanes, -1, codes.shape[2])


def activation_ranges(model, streams):
    """{activation: (low, high)} over streams int8 [streams, hops, bands], with the state carried; features: all they can be."""
    activations = {}
    model.run(streams, activations=activations)
    ranges = {name: (min(low for low, _ in seen), max(high for _, high in seen)) for name, seen in activations.items()}
    low, high = model.features.real(np.array([-128, 127]))
    return {**ranges, "features": (float(low), float(high))}
