"""Chooses the thresholds of a model of voice, hop by hop, on windows of validation clips mixed as the recipe says.

eager       at most 2 % of the hops in which somebody speaks are missed
balanced    as large a share of them is missed as of the other hops is taken for voice
strict      at most 2 % of the other hops are taken for voice
"""

import numpy as np

from calibration.detector import smooth
from calibration.operating_points import NAMES
from calibration.records import ChosenPoint
from firmware.host.binding import CERTAIN
from train.augmentation import Augmentation
from train.splits import VALIDATION
from train.voice import spoken_at, spoken_in
from train.windows import Composer

WINDOWS, SEED = 400, 5
FEW = 0.02


def validation_windows(recipe, clips):
    """(codes int8 [windows, hops, bands], whether somebody speaks, bool [windows, hops]) of a recipe's Clips."""
    random, clips = np.random.default_rng(SEED), clips.select(clips.split == VALIDATION)
    labels = recipe.labels_of(clips.word)
    layout = Composer(recipe, clips, labels).draw(WINDOWS, random)
    features = Augmentation(recipe, clips, labels).draw(layout, random).numpy()
    return recipe.feature_map.codes(features), spoken_at(layout, spoken_in(clips, labels))


def choose_voice_points(smoothed, spoken, word):
    """The ChosenPoints of a model of voice from its smoothed posteriors int [hops], UQ1.15, and whether somebody spoke."""
    heard, other = np.sort(smoothed[spoken]), np.sort(smoothed[~spoken])
    thresholds = np.arange(1, CERTAIN)
    missed = np.searchsorted(heard, thresholds) / len(heard)
    taken = 1 - np.searchsorted(other, thresholds) / len(other)
    places = {
        "eager": max(0, np.searchsorted(missed, FEW, "right") - 1),
        "balanced": np.searchsorted(missed - taken, 0),
        "strict": min(len(thresholds) - 1, np.searchsorted(-taken, -FEW)),
    }
    return tuple(
        ChosenPoint(
            name=name,
            criterion=f"{missed[places[name]]:.1%} of the hops in which somebody speaks missed, "
            f"{taken[places[name]]:.1%} of the others taken for voice",
            thresholds={word: float(thresholds[places[name]] / CERTAIN)},
            validation={},
        )
        for name in NAMES
    )


def voice_points(recipe, clips, integers, detector_rule):
    """The ChosenPoints of an IntegerModel of voice on a recipe's Clips."""
    codes, spoken = validation_windows(recipe, clips)
    smoothed = smooth(integers.run(codes)[0], integers.model.keywords, detector_rule.smoothing_shift)[:, :, 0]
    return choose_voice_points(smoothed.ravel(), spoken.ravel(), recipe.keywords[0])
