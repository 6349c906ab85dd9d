"""Measures a recipe on a stream: the StreamFigures in stream.json."""

from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path

from calibration.detector import Detector, OperatingPoint
from calibration.operating_points import read_point
from calibration.records import MeasuredPoint, Negatives, StreamFigures
from calibration.streams.build import build
from calibration.streams.description import DESCRIPTIONS, load_description
from calibration.streams.events import SENTENCE, read_stream
from calibration.streams.listening import hear_kind
from calibration.streams.scoring import HOUR_MS, ScoringRule
from calibration.streams.sweep import all_figures, recall, score_detected, sweep
from firmware.host.binding import CERTAIN, SpotterC
from firmware.progress import progress
from firmware.recipes import model_folder, of_keywords, recipe_name
from firmware.words import describe_other_words
from firmware.workers import each


def folder_of(stream):
    """(name, folder) of a stream given as a description, which is built first, or as a folder."""
    description = load_description(stream) if stream else None
    if description:
        return description.name, build(description)
    if not stream or not Path(stream).is_dir():
        known = ", ".join(sorted(path.stem for path in DESCRIPTIONS.glob("*.toml")))
        raise ValueError(f"'{stream}': no such stream; give one of {known}, a .toml file or a folder as STREAM=")
    return Path(stream).resolve().name, Path(stream).resolve()


def other_words(kinds, keywords):
    """Lines that list the words of a stream that are no keywords."""
    words = (
        event.word
        for recordings in kinds.values()
        for _, events in recordings
        for event in events
        if event.event != SENTENCE
    )
    return describe_other_words(Counter(words), keywords, "counted as other words", "event")


def measure_kind(folder, points, named):
    """(Negatives, [MeasuredPoint], DET rows, recall) of the model in a folder on a kind of stream (name, [(path, [Event])])."""
    kind, recordings = named
    spotter, rule = SpotterC(folder), ScoringRule()
    detector = Detector.of(spotter.model.model_copy(update={"operating_points": points}), spotter.model.words)
    heard, decisions = hear_kind(spotter, recordings, detector, kind)
    hours = heard.hours(rule)
    if hours * HOUR_MS < heard.hop_ms:
        raise ValueError(
            f"{kind}: keywords, and the {rule.delay_ms} ms after each, fill its recordings, so that no detection can be a "
            "false accept: add recordings without keywords"
        )
    recorded = len(heard.smoothed) * heard.hop_ms / HOUR_MS
    scores = [score_detected(heard, detected, rule) for detected in decisions]
    measured = []
    for point, found in zip(detector.points, scores, strict=True):
        shares = [threshold / CERTAIN for threshold in point.thresholds]
        measured.append(
            MeasuredPoint(
                name=point.name,
                threshold=sum(shares) / len(shares),
                thresholds=dict(zip(heard.words, shares, strict=True)),
                kind=kind,
                **all_figures(found, hours),
            )
        )
    negatives = Negatives(hours=hours, recorded_hours=recorded, asleep=heard.asleep)
    return negatives, measured, sweep(heard, detector.points[0], detector.rule, rule), recall(scores[0], heard.said)


def with_point(points, point, path):
    """Operating points and a further one, unless it is among them; ValueError naming its file if another has its name."""
    own = OperatingPoint.of(point, sorted(point.thresholds))
    same = [OperatingPoint.of(known, sorted(point.thresholds)) for known in points if known.name == point.name]
    if same and same != [own]:
        raise ValueError(
            f"{path}: the model has an operating point {point.name} with other thresholds; give this one another name"
        )
    return points if same else (*points, point)


def measure(recipe, stream, own=""):
    """The StreamFigures of a recipe on a stream, as of folder_of; own: the file of a further operating point."""
    [model_in] = of_keywords([model_folder(recipe_name(recipe))])
    model = SpotterC(model_in).model
    points = model.operating_points
    if own:
        points = with_point(points, read_point(own, model.words), own)
    name, folder = folder_of(stream)
    kinds = read_stream(folder)
    for line in other_words(kinds, model.words):
        print(line)
    heard = each(partial(measure_kind, model_in, points), kinds.items())
    heard = progress(heard, "hearing", "kinds of stream", total=len(kinds))
    found = dict(zip(kinds, heard, strict=True))
    return StreamFigures(
        recipe=recipe_name(recipe),
        model_sha256=model.model_sha256,
        stream=name,
        rule={**asdict(Detector.of(model, model.words).rule), **asdict(ScoringRule())},
        negatives={kind: negatives for kind, (negatives, _, _, _) in found.items()},
        operating_points=tuple(point for _, measured, _, _ in found.values() for point in measured),
        det={kind: det for kind, (_, _, det, _) in found.items()},
        recall={kind: recalled for kind, (_, _, _, recalled) in found.items()},
    )
