"""A state-space cell over whole windows: gates, recurrence and gradient in one pass each over memory.

s_t = s_(t-1) + z_t (v_t - s_(t-1)) with v = tanh and z = sigmoid of sums that are known for all hops.
"""

import torch

from train.fused.library import run


class SelectiveScan(torch.autograd.Function):
    """sums float [clips, hops, 2 units], of v then z, and s float [clips, units] before the first hop -> s after every hop.

    The memory of the sums is used for v and z: the gradient of the linear map that made them does not need them.
    """

    @staticmethod
    def forward(context, sums, before):
        clips, hops, both = sums.shape
        before, found = before.contiguous(), sums.new_empty(clips, hops, both // 2)
        run("ssm_forward", clips, hops, both // 2, sums, before, found)
        context.save_for_backward(sums, before, found)
        return found

    @staticmethod
    def backward(context, of_s):
        vz, before, found = context.saved_tensors
        clips, hops, units = found.shape
        of_sums, of_before = torch.empty_like(vz), torch.empty_like(before)
        run("ssm_backward", clips, hops, units, vz, before, found, of_s.contiguous(), of_sums, of_before)
        return of_sums, of_before


selective_scan = SelectiveScan.apply
