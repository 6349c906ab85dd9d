"""The selective linear recurrence s_t = s_(t-1) + z_t (v_t - s_(t-1)), element by element, over whole windows.

Its inputs z and v are known for all hops, so a hop is one multiply-add over the batch, in place; the gradient is the same scan in
reverse.  `make scan` measures it against the loop over hops.
"""

import torch


def _scan(kept, added):
    """s_t = kept_t s_(t-1) + added_t from zero over lists of tensors [clips, units], in place of added."""
    for hop in range(1, len(added)):
        added[hop].addcmul_(kept[hop], added[hop - 1])


def _scan_backwards(kept, gradient):
    """d_t = gradient_t + kept_(t+1) d_(t+1) in the same way, in place of gradient."""
    for hop in range(len(gradient) - 2, -1, -1):
        gradient[hop].addcmul_(kept[hop + 1], gradient[hop + 1])


class SelectiveScan(torch.autograd.Function):
    """z, v float [clips, hops, units] and s float [clips, units] before the first hop -> s after every hop."""

    @staticmethod
    def forward(context, z, v, s):
        kept, found = 1 - z, z * v
        found[:, 0].addcmul_(kept[:, 0], s)
        _scan(kept.unbind(1), found.unbind(1))
        context.save_for_backward(z, kept, v, s, found)
        return found

    @staticmethod
    def backward(context, gradient):
        z, kept, v, s, found = context.saved_tensors
        of_s = gradient.clone()
        _scan_backwards(kept.unbind(1), of_s.unbind(1))
        of_z = torch.empty_like(of_s)
        torch.sub(v[:, 0], s, out=of_z[:, 0])
        torch.sub(v[:, 1:], found[:, :-1], out=of_z[:, 1:])
        return of_z.mul_(of_s), of_s * z, of_s[:, 0] * kept[:, 0]


selective_scan = SelectiveScan.apply
