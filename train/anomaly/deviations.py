"""The layer before the cells of a model of anomalies, from normal sound: deviations y = W (x - A x' - c) of the features x from a
linear prediction by the hop before, x'.

A and c have the least squared error, and W is R^(-1/2), where R is the covariance of the error.  So y has the variance 1 and no
correlation, its sum of squares is the square of a Mahalanobis distance, and what is left to the network is what no linear
prediction foresees.
"""

from dataclasses import replace

import numpy as np

CODE_VARIANCE = 1 / 12
"""Of rounding a feature to a code."""
FARTHEST = 8
"""The largest error of a prediction of deviations that counts."""


def _pairs(real):
    """(each hop before and a one [hops - 1, bands + 1], the hop after it [hops - 1, bands]) of a recording."""
    return np.concatenate([real[:-1], np.ones((len(real) - 1, 1))], 1), real[1:]


def linear_prediction(recordings):
    """[bands + 1, bands]: A, transposed, and c, of recordings, each float [hops, bands]."""
    before, now = (np.concatenate(parts) for parts in zip(*map(_pairs, recordings), strict=True))
    return np.linalg.lstsq(before, now, rcond=1e-6)[0]


def prediction_errors(prediction, real):
    """The errors of a linear prediction of a recording, float [hops, bands], zero at the first hop."""
    before, now = _pairs(real)
    return np.concatenate([np.zeros_like(real[:1]), now - before @ prediction])


def fitted(layer, feature_map, codes):
    """The Dense of the two hops with weights and bias for the features of normal recordings, each int8 [hops, bands]."""
    recordings = [feature_map.real(part).astype(np.float64) for part in codes]
    prediction = linear_prediction(recordings)
    errors = np.concatenate([prediction_errors(prediction, real)[1:] for real in recordings])
    covariance = errors.T @ errors / len(errors)
    covariance += np.eye(len(covariance)) * CODE_VARIANCE * 4.0**-feature_map.right_shift
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors @ np.diag(values**-0.5) @ vectors.T
    weights = np.concatenate([-whitening @ prediction[:-1].T, whitening], 1)
    bias = -whitening @ prediction[-1]
    return replace(layer, input_weights=weights[None].astype(np.float32), bias=bias[None].astype(np.float32))
