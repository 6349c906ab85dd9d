"""What the streaming graph tells of a hop, of the integers' logits: the reference of export/esphome/graph.py."""

import numpy as np

from train.integer_model import LOGIT_UNIT


def probabilities_of(logits, keyword):
    """The probability of a keyword, by its index, UQ0.8, int [...] of logits [..., labels] in Q5.10."""
    margins = (logits[..., [keyword]] - np.delete(logits, keyword, -1)) * LOGIT_UNIT
    share = np.prod(1 / (1 + np.exp(-np.asarray(margins, np.float64))), -1)
    return np.minimum(np.rint(share * 256), 255).astype(int)
