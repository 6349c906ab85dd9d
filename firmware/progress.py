"""Progress of long work: a bar on a terminal, otherwise lines on standard error; short work prints nothing."""

import sys
import threading
import time

from tqdm import tqdm

FIRST_S, EVERY_S = 2, 30
"""Seconds before the first line and between lines, without a terminal."""


def progress(items, what, unit="clips", **settings):
    """An iterator over items that reports progress; settings are tqdm's: total, initial, leave, disable.

    If items is None it is a context manager, and update(n) counts.
    """
    if sys.stderr.isatty():
        return tqdm(items, what, unit=unit if unit == "B" else f" {unit}", unit_scale=unit == "B", **settings)
    return ProgressLines(items, what, unit, **settings)


def rounded_time(seconds):
    """Seconds as text: 42 s, 5 min, 2.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class ProgressLines:
    """The part of tqdm's interface that is used here, as plain lines; a thread prints them, even if the work is stuck."""

    def __init__(
        self, items, what, unit, total=None, initial=0, leave=True, disable=False, first_s=FIRST_S, every_s=EVERY_S
    ):
        self.items, self.what, self.leave = items, what, leave
        self.unit, self.scale = ("MB", 1e-6) if unit == "B" else (unit, 1)
        self.total = len(items) if total is None and hasattr(items, "__len__") else total
        self.initial = self.done = initial
        self.begun, self.reported, self.over = time.monotonic(), False, threading.Event()
        self.thread = threading.Thread(target=self._report, args=(first_s, every_s), daemon=True)
        if not disable:
            self.thread.start()

    def _report(self, wait_s, every_s):
        while not self.over.wait(wait_s):
            wait_s, self.reported = every_s, True
            print(self.line(), file=sys.stderr, flush=True)

    def line(self):
        """Counts, elapsed time and, once there is progress, the estimated remaining time."""
        elapsed, made = time.monotonic() - self.begun, self.done - self.initial
        total = "" if self.total is None else f" of {round(self.total * self.scale)}"
        line = f"{self.what}: {round(self.done * self.scale)}{total} {self.unit} after {rounded_time(elapsed)}"
        if self.total is None or not 0 < self.done < self.total:
            return line
        return line + (f", about {rounded_time(elapsed / made * (self.total - self.done))} left" if made else "")

    def update(self, count=1):
        self.done += count

    def set_postfix(self, **_):
        pass

    def close(self):
        """Stop reporting; complete work that was reported gets a last line."""
        if not self.over.is_set():
            self.over.set()
            if self.thread.ident is not None:
                self.thread.join()
            if self.reported and self.leave and (self.total is None or self.done >= self.total):
                print(self.line(), file=sys.stderr, flush=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __iter__(self):
        with self:
            for item in self.items:
                yield item
                self.update()
