"""Recordings of a stream through the C library, hop by hop.  A kind is one stream: its recordings follow one another and
nothing is reset between them.  Of each hop only the logits, the smoothed posteriors and the detection are kept.
"""

import numpy as np

from calibration.detector import detect
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from firmware.audio import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress

PIECE_MS = 60_000
"""Heard at a time, so that the network's memory at each hop is kept of a minute at most."""


def listen(spotter, pcm):
    """(smoothed, detected, logits) of the whole hops of PCM."""
    piece = PIECE_MS * SAMPLE_RATE_HZ // 1000
    traces = [spotter.hear(pcm[start : start + piece]) for start in range(0, max(1, len(pcm)), piece)]
    return tuple(np.concatenate([getattr(trace, of) for trace in traces]) for of in ("smoothed", "detected", "logits"))


def hear_recordings(spotter, recordings, what):
    """(smoothed, detected, logits, events) of [(path, [Event])] one after another."""
    parts, events, begin_ms = [], [], 0
    spotter.reset()
    for path, spoken in progress(recordings, what, "recordings"):
        pcm = read_recording(path)
        late = [event for event in spoken if event.end_ms > len(pcm) * 1000 / SAMPLE_RATE_HZ]
        if late:
            raise ValueError(f"{path}: '{late[0].word}' ends at {late[0].end_ms} ms, after the recording")
        parts.append(listen(spotter, pcm))
        events += [event.moved(begin_ms) for event in spoken]
        begin_ms += len(parts[-1][1]) * spotter.frontend.hop_ms
    return *(np.concatenate(part) for part in zip(*parts, strict=True)), events


def hear_kind(spotter, recordings, detector, what):
    """(Heard, [detected uint8 [hops] at each operating point]) of [(path, [Event])].

    The C library decides: at the first point while it listens, at the others by its detector from the same logits.  The
    numpy detector must decide the same at every hop.
    """
    words = spotter.model.words
    spotter.set_operating_point(detector.points[0].name)
    smoothed, detected, logits, events = hear_recordings(spotter, recordings, what)
    decisions = [detected]
    for point in detector.points[1:]:
        spotter.set_operating_point(point.name)
        decisions.append(spotter.detect(logits))
    for point, decided in zip(detector.points, decisions, strict=True):
        differing = np.flatnonzero(detect(smoothed, point.thresholds, detector.rule) != decided)
        if len(differing):
            raise ValueError(f"{what}, {point.name}: numpy and the C library differ at hop {differing[0]}")
    return Heard(smoothed, spotter.frontend.hop_ms, words, Said.of(events, words)), decisions
