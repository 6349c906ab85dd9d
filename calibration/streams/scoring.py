"""Scores detections against events: hits, misses, false accepts, delay.  docs/streams.md has the rule's sources.

A detection of word w is a hit if w is spoken from start to end and start <= time <= end + delay_ms; each keyword is hit at
most once.  Any other detection is ignored within debounce_ms of the last one of its word that was not.  Otherwise it is a
wrong word if only other keywords have it in their window, and a false accept anywhere else.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from calibration.streams.events import SENTENCE
from firmware.host.binding import NOTHING

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class ScoringRule:
    """Times of the scoring rule: the hit window after a keyword's end, and the debounce."""

    delay_ms: int = 500
    debounce_ms: int = 1000


@dataclass(frozen=True)
class Said:
    """The word events of one stream, keywords of a model and others, each sorted by start; no sentences."""

    keywords: list
    others: list

    @classmethod
    def of(cls, events, words):
        spoken = sorted((event for event in events if event.event != SENTENCE), key=lambda event: event.start_ms)
        return cls(
            [event for event in spoken if event.word in words], [event for event in spoken if event.word not in words]
        )

    def negative_hours(self, duration_ms, scoring_rule):
        """Hours in which no keyword can be hit."""
        taken = until = 0.0
        for event in self.keywords:
            end_ms = min(event.end_ms + scoring_rule.delay_ms, duration_ms)
            taken += max(0.0, end_ms - max(until, event.start_ms))
            until = max(until, end_ms)
        return (duration_ms - taken) / HOUR_MS


@dataclass(frozen=True)
class Score:
    """The result of score()."""

    delays_ms: np.ndarray  # float [keywords], from the end of a keyword to its detection; NaN: missed
    false_accepts: list  # [(time_ms, word)]
    wrong_words: int  # detections in the window of another keyword
    late: int  # false accepts of a missed keyword's word, after its window and within debounce_ms of its end
    others_accepted: np.ndarray  # bool [others]: a false accept fell on this word or up to delay_ms after it

    @property
    def misses(self):
        return int(np.isnan(self.delays_ms).sum())


class Windows:
    """The windows of events, which are sorted by start: from an event's start to delay_ms after its end."""

    def __init__(self, events, delay_ms):
        self.starts = [event.start_ms for event in events]
        self.ends = [event.end_ms + delay_ms for event in events]
        self.latest = list(accumulate(self.ends, max))  # latest end of this window and those before it

    def at(self, time_ms):
        """Indices, sorted, of the events whose windows contain a time."""
        last, here = bisect_right(self.starts, time_ms), []
        while last and self.latest[last - 1] >= time_ms:
            last -= 1
            if self.ends[last] >= time_ms:
                here.insert(0, last)
        return here


def score(detections, said, scoring_rule=ScoringRule()):
    """The Score of detections [(time_ms, word)], sorted by time, against a Said."""
    windows, of_others = (Windows(events, scoring_rule.delay_ms) for events in (said.keywords, said.others))
    longer = Windows(said.keywords, max(scoring_rule.delay_ms, scoring_rule.debounce_ms))
    delays_ms, accepted = np.full(len(said.keywords), np.nan), np.zeros(len(said.others), bool)
    false_accepts, wrong_words, late, counted_ms = [], 0, 0, {}
    for time_ms, word in detections:
        here = windows.at(time_ms)
        hit = next((n for n in here if said.keywords[n].word == word and np.isnan(delays_ms[n])), None)
        if hit is not None:
            delays_ms[hit] = time_ms - said.keywords[hit].end_ms
        elif time_ms - counted_ms.get(word, -np.inf) < scoring_rule.debounce_ms:
            continue
        elif here and word not in {said.keywords[n].word for n in here}:
            wrong_words += 1
        else:
            false_accepts.append((time_ms, word))
            late += any(said.keywords[n].word == word and np.isnan(delays_ms[n]) for n in longer.at(time_ms))
            accepted[of_others.at(time_ms)] = True
        counted_ms[word] = time_ms
    return Score(delays_ms, false_accepts, wrong_words, late, accepted)


def detections_of(detected, hop_ms, words):
    """[(time_ms, word)] of a detector's labels [hops]; the time is the end of the hop."""
    hops = np.flatnonzero(detected != NOTHING)
    return [((hop + 1) * hop_ms, words[detected[hop]]) for hop in hops.tolist()]
