"""Detections against what was said: hits, misses, false accepts, delay.  docs/streams.md says where the rule is from.

A detection of word w is a hit where w is spoken from start to end and start <= time <= end + delay_ms; each keyword is
hit once.  A detection that is no hit within debounce_ms of the last one of its word that counted is ignored.  Another
keyword's detection at a keyword's place is a wrong word.  Everything else is a false accept.
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
    delay_ms: int = 500
    debounce_ms: int = 1000


@dataclass(frozen=True)
class Said:
    """The events of one stream, told apart by the words a model knows; each list by start."""

    keywords: list
    others: list

    @classmethod
    def of(cls, events, words):
        spoken = sorted((event for event in events if event.event != SENTENCE), key=lambda event: event.start_ms)
        return cls(
            [event for event in spoken if event.word in words], [event for event in spoken if event.word not in words]
        )

    def negative_hours(self, duration_ms, scoring_rule):
        """Hours in which no keyword could be hit."""
        taken = until = 0.0
        for event in self.keywords:
            end_ms = min(event.end_ms + scoring_rule.delay_ms, duration_ms)
            taken += max(0.0, end_ms - max(until, event.start_ms))
            until = max(until, end_ms)
        return (duration_ms - taken) / HOUR_MS


@dataclass(frozen=True)
class Score:
    delays_ms: np.ndarray  # float [keywords] from a keyword's end to its detection; NaN: missed
    false_accepts: list  # [(time_ms, word)], where no keyword could be hit
    wrong_words: int  # detections at another keyword's place
    late: int  # false accepts of the right word, after its keyword's window and within debounce_ms of its end
    others_accepted: np.ndarray  # bool [others]: a false accept fell on this word, or up to delay_ms after it

    @property
    def misses(self):
        return int(np.isnan(self.delays_ms).sum())


class Windows:
    """Where each of some events, by start, may be detected: from its start to delay_ms after its end."""

    def __init__(self, events, delay_ms):
        self.starts = [event.start_ms for event in events]
        self.ends = [event.end_ms + delay_ms for event in events]
        self.latest = list(accumulate(self.ends, max))  # end of this window or of any before it

    def at(self, time_ms):
        """Indices of the events in whose windows a time falls, by start."""
        last, here = bisect_right(self.starts, time_ms), []
        while last and self.latest[last - 1] >= time_ms:
            last -= 1
            if self.ends[last] >= time_ms:
                here.insert(0, last)
        return here


def score(detections, said, scoring_rule=ScoringRule()):
    """The Score of [(time_ms, word)], in order of time."""
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
    """[(time_ms, word)] of what a detector gave at each hop; the time is that of the hop's end."""
    hops = np.flatnonzero(detected != NOTHING)
    return [((hop + 1) * hop_ms, words[detected[hop]]) for hop in hops.tolist()]
