"""Optimizers and learning rate.

Muon updates matrices, the gates of a layer as one matrix, by nearly orthogonal steps.  AdamW (arXiv:1711.05101) updates
everything else, and the matrices too if muon_learning_rate is 0.  Matrices, short convolutions and the classifier have weight
decay; biases and gains have none.
"""

import math

import torch
from torch import nn

from train.layers.rows import MATRICES
from train.muon import Muon
from train.network import CLASSIFIER


def learning_rate(training, share, step):
    """The learning rate as a share of the full one: linear warm-up, then half a cosine down to 0.01.

    share: part of the training that is done; step: updates made so far.
    """
    warm = min(1.0, (step + 1) / training.warmup_steps)
    if training.schedule == "constant":
        return warm
    return warm * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, share))) / 2)


class Optimizers:
    """The optimizers of one network."""

    def __init__(self, network, training):
        self.training, self.network = training, network
        decaying, still, self.matrices = [], [], []
        for name, value in network.named_parameters():
            if not value.requires_grad:
                continue
            if training.muon_learning_rate and name.endswith(MATRICES) and f".{CLASSIFIER}." not in name:
                self.matrices.append((nn.Parameter(value.data.flatten(0, 1)), value))
            else:
                (still if name.endswith(("bias", "gain")) else decaying).append(value)
        groups = [
            {"params": decaying, "weight_decay": training.weight_decay},
            {"params": still, "weight_decay": 0.0},
        ]
        self.optimizers = [torch.optim.AdamW(groups, lr=training.learning_rate, betas=(0.9, 0.99))]
        if self.matrices:
            self.optimizers.append(
                Muon([matrix for matrix, _ in self.matrices], training.muon_learning_rate, training.weight_decay)
            )
        self.rates = [optimizer.defaults["lr"] for optimizer in self.optimizers]

    def update(self, loss, share, processes):
        """One update by the gradient of the loss, summed over Processes; share: the result of learning_rate."""
        self.network.zero_grad()
        loss.backward()
        processes.sum_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), self.training.clip_gradient_norm)
        for matrix, value in self.matrices:  # views of the parameter's storage and of its gradient
            matrix.grad = value.grad.flatten(0, 1)
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
            optimizer.step()

    def state_dict(self):
        return [optimizer.state_dict() for optimizer in self.optimizers]

    def load_state_dict(self, states):
        for optimizer, state in zip(self.optimizers, states, strict=True):
            optimizer.load_state_dict(state)
