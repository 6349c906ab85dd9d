"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon), all in float32.

torch.optim.Muon multiplies in bfloat16, which is slow on a processor without instructions for it.
"""

import torch

MOMENTUM = 0.95
ITERATIONS = 5
A, B, C = 3.4445, -4.7750, 2.0315
"""The odd polynomial a x + b x^3 + c x^5 whose iteration brings every singular value from (0, 1] near 1 fastest."""


def nearly_orthogonal(matrix):
    """A matrix [rows, columns] with the same singular vectors; its singular values, if not tiny, lie between 0.5 and 1.5."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=B, alpha=C), x, beta=A)
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Steps of matrices by Nesterov's momentum made nearly orthogonal; a tall matrix moves further, by the root of its ratio."""

    def __init__(self, matrices, lr, weight_decay):
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for matrix in group["params"]:
                state = self.state[matrix]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(matrix)
                momentum = state["momentum_buffer"].lerp_(matrix.grad, 1 - MOMENTUM)
                direction = nearly_orthogonal(matrix.grad.lerp(momentum, MOMENTUM))
                rows, columns = matrix.shape
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                matrix.sub_(direction, alpha=group["lr"] * max(1, rows / columns) ** 0.5)
