"""The clip rule: one decision for each clip, from posteriors smoothed as a detector smooths them by default.

The decision is heard from DELAY_MS after the clip's first sample to DELAY_MS after its last: a word that ends with its clip is
told soon after it, and what is told at once belongs to the clip before.  A clip by itself is followed by digital silence; in a
stream the next clip follows.

In a stream, a keyword that stands since the clip before is that clip's until it falls below KEYWORD_LEAST: it is one event, and a
detector holds it too.

A clip is the keyword with the highest smoothed posterior, if that reaches KEYWORD_LEAST, the lowest threshold of a detector;
otherwise unknown, if the smoothed posterior of unknown reaches UNKNOWN_LEAST before the clip's end; otherwise silence.
"""

import numpy as np

from firmware.frontend import CODE_ZERO_POINT

DELAY_MS = 160
KEYWORD_LEAST = 1 / 5
UNKNOWN_LEAST = 0.9
"""Smoothed posteriors from which on a clip is a keyword, or unknown."""
SMOOTHING_SHARE = 0.25
"""Weight of a hop in the smoothed posterior: that of a detector with smoothing_shift 2."""


def delay_hops(frontend):
    """DELAY_MS in hops."""
    return DELAY_MS // frontend.hop_ms


def silence_after(frontend, bands):
    """The hops of digital silence in which a decision may still be heard, int8 [hops, bands]."""
    return np.full((delay_hops(frontend), bands), CODE_ZERO_POINT, np.int8)


def followed_by_silence(frontend, codes):
    """Codes int8 [clips, hops, bands] with silence_after each."""
    silence = silence_after(frontend, codes.shape[2])
    return np.concatenate([codes, np.broadcast_to(silence, (len(codes), *silence.shape))], 1)


def of_clips_alone(frontend, logits):
    """The logits [clips, hops, labels] in which decisions are heard, of those of followed_by_silence."""
    return logits[:, delay_hops(frontend) :]


def of_clips_in_a_stream(frontend, logits, clips):
    """The same of clips of equal length that follow one another; logits [hops, labels], with the silence after the last clip."""
    return logits[delay_hops(frontend) :].reshape(clips, -1, logits.shape[1])


def posteriors(logits):
    """Softmax float32 of float logits [..., labels]."""
    powers = np.exp(logits - logits.max(-1, keepdims=True), dtype=np.float32)
    return powers / powers.sum(-1, keepdims=True)


def smoothed(values):
    """float [clips, hops, labels] smoothed over the hops, from zero."""
    found, state = np.empty_like(values), np.zeros_like(values[:, 0])
    for hop in range(values.shape[1]):
        state = state + (values[:, hop] - state) * SMOOTHING_SHARE
        found[:, hop] = state
    return found


def decide(frontend, logits, keywords):
    """Label indices [clips] of float logits [clips, hops, labels], of which the first `keywords` are keywords.

    The hops are those in which the decision is heard.  A model without unknown has silence as its only other label.
    """
    return _highest(frontend, smoothed(posteriors(logits)), keywords)


def decide_in_a_stream(frontend, logits, keywords):
    """The same of clips that follow one another in a stream."""
    levels = posteriors(logits)
    heard = smoothed(levels)
    heard[:, :, :keywords][_standing(levels[:, :, :keywords])] = 0
    return _highest(frontend, heard, keywords)


def _standing(levels):
    """Whether a keyword stands since the clip before, bool of the shape of levels, float [clips, hops, keywords]."""
    reached = smoothed(levels.reshape(1, -1, levels.shape[2])).reshape(levels.shape) >= KEYWORD_LEAST
    before = np.concatenate([np.zeros_like(reached[:1, -1]), reached[:-1, -1]])
    return np.logical_and.accumulate(reached, 1) & before[:, None]


def _highest(frontend, heard, keywords):
    """The label indices [clips] of smoothed posteriors [clips, hops, labels]."""
    keyword = heard[:, :, :keywords].max(1)
    unknown = heard[:, : -delay_hops(frontend), keywords].max(1)
    other = np.where(unknown >= UNKNOWN_LEAST, keywords, heard.shape[2] - 1)
    return np.where(keyword.max(1) >= KEYWORD_LEAST, keyword.argmax(1), other)
