"""Chooses the thresholds of a model's three operating points on validation streams.

    eager       at most one false accept an hour over background noise
    balanced    and at most 1 % of other words accepted
    strict      and at most one false accept an hour of running speech

Each keyword has its own threshold, of one fifth or more, because some keywords resemble everyday noise and others do not.
A criterion limits the events: false accepts, or other words accepted.  The choice within the limit that is worth most is a
multiple-choice knapsack, solved exactly by dynamic programming (Kellerer et al. 2004, section 11): each keyword puts one of its
thresholds into it, which weighs its events.
"""

import numpy as np

from calibration.detector import detect
from calibration.records import ChosenPoint, ValidationFigures
from calibration.streams.sweep import all_figures, even_thresholds, score_detected
from firmware.files import read_json
from firmware.host.binding import CERTAIN
from firmware.model_json import Point, require_thresholds
from train.decision import KEYWORD_LEAST

NAMES = ("balanced", "strict", "eager")
"""In the order of a model's operating points."""

CRITERIA = {
    "eager": ("noise", "noise", "at most 1 false accept an hour over background noise"),
    "balanced": ("words", "words", "and at most 1 % of other words accepted"),
    "strict": ("speech", "words", "and at most 1 false accept an hour of running speech"),
}
"""By rising thresholds: the stream whose events are limited, the stream whose keywords count, the criterion as text."""

NEVER = 65535
HIGHEST = even_thresholds()[-1] / CERTAIN
"""The highest threshold to choose, as a share."""
NONE_HEARD = 0.5
"""Counts for no keyword heard, whose logarithm is finite then."""


def allowed(kind, heard):
    """The largest number of events that a criterion allows on the stream, a Heard, that limits them."""
    return len(heard.said.others) // 100 if kind == "words" else int(heard.hours())


def alone(heard, detector_rule, label, threshold):
    """The Score of one keyword at a threshold, with all others disabled."""
    thresholds = [threshold if keyword == label else NEVER for keyword in range(len(heard.words))]
    return score_detected(heard, detect(heard.smoothed, thresholds, detector_rule))


def events_of(kind, found):
    """The events of a Score that the criterion of this kind of stream counts."""
    return int(found.others_accepted.sum()) if kind == "words" else len(found.false_accepts)


def trade(kind, decides, says, detector_rule, label, rising):
    """(events, keywords heard), int [thresholds] each, of one keyword by itself at rising thresholds."""
    events, hits = [], []
    for threshold in rising:
        found = alone(decides, detector_rule, label, threshold)
        events.append(events_of(kind, found))
        spoken = found if says is decides else alone(says, detector_rule, label, threshold)
        hits.append(len(spoken.delays_ms) - spoken.misses)
    return np.array(events), np.array(hits)


def worth(hits):
    """What each of a keyword's thresholds is worth, from the keywords heard at it: as their logarithm, so that no keyword is
    given up for the sake of others; where nearly all are heard it falls by one for each that is missed."""
    most = max(1, hits.max())
    return most * np.log(np.maximum(hits, NONE_HEARD) / most)


def most_worth(trades, most):
    """The index of each keyword's threshold: those of the highest worth with at most `most` events in all.

    A keyword that makes more at every threshold has the highest one, and its events do not count.
    """
    total, choices = np.zeros(most + 1), []  # the worth of the keywords so far, by the events allowed
    for events, hits in trades:
        options = {}  # {events: (worth, index)}, of each number of events the best
        for index, (event, value) in enumerate(zip(events.tolist(), worth(hits).tolist(), strict=True)):
            if event <= most and (event not in options or value > options[event][0]):
                options[event] = value, index
        options = options or {0: (0.0, len(hits) - 1)}
        following, chosen = np.full(most + 1, -np.inf), np.zeros((most + 1, 2), int)  # its index and events
        for event in sorted(options):
            value, index = options[event]
            better = total[: most + 1 - event] + value > following[event:]
            following[event:][better] = total[: most + 1 - event][better] + value
            chosen[event:][better] = index, event
        total = following
        choices.append(chosen)
    places, left = [], most
    for chosen in reversed(choices):
        index, event = chosen[left].tolist()
        places.append(index)
        left -= event
    return places[::-1]


def chosen_places(trades, most, together):
    """The places of most_worth for the largest limit at which all keywords together make at most `most` events.

    If there is none, each keyword has its highest threshold.  together: the number of events by places.  Together
    keywords may make more events than the sum of each by itself: they share the candidate and the refractory period.
    """
    for fewer in range(most, -1, -1):
        places = most_worth(trades, fewer)
        if together(places) <= most:
            return places
    return [len(hits) - 1 for _, hits in trades]


def figures_at(thresholds, heard, detector_rule):
    """all_figures of a Heard, with a threshold for each keyword."""
    return all_figures(score_detected(heard, detect(heard.smoothed, thresholds, detector_rule)), heard.hours())


def validation_figures(thresholds, heard, detector_rule):
    """{kind: ValidationFigures} of {kind: Heard}, with a threshold for each keyword."""
    return {
        kind: ValidationFigures(hours=stream.hours(), **figures_at(thresholds, stream, detector_rule))
        for kind, stream in heard.items()
    }


def choose_points(heard, detector_rule):
    """The ChosenPoints of a model, in the order of NAMES, from {kind: Heard}."""
    words = next(iter(heard.values())).words
    least, points = [int(CERTAIN * KEYWORD_LEAST)] * len(words), {}
    for name, (kind, spoken, criterion) in CRITERIA.items():
        rising = [[threshold for threshold in even_thresholds() if threshold >= at_least] for at_least in least]
        trades = [
            trade(kind, heard[kind], heard[spoken], detector_rule, label, thresholds)
            for label, thresholds in enumerate(rising)
        ]

        def together(places, kind=kind, rising=rising):
            thresholds = [choices[place] for choices, place in zip(rising, places, strict=True)]
            return events_of(kind, score_detected(heard[kind], detect(heard[kind].smoothed, thresholds, detector_rule)))

        most = allowed(kind, heard[kind])
        places = chosen_places(trades, most, together)
        least = [choices[place] for choices, place in zip(rising, places, strict=True)]
        points[name] = ChosenPoint(
            name=name,
            criterion=criterion,
            thresholds={word: threshold / CERTAIN for word, threshold in zip(words, least, strict=True)},
            validation=validation_figures(least, heard, detector_rule),
        )
    return tuple(points[name] for name in NAMES)


def read_point(path, words):
    """The Point in a JSON file, which `make page` writes; ValueError if it is none, or one of other keywords."""
    point = read_json(path, Point)
    if point.name in NAMES:
        raise ValueError(f"{path}: {point.name} is the name of a point that `make calibrate` chooses; give it another")
    for word, threshold in point.thresholds.items():
        if threshold > 1:
            raise ValueError(f"{path}: thresholds.{word}: {threshold}: that of a smoothed posterior is at most 1")
    try:
        require_thresholds([point], words)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return point


def own_point(point, heard, detector_rule):
    """The ChosenPoint of a Point with thresholds of the user's own."""
    words = next(iter(heard.values())).words if heard else point.thresholds
    thresholds = [round(point.thresholds[word] * CERTAIN) for word in words]
    figures = validation_figures(thresholds, heard, detector_rule)
    return ChosenPoint(name=point.name, criterion="own", thresholds=point.thresholds, validation=figures)


def warnings_of(points):
    """A line for each problem of ChosenPoints: no keyword detected, all thresholds at the highest, or equal points."""
    alike = {}
    for point in points:
        alike.setdefault(tuple(sorted(point.thresholds.items())), []).append(point.name)
        figures = [found for found in point.validation.values() if found.keywords]
        if figures and all(found.misses == found.keywords for found in figures):
            yield (
                f"{point.name} misses every keyword on validation: the model has not learnt them; check the accuracy that "
                "training printed, train for more epochs or on more recordings"
            )
        elif min(point.thresholds.values()) >= HIGHEST:
            yield (
                f"{point.name}: every keyword has the highest threshold ({HIGHEST:.4f}); false accepts may still be too "
                "many: train on more other words and background"
            )
    for names in alike.values():
        if len(names) > 1:
            yield f"{', '.join(names)} have the same thresholds: switching between them changes nothing"
