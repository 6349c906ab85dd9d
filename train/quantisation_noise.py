"""Training that hears what quantisation will do: each row's weights are moved by up to half of its step, anew at every
update, as in Opus' training of its networks (and Fan et al. 2020, arXiv:2004.07320)."""

import torch

from train.layers.rows import LARGEST_CODE, MATRICES


def with_quantisation_noise(weights, share):
    """Weights {field: tensor}, those of matrices with noise of share steps' width; a step is the row's largest weight over
    the largest code, which is exact where rows hear no state and within a factor of two where they do."""
    matrices = {field: weights[field] for field in MATRICES if field in weights}
    if not matrices:
        return weights
    largest = torch.stack([matrix.detach().abs().amax(2) for matrix in matrices.values()]).amax(0)
    step = largest[:, :, None] / LARGEST_CODE * share
    return {**weights, **{field: matrix + step * (torch.rand_like(matrix) - 0.5) for field, matrix in matrices.items()}}
