"""The drift proof, over minutes instead of hours, and that it fails if something drifts."""

import numpy as np
import pytest

from calibration.records import Pairs
from calibration.soak.proof import BOUNDS, broken, soak, summary
from calibration.soak.records import HalfHourFigures, SoakFigures
from calibration.soak.recovery import last_beyond
from calibration.soak.stream import disturbances, drawn_clips
from firmware.frontend import SAMPLE_RATE_HZ, Frontend
from firmware.host.binding import SpotterC
from firmware.paths import MODELS
from train.decision import decide, followed_by_silence, of_clips_alone
from train.integer_model import LOGIT_UNIT
from train.model import Model
from train.validation_clips import ValidationClips

FOLDER = MODELS / "commands-20k"
CLIPS_EACH = 60


@pytest.fixture(scope="module")
def model():
    return Model.load(FOLDER / "weights.npz")


@pytest.fixture(scope="module")
def clips(model, sound):
    """A minute of sounds, each second labelled with the integers' decision from a reset state."""
    codes = SpotterC(FOLDER).hear(sound(60)).codes.reshape(60, -1, model.frontend.bands)
    logits = model.quantize().run(followed_by_silence(model.frontend, codes))[0] * LOGIT_UNIT
    labels = decide(model.frontend, of_clips_alone(model.frontend, logits), model.keywords)
    return ValidationClips(codes, labels, np.array([f"sound/{second}" for second in range(60)]))


class Leaking(SpotterC):
    """A library whose logits drift with every hop."""

    hops = 0

    def stream(self, codes):
        logits = super().stream(codes)
        self.hops += len(codes)
        return logits + np.int16(self.hops // 12)


def test_nothing_drifts_in_minutes(model, clips):
    found = soak(SpotterC(FOLDER), SpotterC(FOLDER), model, clips, half_hours=3, clips_each=CLIPS_EACH)
    assert list(broken(found)) == [], summary(found)
    assert found.half_hours[0].clips == CLIPS_EACH and found.reset_is_fresh
    assert found.half_hours[0].right > 0.8 * CLIPS_EACH
    assert "\n| clipping | " in summary(found)


def test_a_drift_is_found(model, clips):
    found = soak(Leaking(FOLDER), SpotterC(FOLDER), model, clips, half_hours=3, clips_each=CLIPS_EACH)
    problems = " ".join(broken(found))
    assert "grew" in problems and f"over {BOUNDS['mean']} logits" in problems and "differs from a new one" in problems


def test_a_change_of_accuracy_is_described():
    found = SoakFigures(
        recipe="r",
        model_sha256="0" * 64,
        half_hours=(HalfHourFigures(mean=0.1, p99=0.2, agree=1.0, saturated=0.0, clips=1, right=1),),
        last_against_first=Pairs(lost=20, gained=3, p=0.0006),
        reset_is_fresh=True,
        recovery={},
    )
    assert list(broken(found)) == [
        "accuracy changed from the first to the last half hour: 20 lost, 3 gained, p = 0.001"
    ]


def test_the_first_and_the_last_half_hour_are_the_same_clips(clips):
    first, second, last = (drawn_clips(len(clips.labels), number, 2, 50) for number in range(3))
    np.testing.assert_array_equal(first, last)
    assert (first != second).any()


def test_disturbances_are_as_named():
    sounds = disturbances(Frontend(bands=40))
    hops = 10 * SAMPLE_RATE_HZ // Frontend(bands=40).hop_samples
    assert {codes.shape for codes in sounds.values()} == {(hops, 40)}
    assert (
        sounds["digital silence"].max() == -128 and sounds["clipping"].mean() > sounds["music-like tones"].mean() > -128
    )


@pytest.mark.parametrize("difference, hops", [([9, 3, 9, 0, 0], 3), ([0, 0], 0), ([0, 9], None)])
def test_a_recovery_lasts_until_the_difference_stays_small(difference, hops):
    assert last_beyond(np.array(difference), 3) == hops
