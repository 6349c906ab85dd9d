"""The terminal display of `make listen`: level, a bar for each keyword, the last detections, load and overruns.

A thread of rich draws the state of the listener, the meter and the source, so the sound never waits for the terminal.
"""

from itertools import zip_longest

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from firmware.host.binding import CERTAIN
from firmware.listen.meter import Meter

DRAWN_PER_S = 15
LOWEST_DB = -60
"""The level at the left end of its bar."""
OTHER_LINES = 6
"""Lines of the display besides keywords and detections, with one for the cursor."""
DETECTIONS = 5
"""Detections shown."""
LIT_MS = 1000
"""How long a keyword is highlighted after its detection."""


def bar(share, width, mark=None, style="green", ascii_only=False):
    """A bar of width cells, filled to share 0..1, with a mark at another share."""
    full, half, empty, marked = "==-|" if ascii_only else "━╸─┃"
    halves = round(min(max(share, 0), 1) * 2 * width)
    line = Text(full * (halves // 2) + half * (halves % 2), style)
    line.append(empty * (width - len(line)), "bright_black")
    if mark is None:
        return line
    at = min(round(mark * width), width - 1)
    return Text.assemble(line[:at], (marked, "bold bright_white"), line[at + 1 :])


class Display:
    """A live display of a listener and its source; a context manager."""

    def __init__(self, title, listener, source, console=None):
        self._title, self._listener, self._source = title, listener, source
        self._console = console or Console()
        self._meter = Meter()
        self._live = Live(console=self._console, get_renderable=self._picture, refresh_per_second=DRAWN_PER_S)

    def __enter__(self):
        self._live.__enter__()
        return self

    def __exit__(self, *error):
        self._live.__exit__(*error)

    def hear(self, hop, _detection):
        self._meter.hear(hop)

    def _picture(self):
        return Group(self._head(), self._level(), Text(), *self._keywords(), Text(), *self._last_detections())

    def _bar(self, *arguments, **settings):
        return bar(*arguments, **settings, ascii_only=self._console.options.ascii_only)

    def _line(self, *parts):
        return Text.assemble(*parts, no_wrap=True, overflow="crop")

    def _head(self):
        overruns = self._source.overruns
        return self._line(
            (f" {self._title}", "bold"),
            f"  {self._source.name}  {self._listener.seconds:.1f} s  load {self._listener.load:.1%}  ",
            (f"overruns {overruns}", "bold red" if overruns else ""),
            ("  Ctrl-C ends", "bright_black"),
        )

    def _name_cells(self):
        return max(map(len, (*self._listener.keywords, "level")))

    def _level(self):
        meter, name = self._meter, self._name_cells()
        width = max(10, self._console.width - name - 32)
        share, held = (1 - level_db / LOWEST_DB for level_db in (meter.level_db, meter.held_db))
        return self._line(
            f" {'level':>{name}} ",
            self._bar(share, width, max(0, held), "cyan"),
            f" {meter.level_db:5.1f} dB, peak {meter.held_db:5.1f} ",
            ("CLIPS", "bold white on red") if meter.clipping else "",
        )

    def _keywords(self):
        """One line for each keyword, or for several if the terminal has too few lines."""
        listener = self._listener
        rows = max(1, self._console.height - OTHER_LINES - DETECTIONS)
        columns = -(-len(listener.keywords) // rows)
        rows = -(-len(listener.keywords) // columns)
        width = max(5, self._console.width // columns - self._name_cells() - 8)
        lines = [self._keyword(label, width) for label in range(len(listener.keywords))]
        for row in zip_longest(*(lines[start : start + rows] for start in range(0, len(lines), rows)), fillvalue=""):
            yield self._line(*row)

    def _keyword(self, label, width):
        """The keyword's bar with a mark at its threshold: green above it, highlighted after a detection."""
        listener = self._listener
        word, smoothed, threshold = listener.keywords[label], listener.smoothed[label], listener.thresholds[label]
        now_ms = listener.seconds * 1000
        lit = any(heard.word == word and now_ms - heard.time_ms < LIT_MS for heard in listener.detections[-DETECTIONS:])
        mark = threshold / CERTAIN if threshold <= CERTAIN else None
        return self._line(
            (f" {word:>{self._name_cells()}} ", "bold reverse green" if lit else ""),
            self._bar(smoothed / CERTAIN, width, mark, "green" if smoothed >= threshold else "yellow"),
            f" {smoothed / CERTAIN:.2f} ",
        )

    def _last_detections(self):
        last = self._listener.detections[: -DETECTIONS - 1 : -1]
        for heard in [*last, *[""] * (DETECTIONS - len(last))]:
            yield self._line((f" {heard}", "bold" if last and heard is last[0] else ""))
