"""Misses at few false accepts: the threshold for a rate, and the table by word and by kind."""

from calibration.records import DetRow, Negatives, WordFigures
from calibration.streams.misses import misses_table, place_at
from tests.records import stream_figures


def det(*false_accepts):
    """Rows of one word at rising thresholds, of which each misses one more of five."""
    rows = []
    for place, count in enumerate(false_accepts):
        counts = {"misses": place, "keywords": 5, "false_accepts": count}
        words = {"yes": WordFigures(threshold=place / 10, **counts)}
        rows.append(DetRow(log_odds=float(place), words=words, fa_per_hour=float(count), **counts))
    return tuple(rows)


def test_the_threshold_is_the_lowest_from_which_on_there_are_few_enough():
    assert place_at(det(9, 4, 1, 0), "yes", hours=1, rate=4) == 1
    assert place_at(det(9, 4, 5, 0), "yes", hours=1, rate=4) == 3  # it rose above the rate once more
    assert place_at(det(0, 0), "yes", hours=1, rate=1) == 0
    assert place_at(det(9, 4, 1), "yes", hours=0.5, rate=1) is None  # half an hour holds no fraction of an accept


def test_misses_are_told_by_word_and_by_kind_and_never_pooled():
    negatives = {kind: Negatives(hours=hours, recorded_hours=hours) for kind, hours in (("a", 1.0), ("b", 0.5))}
    measured = stream_figures({"a": det(9, 1, 0), "b": det(0, 0, 0)}, [], negatives=negatives)
    table = [line.split(" | ") for line in misses_table(measured).splitlines()]
    assert [row[1:4] for row in table[3:]] == [
        [kind, hours, rate] for kind, hours in (("a", "1.00"), ("b", "0.50")) for rate in ("1", "4", "10")
    ]
    assert table[3][4:6] == ["0.1000", "1: 1.00 (0.03 to 5.57)"] and table[3][6].startswith("1 of 5, 20.0% (")
    assert table[6][5] == "0: 0.00 (0.00 to 7.38)" and table[6][6].startswith("0 of 5")
