"""A training by several processes of torchrun (gloo), each of which computes its rows of every batch.

All of them draw the same batches.  A process computes the logits of its own rows, gets those of the others, and so has the loss
of the whole batch; the sum of all processes' gradients is the gradient of one process that computes all rows, up to the order of
float32 sums.  One process, without torchrun, is the ordinary case.
"""

import os
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as distributed

LONGEST_WAIT = timedelta(days=1)
"""For the first process, which may speak a corpus."""


class _Sum(torch.autograd.Function):
    """The sum of a tensor over the processes."""

    @staticmethod
    def forward(_, value):
        total = value.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_, gradient):
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


class Processes:
    """This process among those that train; rows: its part of a batch of so many windows."""

    def __init__(self, batch):
        self.count, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        if batch % self.count:
            raise ValueError(
                f"training.batch = {batch} windows cannot be shared by {self.count} processes; change one of them"
            )
        if self.count > 1 and not distributed.is_initialized():
            distributed.init_process_group("gloo", timeout=LONGEST_WAIT)
        share = batch // self.count
        self.rows = slice(self.rank * share, (self.rank + 1) * share)

    @property
    def first(self):
        """Whether this process writes and tells."""
        return self.rank == 0

    @contextmanager
    def first_before_others(self):
        """The others run the block when the first process has: what it made once is there then."""
        if self.count > 1 and not self.first:
            distributed.barrier()
        yield
        if self.count > 1 and self.first:
            distributed.barrier()

    def mean(self, value):
        """The mean of a tensor over the processes; gradients flow to all of them."""
        return value if self.count == 1 else _Sum.apply(value) / self.count

    def all_rows(self, own):
        """The whole batch [windows, ...] from each process's rows; gradients flow to this process's."""
        if self.count == 1:
            return own
        parts = [torch.empty_like(own) for _ in range(self.count)]
        distributed.all_gather(parts, own.detach().contiguous())
        parts[self.rank] = own
        return torch.cat(parts)

    def sum_gradients(self, network):
        for parameter in network.parameters() if self.count > 1 else ():
            if parameter.grad is not None:
                distributed.all_reduce(parameter.grad)
