"""The score of anomalies in numpy: the bit-exact reference of firmware/library/score.c."""

import numpy as np

from calibration.detector import smooth_levels
from train.anomaly.deviations import FARTHEST

FARTHEST_CODE = FARTHEST << 10
"""The largest error that counts, Q5.10."""


def surprises(deviations, logits):
    """The surprise of each hop, int [streams, hops], UQ4.12, of deviations and predictions int [streams, hops, outputs], Q5.10;
    before the first hop the prediction is zero."""
    predictions = np.concatenate([np.zeros_like(logits[:, :1]), logits[:, :-1]], axis=1)
    distances = np.minimum(np.abs(np.int64(deviations) - predictions), FARTHEST_CODE)
    mean = (distances * distances >> 6).sum(axis=2) // deviations.shape[2] >> 2
    return np.minimum(mean, 65535)


def deviations_in(memory, model):
    """The output of the second layer in the device's memory, int16 [streams, codes]: [streams, outputs]."""
    begin = model.frontend.bands + next(iter(model.layers.values())).memory_codes()
    return memory[:, begin : begin + model.outputs]


def scores(integers, recordings, smoothing_shift):
    """The score of each hop of recordings, each a stream of its own: uint16 [hops], UQ4.12, of features int8 [hops, bands]."""
    model, lengths = integers.model, [len(codes) for codes in recordings]
    together = np.zeros((len(recordings), max(lengths), model.frontend.bands), np.int8)
    for codes, place in zip(recordings, together, strict=True):
        place[: len(codes)] = codes
    states, deviations, logits = integers.zero_states(len(recordings)), [], []
    for hop in together.transpose(1, 0, 2):
        predicted, states, memory = integers.step(hop, states)
        deviations.append(deviations_in(memory, model))
        logits.append(predicted)
    surprise = surprises(np.stack(deviations, 1), np.stack(logits, 1))
    smoothed = smooth_levels(surprise[:, :, None], smoothing_shift)
    return [score[:length, 0] for score, length in zip(smoothed, lengths, strict=True)]
