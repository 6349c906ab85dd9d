"""The scoring rule, case by case; rates and their intervals; `make stream` from end to end."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from calibration.detector import DetectorRule, OperatingPoint
from calibration.plots import save
from calibration.records import Delay, StreamFigures
from calibration.significance import poisson
from calibration.streams.events import Event
from calibration.streams.measurement import folder_of, measure_kind
from calibration.streams.plot import det_curves
from calibration.streams.scoring import Said, ScoringRule, Windows, detections_of, score
from calibration.streams.sweep import THRESHOLDS, Heard, all_figures, moved, recall, sweep
from calibration.streams.tables import curve_lines, points_table
from firmware.files import read_json
from firmware.host.binding import NOTHING
from firmware.model_json import read_model_json
from firmware.paths import MODELS
from tests.records import measured_point, stream_figures
from tests.test_make import make

WORDS = ("yes", "no")
YES = Event(10_000, 10_600, "yes")
"""May be hit from 10,000 to 11,100 ms."""


def scored(*detections, events=(YES,)):
    return score(list(detections), Said.of(events, WORDS))


@pytest.mark.parametrize(
    "time_ms, hit", [(9_999, False), (10_000, True), (10_600, True), (11_100, True), (11_101, False)]
)
def test_a_hit_falls_from_the_start_to_half_a_second_after_the_end(time_ms, hit):
    found = scored((time_ms, "yes"))
    assert found.misses == (not hit) and len(found.false_accepts) == (not hit)
    if hit:
        assert found.delays_ms[0] == time_ms - 10_600


def test_a_second_detection_of_the_same_word_within_the_debounce_is_ignored_and_after_it_false():
    assert scored((10_100, "yes"), (11_099, "yes")).false_accepts == []
    found = scored((10_100, "yes"), (11_100, "yes"))
    assert found.misses == 0 and found.false_accepts == [(11_100, "yes")] and found.wrong_words == 0


def test_another_word_at_a_keyword_is_a_wrong_word_and_the_keyword_is_missed():
    found = scored((10_500, "no"))
    assert found.misses == 1 and found.false_accepts == [] and found.wrong_words == 1


def test_a_wrong_word_before_or_after_the_right_one_counts_too():
    found = scored((10_200, "no"), (10_500, "yes"), (10_900, "no"))
    assert found.misses == 0 and found.wrong_words == 1, "the second `no` is within its debounce"


def test_false_accepts_of_one_word_within_a_second_are_one_and_a_hit_after_one_counts():
    assert len(scored((1000, "no"), (1500, "no"), (1999, "no"), (2000, "no"), (2500, "yes")).false_accepts) == 3
    found = scored((9_900, "yes"), (10_500, "yes"))
    assert found.misses == 0 and found.false_accepts == [(9_900, "yes")]


def test_each_keyword_is_hit_once_and_the_earlier_first():
    again = Event(10_700, 11_200, "yes")
    found = scored((10_800, "yes"), (11_000, "yes"), events=(YES, again))
    np.testing.assert_array_equal(found.delays_ms, [200, -200])
    assert scored((11_600, "yes"), events=(YES, again)).misses == 1


def test_a_right_word_too_late_is_a_miss_and_a_late_false_accept():
    for time_ms, late in ((11_101, 1), (11_600, 1), (11_601, 0)):
        found = scored((time_ms, "yes"))
        assert found.misses == len(found.false_accepts) == 1 and found.late == late and found.wrong_words == 0
    assert scored((10_100, "yes"), (11_500, "yes")).late == 0, "the keyword was heard"


def test_a_stream_may_have_no_keywords_or_no_detections():
    silent = scored(events=())
    assert silent.misses == 0 and all_figures(silent, 1.0)["miss_low"] is None
    assert silent.false_accepts == [] and len(scored((1, "yes"), events=()).false_accepts) == 1
    assert scored().misses == 1


def test_other_words_that_were_accepted_are_counted_and_sentences_are_not_words():
    others = [Event(1_000, 1_400, "house"), Event(3_000, 3_400, "tree"), Event(4_500, 9_000, "I said yes", "sentence")]
    found = scored((1_900, "no"), (6_000, "yes"), events=[*others, YES])
    assert list(found.others_accepted) == [True, False] and len(found.false_accepts) == 2
    assert Said.of(others, WORDS).others == others[:2]


def test_a_hit_during_another_word_does_not_accept_that_word():
    found = scored((11_000, "yes"), events=[YES, Event(10_900, 11_300, "house")])
    assert list(found.others_accepted) == [False] and found.misses == 0


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 900)), max_size=30), st.integers(0, 5000))
def test_windows_are_found_when_events_overlap(spans, time_ms):
    events = sorted((Event(start, start + long, "yes") for start, long in spans), key=lambda event: event.start_ms)
    wanted = [n for n, event in enumerate(events) if event.start_ms <= time_ms <= event.end_ms + 500]
    assert Windows(events, 500).at(time_ms) == wanted


def test_negative_hours_are_those_outside_all_windows():
    said = Said.of([Event(10_000, 10_500, "yes"), Event(10_900, 11_300, "no"), Event(19_900, 20_000, "yes")], WORDS)
    assert said.negative_hours(20_000, ScoringRule()) * 3_600_000 == pytest.approx(20_000 - 1_800 - 100)


def test_the_time_of_a_detection_is_the_end_of_its_hop():
    detected = np.array([NOTHING, 0, NOTHING, 1])
    assert detections_of(detected, 20, WORDS) == [(40, "yes"), (80, "no")]


@pytest.mark.parametrize(
    "count, low, high", [(0, 0, 3.689), (1, 0.0253, 5.572), (3, 0.619, 8.767), (10, 4.795, 18.390), (50, 37.11, 65.92)]
)
def test_the_poisson_interval_is_the_exact_one_of_the_tables(count, low, high):
    """Garwood 1936: 95 % limits of a count, from printed tables of the Poisson distribution."""
    np.testing.assert_allclose(poisson(count, 1.0), (low, high), rtol=1e-3)
    np.testing.assert_allclose(poisson(count, 4.0), (low / 4, high / 4), rtol=1e-3)


def test_figures_of_an_operating_point():
    events = [Event(1000 * n, 1000 * n + 300, "yes", "", {"gender": "fm"[n % 2]}) for n in range(10, 20)]
    found = scored(*[(1000 * n + 340, "yes") for n in range(10, 18)], (100, "no"), events=events)
    about = all_figures(found, 2.0)
    assert about["misses"] == 2 and about["keywords"] == 10 and about["fa_per_hour"] == 0.5
    assert about["miss_low"] == pytest.approx(0.0567, abs=1e-3) and about["miss_high"] == pytest.approx(
        0.5098, abs=1e-3
    )
    assert about["delay_ms"] == Delay(median=40, p95=40)
    by = recall(found, Said.of(events, WORDS))
    assert by["word"]["yes"].heard == 8 and by["gender"]["f"].share == 0.8 and set(by) == {"word", "gender"}


def certain(hops, *bursts):
    """Smoothed posteriors uint16 [hops, 2]: 0 but for (first, last, label, value 0..1)."""
    smoothed = np.zeros((hops, 2), np.uint16)
    for first, last, label, value in bursts:
        smoothed[first:last, label] = round(value * 32768)
    return smoothed


HALF = OperatingPoint("balanced", (16384, 16384))


def test_a_sweep_falls_from_false_accepts_to_misses():
    smoothed = certain(3000, (510, 530, 0, 0.9), (1000, 1010, 1, 0.5), (2000, 2010, 1, 0.99))
    heard = Heard(smoothed, 20, WORDS, Said.of([YES], WORDS))
    rows = sweep(heard, HALF, DetectorRule(2, 30))
    assert [row.log_odds for row in rows] == sorted(row.log_odds for row in rows) and len(rows) == THRESHOLDS
    counts = {(row.misses, row.false_accepts) for row in rows}
    assert counts == {(0, 2), (0, 1), (1, 1), (1, 0)}
    assert rows[0].fa_per_hour == pytest.approx(2 / ((60_000 - 1_100) / 3_600_000))
    told = [tuple((found.misses, found.keywords, found.false_accepts) for found in row.words.values()) for row in rows]
    assert list(rows[0].words) == list(WORDS) and set(told) == {
        ((0, 1, 0), (0, 0, 2)),
        ((0, 1, 0), (0, 0, 1)),
        ((1, 1, 0), (0, 0, 1)),
        ((1, 1, 0), (0, 0, 0)),
    }


def test_thresholds_move_together_in_log_odds():
    assert moved((16384, 29491), 0.0).tolist() == [16384, 29491]
    assert moved((16384, 29491), np.log(9)).tolist() == [29491, 32368], "odds of 1 and 9 become 9 and 81"
    assert moved((0, 32768), 5.0)[1] <= 32768


def det_of():
    """The sweep of one keyword, heard once."""
    return sweep(Heard(certain(3000, (510, 530, 0, 0.9)), 20, WORDS, Said.of([YES], WORDS)), HALF, DetectorRule(2, 30))


def test_the_plot_of_a_kind_without_false_accepts(tmp_path):
    heard = Heard(certain(3000, (510, 530, 0, 0.9)), 20, WORDS, Said.of([YES], WORDS))
    quiet = Heard(certain(3000), 20, WORDS, Said.of([], WORDS))
    det = {kind: sweep(stream, HALF, DetectorRule(2, 30)) for kind, stream in (("words", heard), ("quiet", quiet))}
    points = (
        measured_point("default", "words", misses=0, keywords=1),
        measured_point("default", "quiet", misses=0, keywords=0),
    )
    measured = stream_figures(det, points, hours=0.01)
    save(det_curves(measured), tmp_path / "det.png")
    assert (tmp_path / "det.png").read_bytes().startswith(b"\x89PNG")
    save(det_curves(measured.model_copy(update={"det": {"quiet": det["quiet"]}})), tmp_path / "alone.png")
    assert (tmp_path / "alone.png").exists()


def test_det_curves_are_read_at_given_rates():
    def curve(keywords, *figures):
        return [SimpleNamespace(keywords=keywords, misses=misses, fa_per_hour=rate) for misses, rate in figures]

    det = {
        "noise": curve(20, (1, 3.0), (3, 0.5), (5, 0.0)),
        "words": curve(20, (1, 9.0), (3, 4.0), (4, 2.0)),
        "running": curve(0, (0, 50.0), (0, 20.0), (0, 5.0)),
    }
    assert list(curve_lines(SimpleNamespace(det=det))) == [
        "noise, at most 1 false accept an hour: 15.0% missed",
        "running, at most 15% of the keywords among words missed: 20.0 false accepts an hour",
    ]
    assert not list(curve_lines(SimpleNamespace(det={"running": det["running"]})))


# --- the command


@pytest.fixture(scope="module")
def streamed():
    return make("stream", RECIPE="commands-6k", STREAM="small")


def test_make_stream_measures_a_shipped_model_on_synthetic_speech(streamed):
    assert streamed.returncode == 0, streamed.stderr
    path = re.search(r"^/.*stream\.json$", streamed.stdout, re.M)[0]
    measured = read_json(path, StreamFigures)
    assert measured.model_sha256 == read_model_json(MODELS / "commands-6k").model_sha256
    assert set(measured.negatives) == {"noise", "words", "synthetic"} == set(measured.det)
    points = {point.kind: point for point in measured.operating_points}
    assert points["noise"].keywords == 18 and points["words"].others == 36 and points["synthetic"].keywords == 0
    assert f"{points_table(measured)}\n" in streamed.stdout
    again = make("stream", RECIPE="commands-6k", STREAM="small")
    assert again.stdout == streamed.stdout and read_json(path, StreamFigures) == measured


def test_a_folder_of_long_recordings_is_a_stream(streamed, sound, tmp_path):
    (tmp_path / "mine" / "kitchen").mkdir(parents=True)
    soundfile.write(tmp_path / "mine" / "kitchen" / "one.wav", sound(20), 16_000)
    table = tmp_path / "mine" / "events.tsv"
    table.write_text(
        "path\tstart_ms\tend_ms\tword\nkitchen/one.wav\t1000\t1500\tYES\nkitchen/one.wav\t3000\t3500\tyess\n"
    )
    done = make("stream", RECIPE="commands-6k", STREAM=tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    assert "| kitchen | " in done.stdout and "of 1," in done.stdout
    assert "yess (1 event): counted as other words; did you mean yes?" in done.stdout
    own = {"name": "own", "thresholds": {word: 0.9 for word in read_model_json(MODELS / "commands-6k").words}}
    (tmp_path / "point.json").write_text(json.dumps(own))
    done = make("stream", RECIPE="commands-6k", STREAM=tmp_path / "mine", POINT=tmp_path / "point.json")
    assert "| kitchen | own |" in done.stdout, done
    table.write_text("path\tstart_ms\tend_ms\tword\nkitchen/one.wav\t19000\t21500\tyes\n")
    done = make("stream", RECIPE="commands-6k", STREAM=tmp_path / "mine")
    assert done.returncode != 0 and "yes ends at 21500.0 ms, after the end of kitchen/one.wav" in done.stderr


@pytest.mark.parametrize("stream", ["", "nowhere"])
def test_an_unknown_stream_is_refused(stream):
    with pytest.raises(ValueError, match="no such stream; give one of .*small.*test.*or a folder"):
        folder_of(stream)


def test_a_kind_that_is_only_its_keyword_is_refused(sound, tmp_path):
    soundfile.write(tmp_path / "yes.wav", sound(1), 16_000)
    points = read_model_json(MODELS / "commands-6k").operating_points

    def measured(end_ms):
        return measure_kind(
            MODELS / "commands-6k", points, ("mine", [(tmp_path / "yes.wav", [Event(0, end_ms, "yes")])])
        )

    assert measured(450)[0].hours * 3600 == pytest.approx(0.05)
    for end_ms in (499.9, 1000):
        with pytest.raises(ValueError, match="^mine: .*: add recordings without keywords$"):
            measured(end_ms)
