"""Recordings of a stream through the C library, hop by hop.  A kind is one stream: its recordings follow one another and
nothing is reset between them.  Of each hop only the logits, the smoothed posteriors and the detection are kept, as the
integers that they are: 81 MB of ten hours in hops of 20 ms, ten keywords and two labels besides.  Sound and the network's
memory are kept of a piece.
"""

import numpy as np

from calibration.detector import detect
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from firmware.audio.recordings import Reader, in_pieces
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress

PIECE_SAMPLES = 10 * SAMPLE_RATE_HZ
"""Heard at a time: whole hops of 10 and of 20 ms."""


def listen(spotter, path, spoken):
    """The Traces of a recording's whole hops, piece by piece; ValueError where one of its Events ends after its sound.

    Its header is known to promise as much (events.py), but the header of an MP3 may promise too much.
    """
    reader, samples = Reader(path), 0
    for pcm in in_pieces(reader.blocks(), PIECE_SAMPLES):
        yield spotter.hear(pcm)
        samples += len(pcm)
    reader.print_remarks()
    for event in spoken:
        if event.end_ms * SAMPLE_RATE_HZ / 1000 > samples + 1:  # resampling may have rounded the length down
            raise ValueError(f"{path}: '{event.word}' ends at {event.end_ms} ms, after the recording")


def hear_joined(spotter, recordings, what):
    """(smoothed, detected, logits, events) of [(path, [Event])] one after another."""
    smoothed, detected, logits, events, hops = [], [], [], [], 0
    spotter.reset()
    for path, spoken in progress(recordings, what, "recordings"):
        events += [event.moved(hops * spotter.frontend.hop_ms) for event in spoken]
        for trace in listen(spotter, path, spoken):
            smoothed.append(trace.smoothed)
            detected.append(trace.detected)
            logits.append(trace.logits.copy())  # the trace keeps all of the network's memory
            hops += len(trace.detected)
    return *(np.concatenate(parts) for parts in (smoothed, detected, logits)), events


def hear_kind(spotter, recordings, detector, what):
    """(Heard, [detected uint8 [hops] at each operating point]) of [(path, [Event])].

    The C library decides: at the first point while it listens, at the others by its detector from the same logits.  The
    numpy detector must decide the same at every hop.
    """
    words = spotter.model.words
    spotter.set_operating_point(detector.points[0].name)
    smoothed, detected, logits, events = hear_joined(spotter, recordings, what)
    decisions = [detected]
    for point in detector.points[1:]:
        spotter.set_operating_point(point.name)
        decisions.append(spotter.detect(logits))
    for point, decided in zip(detector.points, decisions, strict=True):
        differing = np.flatnonzero(detect(smoothed, point.thresholds, detector.rule) != decided)
        if len(differing):
            raise ValueError(f"{what}, {point.name}: numpy and the C library differ at hop {differing[0]}")
    return Heard(smoothed, spotter.frontend.hop_ms, words, Said.of(events, words)), decisions
