"""A short causal convolution of each channel over whole windows, with a gradient that needs no padded tensors."""

import torch


class ShortConvolution(torch.autograd.Function):
    """heard float [clips, frames - 1 + hops, channels], taps float [frames, channels] -> [clips, hops, channels]."""

    @staticmethod
    def forward(context, heard, taps):
        context.save_for_backward(heard, taps)
        hops = heard.shape[1] - len(taps) + 1
        y = heard[:, :hops] * taps[0]
        for frame in range(1, len(taps)):
            y.addcmul_(heard[:, frame : frame + hops], taps[frame])
        return y

    @staticmethod
    def backward(context, gradient):
        heard, taps = context.saved_tensors
        hops = gradient.shape[1]
        of_heard, of_taps = torch.zeros_like(heard), torch.empty_like(taps)
        for frame in range(len(taps)):
            of_heard[:, frame : frame + hops].addcmul_(gradient, taps[frame])
            torch.sum(gradient * heard[:, frame : frame + hops], (0, 1), out=of_taps[frame])
        return of_heard, of_taps


short_convolution = ShortConvolution.apply
