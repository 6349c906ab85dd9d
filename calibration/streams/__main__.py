"""Misses and false accepts an hour on long recordings, through the C library that ships.

    python -m calibration.streams RECIPE STREAM        writes BUILD/RECIPE/stream.json and det.png

STREAM is a description in calibration/streams (test, small), one's own .toml file, or a folder of recordings with its
events.tsv; docs/streams.md says how each is made and by what rule it is scored.
"""

import argparse
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from calibration.detector import Detector
from calibration.plots import save
from calibration.records import MeasuredPoint, Negatives, StreamFigures
from calibration.streams.build import build
from calibration.streams.description import DESCRIPTIONS, load_description
from calibration.streams.events import SENTENCE, read_stream
from calibration.streams.listening import hear_kind
from calibration.streams.plot import det_curves
from calibration.streams.scoring import HOUR_MS, ScoringRule
from calibration.streams.sweep import all_figures, recall, score_detected, sweep
from firmware.command import run_command
from firmware.files import write_json
from firmware.host.binding import CERTAIN, SpotterC
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import model_folder, recipe_name
from firmware.words import told_apart


def folder_of(stream):
    """(a stream's name, its folder), built where it is a description."""
    description = load_description(stream) if stream else None
    if description:
        return description.name, build(description)
    if not stream or not Path(stream).is_dir():
        known = ", ".join(sorted(path.stem for path in DESCRIPTIONS.glob("*.toml")))
        raise ValueError(f"'{stream}': no such stream; give as STREAM= one of {known}, a .toml file or a folder")
    return Path(stream).resolve().name, Path(stream).resolve()


def other_words(kinds, keywords):
    """Lines that say which words of a stream are no keywords."""
    words = (
        event.word
        for recordings in kinds.values()
        for _, events in recordings
        for event in events
        if event.event != SENTENCE
    )
    return told_apart(Counter(words), keywords, "counted as other words", "event")


def measure(recipe, stream):
    """The StreamFigures of a recipe on a stream."""
    name, folder = folder_of(stream)
    spotter = SpotterC(model_folder(recipe_name(recipe)))
    detector = Detector.of(spotter.model, spotter.model.words)
    scoring_rule = ScoringRule()
    negatives, points, det, recalled = {}, [], {}, {}
    kinds = read_stream(folder)
    for line in other_words(kinds, spotter.model.words):
        print(line)
    for kind, recordings in kinds.items():
        heard, decisions = hear_kind(spotter, recordings, detector, kind)
        hours = heard.hours(scoring_rule)
        negatives[kind] = Negatives(hours=hours, recorded_hours=len(heard.smoothed) * heard.hop_ms / HOUR_MS)
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


COLUMNS = (
    "kind",
    "point",
    "negative hours",
    "missed",
    "wrong word",
    "false accepts",
    "an hour",
    "other words accepted",
    "delay, median and p95",
)


def percent(value):
    return "-" if value is None else f"{value:.1%}"


def cells_of(measured):
    """A row of COLUMNS for each operating point and kind."""
    for point in measured.operating_points:
        missed = accepted = delay = "-"
        if point.keywords:
            missed = f"{point.misses} of {point.keywords}, {percent(point.misses / point.keywords)}"
            missed += f" ({percent(point.miss_low)} to {percent(point.miss_high)})"
        if point.others:
            accepted = percent(point.others_accepted / point.others) + f" of {point.others}"
        if point.delay_ms.median is not None:
            delay = f"{point.delay_ms.median:.0f}, {point.delay_ms.p95:.0f} ms"
        late = f", {point.late} late" if point.late else ""
        rate = f"{point.fa_per_hour:.2f} ({point.low:.2f} to {point.high:.2f})"
        hours = f"{measured.negatives[point.kind].hours:.2f}"
        wrong, false = str(point.wrong_words), f"{point.false_accepts}{late}"
        yield (point.kind, point.name, hours, missed, wrong, false, rate, accepted, delay)


def points_table(measured):
    """The text that is printed, of StreamFigures."""
    title = f"{measured.recipe} on stream {measured.stream}; in brackets 95 % intervals (Wilson, Poisson)"
    return f"{title}\n{table(COLUMNS, cells_of(measured))}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("stream")
    arguments = parser.parse_args()
    measured = measure(arguments.recipe, arguments.stream)
    path = build_folder() / measured.recipe / "stream.json"
    write_json(path, measured)
    print(points_table(measured))
    for kind, groups in measured.recall.items():
        for column, values in groups.items():
            print(
                f"{kind}, recall by {column}: "
                + ", ".join(f"{value} {found.share:.3f}" for value, found in values.items())
            )
    save(det_curves(measured), path.with_name("det.png"))
    print(path)


if __name__ == "__main__":
    run_command("stream", main)
