"""The first layer of a model of anomalies, from normal sound: deviations y = W x + b from the mean of the features x.

W is R^(-1/2), where R is the covariance of the errors of a linear prediction of x from the two hops before.  If the network
predicts as well, the errors of its predictions of y have the variance 1 and no correlation: their sum of squares is that of a
Mahalanobis distance.
"""

from dataclasses import replace

import numpy as np

HOPS = 2
"""Hops that the linear prediction sees."""
CODE_VARIANCE = 1 / 12
"""Of rounding a feature to a code."""
LARGEST_DEVIATION = 6.0
"""Largest standard deviation of an output over normal sound; beyond 32 the outputs, Q5.10, saturate."""


def _lagged(real):
    """(the hops before [hops - HOPS, HOPS * bands + 1] and a one, the hops [hops - HOPS, bands]) of a recording."""
    count = len(real) - HOPS
    before = [real[lag : lag + count] for lag in range(HOPS)]
    return np.concatenate([*before, np.ones((count, 1))], 1), real[HOPS:]


def linear_prediction(recordings):
    """The weights of the linear prediction with the least squared error over recordings, each float [hops, bands]."""
    before, now = (np.concatenate(parts) for parts in zip(*map(_lagged, recordings), strict=True))
    return np.linalg.lstsq(before, now, rcond=1e-6)[0]


def prediction_errors(weights, real):
    """The errors of the linear prediction of a recording, float [hops - HOPS, bands]."""
    before, now = _lagged(real)
    return now - before @ weights


def fitted(layer, feature_map, codes):
    """The Dense with weights and bias for the features of normal recordings, each int8 [hops, bands]."""
    recordings = [feature_map.real(part).astype(np.float64) for part in codes if len(part) > HOPS]
    heard, weights = np.concatenate(recordings), linear_prediction(recordings)
    errors = np.concatenate([prediction_errors(weights, real) for real in recordings])
    covariance = errors.T @ errors / len(errors)
    covariance += np.eye(len(covariance)) * CODE_VARIANCE * 4.0**-feature_map.right_shift
    values, vectors = np.linalg.eigh(covariance)
    weights = vectors @ np.diag(values**-0.5) @ vectors.T
    spread = ((heard - heard.mean(0)) @ weights.T).std(0)
    weights *= np.minimum(1, LARGEST_DEVIATION / np.maximum(spread, 1e-6))[:, None]
    bias = -weights @ heard.mean(0)
    return replace(layer, input_weights=weights[None].astype(np.float32), bias=bias[None].astype(np.float32))
