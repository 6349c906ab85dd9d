"""Runs the recordings of a stream through the C library, hop by hop.

A kind is one stream: its recordings follow one another and nothing is reset between them.  For each hop, only logits,
smoothed posteriors, the detection and the gate are kept, as integers: 83 MB for ten hours in hops of 20 ms with ten keywords and
two more labels.  PCM and the network's memory are kept only for the current piece.
"""

import numpy as np

from calibration.detector import detect
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from firmware.audio.recordings import Reader, in_pieces
from firmware.frontend import SAMPLE_RATE_HZ

PIECE_SAMPLES = 10 * SAMPLE_RATE_HZ
"""PCM run at a time: a whole number of hops of 10 ms and of 20 ms."""


def listen(spotter, path, spoken):
    """Yield the Traces of a recording's whole hops, piece by piece; ValueError if an Event ends after the recording.

    events.py has compared the events with the length in the header, but the header of an MP3 may be wrong.
    """
    reader, samples = Reader(path), 0
    for pcm in in_pieces(reader.blocks(), PIECE_SAMPLES):
        yield spotter.hear(pcm)
        samples += len(pcm)
    reader.print_remarks()
    for event in spoken:
        if event.end_ms * SAMPLE_RATE_HZ / 1000 > samples + 1:  # resampling may have rounded the length down
            raise ValueError(f"{path}: '{event.word}' ends at {event.end_ms} ms, after the recording")


def hear_joined(spotter, recordings):
    """(smoothed, detected, logits, awake, events) of recordings [(path, [Event])] joined."""
    smoothed, detected, logits, awake, events, hops = [], [], [], [], [], 0
    spotter.reset()
    for path, spoken in recordings:
        events += [event.moved(hops * spotter.frontend.hop_ms) for event in spoken]
        for trace in listen(spotter, path, spoken):
            smoothed.append(trace.smoothed)
            detected.append(trace.detected)
            awake.append(trace.awake)
            logits.append(trace.logits.copy())  # a copy, since the trace's array holds the network's whole memory
            hops += len(trace.detected)
    return *(np.concatenate(parts) for parts in (smoothed, detected, logits, awake)), events


def hear_kind(spotter, recordings, detector, what):
    """(Heard, [detected uint8 [hops] at each operating point]) of recordings [(path, [Event])].

    The C library decides: at the first operating point while it runs, at the others by its detector on the same logits.
    ValueError if the numpy detector decides otherwise at any hop.
    """
    words = spotter.model.words
    spotter.set_thresholds(detector.points[0].thresholds)
    smoothed, detected, logits, awake, events = hear_joined(spotter, recordings)
    decisions = [detected]
    for point in detector.points[1:]:
        spotter.set_thresholds(point.thresholds)
        decisions.append(spotter.detect(logits, awake))
    for point, decided in zip(detector.points, decisions, strict=True):
        differing = np.flatnonzero(detect(smoothed, point.thresholds, detector.rule) != decided)
        if len(differing):
            raise ValueError(f"{what}, {point.name}: numpy and the C library differ at hop {differing[0]}")
    return Heard(smoothed, spotter.frontend.hop_ms, words, Said.of(events, words), 1 - float(awake.mean())), decisions
