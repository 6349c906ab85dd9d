"""A gated recurrent unit over whole windows: gates, recurrence and gradient in one pass each over memory.

r, z = sigmoid of their sums, n = tanh(sum over the input + r (Un h + cn)), h' = n + z (h - n); the sums over the input are known
for all hops.
"""

import torch

from train.fused.library import run


class GatedRecurrence(torch.autograd.Function):
    """h after every hop, float [clips, hops, units], of h before the first hop, float [clips, units].

    sums: of r, z and n over the input, float [clips, hops, 3 units].  Over the state: weights [3 units, units], and for n
    a bias [units].

    The memory of the sums is used for r, z and n: the gradient of the linear map that made them does not need them.
    """

    @staticmethod
    def forward(context, sums, weights, bias, before):
        clips, hops, rows = sums.shape
        weights, before, bias = weights.contiguous(), before.contiguous(), bias.contiguous()
        h, from_state = (sums.new_empty(clips, hops, rows // 3) for _ in range(2))
        by_unit = weights.t().contiguous()
        run("gru_forward", clips, hops, rows // 3, sums, by_unit, bias, before, from_state, h)
        context.save_for_backward(sums, weights, before, from_state, h)
        return h

    @staticmethod
    def backward(context, of_h):
        gates, weights, before, from_state, h = context.saved_tensors
        clips, hops, units = h.shape
        of_sums, of_given, of_before = torch.empty_like(gates), torch.empty_like(h), torch.empty_like(before)
        given, made = (gates, weights, before, from_state, h, of_h.contiguous()), (of_sums, of_given, of_before)
        run("gru_backward", clips, hops, units, *given, *made)
        earlier = torch.cat([before[:, None], h[:, :-1]], 1).flatten(0, 1)
        of_given = of_given.flatten(0, 1)
        of_weights = torch.cat([of_sums.flatten(0, 1)[:, : 2 * units].t() @ earlier, of_given.t() @ earlier])
        return of_sums, of_weights, of_given.sum(0), of_before


gated_recurrence = GatedRecurrence.apply
