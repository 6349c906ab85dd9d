"""The loss at every hop of a window.

It hears what the detector hears: posteriors smoothed over a few hops.

    keyword           -log of its highest smoothed posterior in a span around the word's end (max pooling, after Sun et al. 2016,
                      arXiv:1705.02411), and -log of the least posterior of everything but other keywords there, unless another
                      keyword is near
    other word        -log of the least smoothed posterior of no keyword while it is spoken and no keyword is near
    all other hops    -log of the smoothed posterior of no keyword: the mean over the hops, and the mean over the worst of them
    no keyword        cross-entropy between unknown and silence, where it is certain which
"""

import numpy as np
import torch

from train.corpora.clips import FRAME_MS
from train.windows import BACKGROUND, KEYWORD, NOTHING, OTHER, SPEECH

WORST_SHARE = 0.08
"""Share of the hops of a window that counts as the worst."""

BEFORE_MS = 300
"""Other keywords are penalised from so long before a word's end."""

LEAST_PROBABILITY = 1e-6


def smoothing_matrix(hops, shift):
    """float32 [hops, hops]: smoothed = posteriors [..., hops] @ matrix, by the detector's rule from zero."""
    share, age = 2.0**-shift, np.arange(hops) - np.arange(hops)[:, None]
    return torch.from_numpy(np.where(age >= 0, share * (1 - share) ** np.maximum(age, 0), 0).astype(np.float32))


def surprise(probability):
    return -probability.clamp(min=LEAST_PROBABILITY).log()


class StreamLoss:
    """The loss of a batch: float logits [windows, hops, labels] of a Layout."""

    def __init__(self, recipe):
        self.keywords, self.step = len(recipe.keywords), recipe.front.hop_ms // FRAME_MS
        self.before, self.after = (span // recipe.front.hop_ms for span in recipe.training.peak_ms)
        self.ahead = BEFORE_MS // recipe.front.hop_ms
        hops = recipe.mixing.window_ms // recipe.front.hop_ms
        self.worst = max(1, round(WORST_SHARE * hops))
        self.matrix = smoothing_matrix(hops, recipe.training.smoothing_shift)

    def _hops(self, frames):
        """The first hop that hears all before a frame of the window, float frames."""
        return np.ceil(frames / self.step).astype(int) - 1

    def _near(self, layout):
        """bool [windows, items, hops]: the hops from an item's onset to the end of its peak span."""
        until = layout.end[:, :, None] + (self.after + 1) * self.step
        return (layout.places >= layout.onset[:, :, None]) & (layout.places < until)

    def _keywords(self, posteriors, smoothed, layout, near, keywords_near):
        """The sum over all keywords whose peak span is within their window.

        keywords_near: int [windows, hops], how many keywords are near.
        """
        end = self._hops(layout.end)
        whole = (layout.kind == KEYWORD) & (end >= self.before) & (end + self.after < len(layout.places))
        window, item = np.nonzero(whole & (layout.onset > -self.ahead * self.step // 2))
        label = torch.from_numpy(layout.label[window, item])[:, None]
        own = near[window, item] & (keywords_near[window] == 1)
        end, window = (torch.from_numpy(values)[:, None] for values in (end[window, item], window))
        span = end + torch.arange(-self.before, self.after + 1)
        heard = surprise(smoothed[window, span, label]).amin(1)
        around = (end + torch.arange(-self.ahead, self.after + 1)).clamp(min=0)
        said = posteriors[window, around, : self.keywords].sum(2) - posteriors[window, around, label]
        said = said * torch.from_numpy(own).float().gather(1, around)
        return heard.sum() + surprise(1 - said).amax(1).sum()

    def _others(self, nothing, layout, near, free):
        """The sum over all other words, while no keyword is near."""
        spoken = torch.from_numpy(near & (layout.kind == OTHER)[:, :, None]) & free[:, None]
        loss = torch.where(spoken, surprise(nothing)[:, None], 0.0).amax(2)
        return loss.sum()

    def _rest(self, nothing, free):
        """The sum over all windows; free: bool [windows, hops], the hops at which no keyword is near."""
        loss = torch.where(free, surprise(nothing), 0.0)
        return (loss.sum(1) / free.sum(1).clamp(min=1) + loss.topk(self.worst, 1).values.mean(1)).sum()

    def _sounds(self, logits, layout, near):
        """Cross-entropy between unknown, during other words and running speech, and silence, where nothing sounds."""
        spoken = near & np.isin(layout.kind, (KEYWORD, OTHER))[:, :, None]
        word = np.take_along_axis(near, layout.item[:, None], 1)[:, 0] & (layout.heard == OTHER)
        sure = word | (layout.heard == SPEECH)
        silent = ~spoken.any(1) & np.isin(layout.heard, (NOTHING, BACKGROUND))
        among = logits[:, :, self.keywords :].log_softmax(2)
        unknown, silence = (torch.from_numpy(chosen).float() for chosen in (sure, silent))
        loss = -(among[:, :, 0] * unknown + among[:, :, 1] * silence).sum()
        return loss / (unknown.sum() + silence.sum()).clamp(min=1) * len(logits)

    def __call__(self, logits, layout):
        posteriors = logits.softmax(2)
        smoothed = (posteriors.transpose(1, 2) @ self.matrix).transpose(1, 2)
        nothing = 1 - smoothed[:, :, : self.keywords].sum(2)
        near = self._near(layout)
        keywords_near = (near & (layout.kind == KEYWORD)[:, :, None]).sum(1)
        free = torch.from_numpy(keywords_near == 0)
        total = (
            self._keywords(posteriors, smoothed, layout, near, keywords_near)
            + self._others(nothing, layout, near, free)
            + self._rest(nothing, free)
            + self._sounds(logits, layout, near)
        )
        return total / len(logits)
