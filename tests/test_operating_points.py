"""The choice of operating points, on streams made by hand."""

import json
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.detector import DetectorRule
from calibration.models import load_calibration, load_model
from calibration.operating_points import (
    CRITERIA,
    HIGHEST,
    choose_points,
    chosen_places,
    most_worth,
    own_point,
    read_point,
    warnings_of,
    worth,
)
from calibration.streams.events import Event
from calibration.streams.measurement import with_point
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from firmware.files import write_json
from firmware.model_json import Point
from firmware.paths import MODELS
from tests.measure.switches import false_accepts_at
from train.decision import KEYWORD_LEAST

WORDS = ("yes", "no")
RULE = DetectorRule(2, 30)
HOUR = 180_000
"""Hops."""


def heard_of(hops, *bursts, events=()):
    """A Heard whose smoothed posteriors are bursts of ten hops, (first, label, 0..1)."""
    smoothed = np.zeros((hops, 2), np.uint16)
    for first, label, value in bursts:
        smoothed[first : first + 10, label] = round(value * 32768)
    return Heard(smoothed, 20, WORDS, Said.of(list(events), WORDS))


def test_thresholds_trade_events_for_the_most_keywords():
    noisy = np.array([6, 3, 1, 0]), np.array([50, 49, 48, 20])
    clean = np.array([2, 0, 0, 0]), np.array([50, 50, 45, 40])
    assert most_worth([noisy, clean], 9) == [0, 1], "of two that hear as many, the one without an event"
    assert most_worth([noisy, clean], 1) == [2, 1]
    assert most_worth([noisy, clean], 0) == [3, 1]
    assert most_worth([(np.array([5, 4]), np.array([9, 1]))] * 2, 0) == [1, 1], "the highest where none is enough"


def test_no_keyword_is_given_up_for_others():
    hard = np.array([8, 4, 0]), np.array([90, 60, 0])
    easy = np.array([4, 0]), np.array([100, 50])
    assert most_worth([hard, easy], 4) == [1, 1], "more are heard than by [2, 0]"
    assert most_worth([(np.array([4, 0]), np.array([60, 0])), (np.array([4, 0]), np.array([100, 35]))], 4) == [0, 1]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), min_size=1, max_size=4), min_size=1, max_size=3
    ),
    st.integers(0, 8),
)
def test_no_other_thresholds_are_worth_more(keywords, most):
    trades = [tuple(np.array(values) for values in zip(*one, strict=True)) for one in keywords]
    trades = [
        (np.append(events, 0), np.append(hits, 0)) for events, hits in trades
    ]  # the highest threshold hears nothing

    def worth_of(places):
        return sum(worth(hits)[place] for (_, hits), place in zip(trades, places, strict=True))

    def events_of(places):
        return sum(events[place] for (events, _), place in zip(trades, places, strict=True))

    found = most_worth(trades, most)
    others = product(*(range(len(hits)) for _, hits in trades))
    assert events_of(found) <= most
    assert worth_of(found) == pytest.approx(max(worth_of(places) for places in others if events_of(places) <= most))


def test_fewer_events_are_chosen_if_keywords_interact():
    trades = [(np.array([2, 1, 0]), np.array([9, 8, 7])), (np.array([1, 0]), np.array([9, 8]))]
    assert chosen_places(trades, 3, lambda places: 3) == [0, 0]
    assert chosen_places(trades, 2, lambda places: 4 - sum(places)) == [1, 1]
    assert chosen_places(trades, 1, lambda places: 2) == [2, 1], "the highest where none is enough"


def test_points_rise_and_each_keeps_its_criterion():
    others = [Event(1000 * place + 200, 1000 * place + 700, "house") for place in range(200)]
    said = [Event(1000 * place + 200, 1000 * place + 700, "yes") for place in range(300, 400)]
    likely = [(50 * place + 20, 0, 0.1 + 0.004 * place) for place in range(200)]
    words = heard_of(HOUR, *likely, *((50 * place + 20, 0, 0.95) for place in range(300, 400)), events=others + said)
    noise = heard_of(2 * HOUR, (1000, 1, 0.95), (3000, 1, 0.97), (5000, 1, 0.99))
    speech = heard_of(HOUR // 2, (1000, 0, 0.96))
    points = {p.name: p for p in choose_points({"noise": noise, "words": words, "speech": speech}, RULE)}
    assert list(points) == ["balanced", "strict", "eager"]
    for word in WORDS:
        rising = [points[name].thresholds[word] for name in CRITERIA]
        assert rising == sorted(rising) and rising[0] >= KEYWORD_LEAST
    assert points["eager"].validation["noise"].false_accepts <= 2
    few, any_number = (false_accepts_at(missed, words, speech, points["balanced"], RULE) for missed in (0.0, 1.0))
    assert few == pytest.approx(2, rel=0.01) and any_number == 0, "one burst in half an hour, while every yes is heard"
    assert points["balanced"].validation["words"].others_accepted <= 2
    assert points["balanced"].validation["words"].misses == 0
    assert points["strict"].validation["speech"].false_accepts == 0


OWN = {"name": "own", "thresholds": {"no": 0.97, "yes": 0.5}}


def test_a_point_of_ones_own_is_measured_like_the_others(tmp_path):
    (tmp_path / "point.json").write_text(json.dumps(OWN))
    noise = heard_of(2 * HOUR, (1000, 1, 0.95), (3000, 1, 0.98), (5000, 0, 0.6))
    chosen = own_point(read_point(tmp_path / "point.json", WORDS), {"noise": noise}, RULE)
    assert chosen.name == "own" and chosen.thresholds == OWN["thresholds"]
    assert chosen.validation["noise"].false_accepts == 2


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"name": "eager"}, "eager is the name of a point that `make calibrate` chooses"),
        ({"thresholds": {"yes": 0.5}}, "operating point own: has thresholds for yes; the keywords are yes, no"),
        ({"thresholds": {"yes": 0.5, "no": 2}}, "thresholds.no: 2.0: that of a smoothed posterior is at most 1"),
    ],
)
def test_a_point_that_does_not_fit_is_refused_with_its_file(tmp_path, changed, reason):
    path = tmp_path / "point.json"
    path.write_text(json.dumps({**OWN, **changed}))
    with pytest.raises(ValueError) as refused:
        read_point(path, WORDS)
    assert str(refused.value).startswith(f"{path}: {reason}")


def point(name, thresholds, *figures):
    """The part of a ChosenPoint that warnings use: thresholds, and (misses, keywords) of each stream."""
    validation = {place: SimpleNamespace(misses=misses, keywords=of) for place, (misses, of) in enumerate(figures)}
    return SimpleNamespace(name=name, thresholds=dict(zip(WORDS, thresholds, strict=True)), validation=validation)


def test_useless_points_get_a_warning():
    deaf = [point(name, (HIGHEST, HIGHEST), (9, 9), (0, 0)) for name in ("balanced", "strict")]
    first, second, third = warnings_of(deaf)
    assert first.startswith("balanced misses every keyword on validation") and second.startswith("strict misses every")
    assert third == "balanced, strict have the same thresholds: switching between them changes nothing"
    (line,) = warnings_of([point("strict", (HIGHEST, HIGHEST), (8, 9))])
    assert line.startswith("strict: every keyword has the highest threshold")
    assert not list(warnings_of([point("eager", (0.5, HIGHEST), (1, 9)), point("strict", (0.6, HIGHEST), (2, 9))]))


def test_a_model_that_misses_everything_is_exported_with_a_warning(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BUILD", str(tmp_path))
    calibration = json.loads((MODELS / "commands-6k" / "calibration.json").read_text())
    for point in calibration["operating_points"]:
        for figures in point["validation"].values():
            figures["misses"] = figures["keywords"]
    write_json(tmp_path / "commands-6k" / "calibration.json", calibration)
    load_calibration("commands-6k", load_model("commands-6k")[0])
    assert capsys.readouterr().err.count("misses every keyword on validation") == 3


def test_a_point_of_ones_own_is_added_once():
    shipped = Point(name="mine", thresholds=dict.fromkeys(WORDS, 0.5))
    other = shipped.model_copy(update={"name": "other"})
    assert with_point((shipped,), other, "other.json") == (shipped, other)
    assert with_point((shipped, other), shipped, "mine.json") == (shipped, other)
    changed = shipped.model_copy(update={"thresholds": dict.fromkeys(WORDS, 0.6)})
    with pytest.raises(ValueError, match="mine.json: the model has an operating point mine with other thresholds"):
        with_point((shipped,), changed, "mine.json")
