"""Measures a recipe on a stream: the StreamFigures in stream.json."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from calibration.detector import Detector
from calibration.operating_points import read_point
from calibration.records import MeasuredPoint, Negatives, StreamFigures
from calibration.streams.build import build
from calibration.streams.description import DESCRIPTIONS, load_description
from calibration.streams.events import SENTENCE, read_stream
from calibration.streams.listening import hear_kind
from calibration.streams.scoring import HOUR_MS, ScoringRule
from calibration.streams.sweep import all_figures, recall, score_detected, sweep
from firmware.host.binding import CERTAIN, SpotterC
from firmware.recipes import model_folder, recipe_name
from firmware.words import describe_other_words


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


def measure(recipe, stream, own=""):
    """The StreamFigures of a recipe on a stream, as of folder_of; own: the file of a further operating point."""
    spotter = SpotterC(model_folder(recipe_name(recipe)))
    model = spotter.model
    if own:
        points = (*model.operating_points, read_point(own, model.words))
        model = model.model_copy(update={"operating_points": points})
    name, folder = folder_of(stream)
    detector = Detector.of(model, model.words)
    scoring_rule = ScoringRule()
    negatives, points, det, recalled = {}, [], {}, {}
    kinds = read_stream(folder)
    for line in other_words(kinds, spotter.model.words):
        print(line)
    for kind, recordings in kinds.items():
        heard, decisions = hear_kind(spotter, recordings, detector, kind)
        hours = heard.hours(scoring_rule)
        recorded = len(heard.smoothed) * heard.hop_ms / HOUR_MS
        negatives[kind] = Negatives(hours=hours, recorded_hours=recorded, asleep=heard.asleep)
        scores = [score_detected(heard, detected, scoring_rule) for detected in decisions]
        for point, found in zip(detector.points, scores, strict=True):
            shares = [threshold / CERTAIN for threshold in point.thresholds]
            points.append(
                MeasuredPoint(
                    name=point.name,
                    threshold=sum(shares) / len(shares),
                    thresholds=dict(zip(heard.words, shares, strict=True)),
                    kind=kind,
                    **all_figures(found, hours),
                )
            )
        det[kind] = sweep(heard, detector.points[0], detector.rule, scoring_rule)
        recalled[kind] = recall(scores[0], heard.said)
    return StreamFigures(
        recipe=recipe_name(recipe),
        model_sha256=spotter.model.model_sha256,
        stream=name,
        rule={**asdict(detector.rule), **asdict(scoring_rule)},
        negatives=negatives,
        operating_points=tuple(points),
        det=det,
        recall=recalled,
    )
