"""The drift proof: its measurements, its bounds, and the text that `make soak` prints."""

import numpy as np

from calibration.significance import mcnemar
from calibration.soak.hours import Soak
from calibration.soak.records import SoakFigures
from calibration.soak.recovery import recoveries, reset_is_fresh
from calibration.soak.stream import HALF_HOUR_CLIPS, drawn_clips
from firmware.markdown import table

BOUNDS = {"mean": 0.3, "growth": 1.5, "agree": 0.02, "p": 0.01, "near_ms": 5000}
"""mean: most mean |error| of a half hour, logits; growth: most of the last half hour's over the first's; agree: most loss of
agreement between them; p: least p of their difference in accuracy; near_ms: longest recovery."""


def soak(spotter, fresh, model, clips, half_hours, clips_each=HALF_HOUR_CLIPS):
    """The SoakFigures.

    fresh: a second SpotterC of the same model that has heard nothing; clips: ValidationClips.
    """
    heard, last = Soak(spotter, model), half_hours - 1
    hours = [
        heard.half_hour(clips, drawn_clips(len(clips.labels), number, last, clips_each), number)
        for number in range(half_hours)
    ]
    return SoakFigures(
        recipe=model.recipe,
        model_sha256=spotter.model.model_sha256,
        half_hours=tuple(half_hour.figures() for half_hour in hours),
        last_against_first=mcnemar(*(np.array(hours[place].right) for place in (0, -1))),
        reset_is_fresh=reset_is_fresh(spotter, fresh, clips.codes[:20].reshape(-1, clips.codes.shape[2])),
        recovery=recoveries(spotter, clips, model),
    )


def broken(found):
    """A line for each broken bound."""
    first, last = found.half_hours[0], found.half_hours[-1]
    if any(half_hour.mean > BOUNDS["mean"] for half_hour in found.half_hours):
        yield f"the mean error of a half hour is over {BOUNDS['mean']} logits"
    if last.mean > BOUNDS["growth"] * first.mean:
        yield f"the mean error grew from {first.mean:.4f} to {last.mean:.4f}"
    if last.agree < first.agree - BOUNDS["agree"]:
        yield f"agreement with float fell from {first.agree:.2%} of hops to {last.agree:.2%}"
    pairs = found.last_against_first
    if pairs.p < BOUNDS["p"]:
        yield (
            f"accuracy changed from the first to the last half hour: {pairs.lost} lost, {pairs.gained} gained, "
            f"p = {pairs.p:.3f}"
        )
    if not found.reset_is_fresh:
        yield "a reset stream differs from a new one"
    for name, recovery in found.recovery.items():
        if recovery.near_ms is None or recovery.near_ms > BOUNDS["near_ms"]:
            yield f"{name}: no recovery within {BOUNDS['near_ms']} ms"


def half_hours_table(half_hours):
    """A row for each half hour."""
    header = ["half hour", "mean error, logits", "99th percentile", "agreement", "saturated units", "accuracy"]
    rows = [
        (
            number,
            *(f"{figure:.4f}" for figure in (half_hour.mean, half_hour.p99, half_hour.agree)),
            f"{half_hour.saturated:.4%}",
            f"{half_hour.right / half_hour.clips:.4f}",
        )
        for number, half_hour in enumerate(half_hours, 1)
    ]
    return table(header, rows)


def recovery_table(recovery):
    """A row for each disturbance."""
    rows = [
        (
            disturbance,
            *("never" if time is None else f"{time} ms" for time in (after.near_ms, after.equal_ms)),
            f"{after.same} of {after.clips}",
        )
        for disturbance, after in recovery.items()
    ]
    return table(["after 10 s of", "within 0.1 logit for good", "equal bits", "same decisions"], rows)


def summary(found):
    """The text that `make soak` prints."""
    pairs = found.last_against_first
    return "\n".join(
        [
            half_hours_table(found.half_hours),
            f"last half hour against the first, same clips: {pairs.lost} lost, {pairs.gained} gained, p = {pairs.p:.2f}",
            recovery_table(found.recovery),
            f"a reset stream {'equals' if found.reset_is_fresh else 'DIFFERS FROM'} a new one",
        ]
    )
