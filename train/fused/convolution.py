"""A short causal convolution of each channel over whole windows, saturated, in one pass each over memory."""

import torch

from train.fused.library import run


class ShortConvolution(torch.autograd.Function):
    """x float [clips, hops, channels], history [clips, frames - 1, channels] before it, taps [frames, channels], the oldest
    hop's first -> float [clips, hops, channels] from low to high."""

    @staticmethod
    def forward(context, x, history, taps, low, high):
        x, history, taps = x.contiguous(), history.contiguous(), taps.contiguous()
        y = torch.empty_like(x)
        run("convolution_forward", len(x), *x.shape[1:], len(taps), history, x, taps, low, high, y)
        context.save_for_backward(x, history, taps, y)
        context.ends = low, high
        return y

    @staticmethod
    def backward(context, of_y):
        x, history, taps, y = context.saved_tensors
        of_x, of_history, of_taps = torch.empty_like(x), torch.empty_like(history), taps.new_empty(len(x), *taps.shape)
        sizes, made = (*x.shape[1:], len(taps)), (of_x, of_history, of_taps)
        run("convolution_backward", len(x), *sizes, history, x, taps, *context.ends, y, of_y.contiguous(), *made)
        return of_x, of_history, of_taps.sum(0), None, None


short_convolution = ShortConvolution.apply
