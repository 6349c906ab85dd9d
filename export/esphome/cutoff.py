"""The cutoff of a keyword: the least at which the component's own decision keeps the criterion of the balanced operating point.

On validation streams: at most one false accept an hour over background noise, and at most 1 % of other words accepted.
"""

from dataclasses import dataclass

import numpy as np

from calibration.operating_points import allowed, events_of
from calibration.streams.scoring import Said, score
from calibration.streams.sweep import Heard
from calibration.streams.validation import LANES
from export.esphome.component import detections
from export.esphome.probability import probabilities_of

LIMITED = ("noise", "words")
"""Kinds of validation stream whose events are limited; the first also says how many keywords are heard."""
CUTOFFS = range(51, 253, 3)
"""Cutoffs uint8, from .2 on."""


@dataclass(frozen=True)
class Chosen:
    """A cutoff uint8, whether it keeps the criterion, and what is heard at it: {kind: Score}, {kind: hours}."""

    cutoff: int
    kept: bool
    scores: dict
    hours: dict

    def line(self):
        """What the component does at the cutoff, as text."""
        parts = []
        for kind, found in self.scores.items():
            part = f"{kind} {len(found.false_accepts)} false accepts in {self.hours[kind]:.1f} h"
            if len(found.delays_ms):
                part += f", {found.misses / len(found.delays_ms):.1%} missed"
            if len(found.others_accepted):
                part += f", {found.others_accepted.mean():.1%} of other words"
            parts.append(part)
        return "; ".join(parts)


def probabilities_on(integers, streams, keyword):
    """{kind: (probabilities int [hops], Heard)} of a keyword, by its index, on validation_streams."""
    model, word = integers.model, integers.model.words[keyword]
    found = {}
    for kind, (codes, events) in streams.items():
        logits, _ = integers.run(codes.reshape(LANES, -1, codes.shape[1]))
        probabilities = probabilities_of(logits, keyword).ravel()
        found[kind] = probabilities, Heard(probabilities, model.frontend.hop_ms, (word,), Said.of(events, (word,)))
    return found


def choose_cutoff(heard, window, stride):
    """The Chosen of probabilities_on one keyword; the highest cutoff if none keeps the criterion."""
    for cutoff in CUTOFFS:
        scores = {
            kind: score(detections(probabilities, cutoff, window, stride, of_kind.words[0]), of_kind.said)
            for kind, (probabilities, of_kind) in heard.items()
        }
        kept = all(events_of(kind, scores[kind]) <= allowed(kind, heard[kind][1]) for kind in LIMITED)
        if kept:
            break
    hours = {kind: of_kind.hours() for kind, (_, of_kind) in heard.items()}
    return Chosen(cutoff, kept, scores, hours)


def is_deaf(chosen):
    """Whether no keyword is heard at all."""
    return bool(np.isnan(chosen.scores[LIMITED[0]].delays_ms).all())
