"""The live display fits its terminal and shows the listener's state."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from firmware.listen.display import Display, bar
from firmware.listen.listener import Detection

WORDS = tuple(f"word{number}" for number in range(35))


def listener_of(keywords=("yes", "no"), smoothed=0.25, thresholds=0.8, **more):
    """The part of a Listener that Display uses; posteriors and thresholds as shares of 1."""
    known = {
        "keywords": keywords,
        "smoothed": np.full(len(keywords), round(smoothed * 32768)),
        "thresholds": np.full(len(keywords), round(thresholds * 32768)),
        "seconds": 12.0,
        "load": 0.004,
        "detections": [],
    }
    return SimpleNamespace(**{**known, **more})


def shown(listener, width=80, height=24, overruns=0, hops=(), encoding="utf-8"):
    """The last lines of a display of this size after some hops."""
    page = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=page, width=width, height=height)
    with Display("hello", listener, SimpleNamespace(name="desk", overruns=overruns), console) as display:
        for hop in hops:
            display.hear(hop, None)
    page.flush()
    return page.buffer.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize(
    "keywords, width, height", [(1, 80, 24), (10, 80, 24), (10, 60, 16), (35, 80, 24), (35, 120, 40)]
)
def test_it_fits_the_terminal_with_every_keyword_on_it(keywords, width, height):
    heard = [Detection("word0", 30000, 20 * number) for number in range(9)]
    lines = shown(listener_of(WORDS[:keywords], detections=heard), width, height)
    assert len(lines) < height and max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert all(f" {word} " in text for word in WORDS[:keywords])
    assert text.count("0.25") == keywords and text.count("Heard") == 5 and "@ 160 ms" in lines[-5]


def test_the_head_says_what_is_heard_and_what_was_lost():
    assert "hello  desk  12.0 s  load 0.4%  overruns 7" in shown(listener_of(), overruns=7)[0]


def test_the_level_says_how_loud_and_whether_it_clips():
    half, full = np.full(320, 16384, np.int16), np.full(320, 32767, np.int16)
    quiet, loud = shown(listener_of(), hops=[half])[1], shown(listener_of(), hops=[full, half])[1]
    assert "-6.0 dB, peak  -6.0" in quiet and "CLIPS" not in quiet
    assert "-6.0 dB, peak  -0.0" in loud and "CLIPS" in loud


@pytest.mark.parametrize(
    "share, mark, line",
    [
        (0, 0.5, "-----|----"),
        (0.3, 0.5, "===--|----"),
        (0.8, 0.5, "=====|==--"),
        (1, 1, "=========|"),
        (2, 0, "|========="),
        (-1, None, "----------"),
    ],
)
def test_a_bar_is_filled_to_its_share_with_the_threshold_marked(share, mark, line):
    assert bar(share, 10, mark, ascii_only=True).plain == line


def test_half_a_cell_is_told():
    assert bar(0.25, 10).plain == "━━╸───────"


def test_a_keyword_that_is_never_detected_has_no_mark():
    line = shown(listener_of(thresholds=2))[3]
    assert "━" in line and "┃" not in line


def test_a_terminal_that_knows_ascii_alone_gets_nothing_else():
    assert "\n".join(shown(listener_of(), encoding="ascii")).isascii()
