"""Without a terminal, long work reports its progress in lines, and short work prints nothing."""

import io
import re
import threading
from types import SimpleNamespace

import pytest

import firmware.progress
from firmware.progress import ProgressLines, progress, rounded_time


class Watched(io.StringIO):
    """Standard error that is no terminal; the event `line` is set after each line."""

    def __init__(self):
        super().__init__()
        self.line = threading.Event()

    def write(self, text):
        super().write(text)
        if text.endswith("\n"):
            self.line.set()

    def wait(self):
        """Wait for a line that was begun after this call; the first one may have been begun before."""
        for _ in range(2):
            self.line.clear()
            self.line.wait()


@pytest.fixture
def clock(monkeypatch):
    """A clock in seconds that stands still."""
    clock = SimpleNamespace(now_s=0.0)
    monkeypatch.setattr(firmware.progress, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    return clock


@pytest.fixture
def told(monkeypatch):
    stream = Watched()
    monkeypatch.setattr(firmware.progress, "sys", SimpleNamespace(stderr=stream))
    return stream


def test_long_work_is_told_while_it_goes_on_and_at_its_end(told):
    for _ in progress([1, 2, 3, 4], "hearing", first_s=0.001, every_s=0.001):
        told.wait()
    lines = told.getvalue().splitlines()
    assert re.fullmatch(r"hearing: 0 of 4 clips after \d+ s", lines[0])
    assert any(re.fullmatch(r"hearing: 3 of 4 clips after \d+ s, about \d+ s left", line) for line in lines), lines
    assert re.fullmatch(r"hearing: 4 of 4 clips after \d+ s", lines[-1])


def test_short_work_is_not_told(told):
    assert list(progress("abc", "hearing", first_s=1000)) == ["a", "b", "c"] and not told.getvalue()


def test_after_the_first_line_it_is_long_until_the_next(told):
    for place in progress([0, 1, 2], "hearing", first_s=0, every_s=1000):
        if place == 0:
            told.line.wait()
    assert len(told.getvalue().splitlines()) == 2


def test_work_that_is_broken_off_tells_no_end(told, clock):
    with (
        pytest.raises(KeyboardInterrupt),
        progress(None, "fetching", "B", total=7_000_000, first_s=0, every_s=1000) as bar,
    ):
        told.line.wait()
        bar.update(3_000_000)
        raise KeyboardInterrupt
    assert told.getvalue() == "fetching: 0 of 7 MB after 0 s\n"
    assert not bar.thread.is_alive()


def test_what_is_left_is_estimated_from_what_was_made_and_not_from_what_was_there(clock):
    lines = ProgressLines(None, "speaking", "clips", total=1000, initial=400, disable=True)
    clock.now_s = 60
    lines.update(200)
    assert lines.line() == "speaking: 600 of 1000 clips after 60 s, about 2 min left"


def test_work_without_an_end_is_counted(clock):
    lines = ProgressLines(iter("abc"), "unpacking", "files", disable=True)
    lines.update(2)
    assert lines.line() == "unpacking: 2 files after 0 s"


def test_times_are_spelled():
    assert [rounded_time(seconds) for seconds in (4.4, 125, 9000)] == ["4 s", "2 min", "2.5 h"]
