"""How far long work is: a bar on a terminal; elsewhere a line on standard error now and then, and none for short work."""

import sys
import threading
import time

from tqdm import tqdm

FIRST_S, EVERY_S = 2, 30
"""Of work, before the first line and between two, where there is no terminal."""


def progress(items, what, unit="clips", **settings):
    """The items, with what is told while they are gone through; settings are tqdm's: total, initial, leave, disable.

    Without items it is a context manager, and update(n) counts.
    """
    if sys.stderr.isatty():
        return tqdm(items, what, unit=unit if unit == "B" else f" {unit}", unit_scale=unit == "B", **settings)
    return ProgressLines(items, what, unit, **settings)


def rounded_time(seconds):
    """A time for a person."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class ProgressLines:
    """tqdm's part that is used here, in plain lines; a thread of its own writes them, also while nothing moves."""

    def __init__(
        self, items, what, unit, total=None, initial=0, leave=True, disable=False, first_s=FIRST_S, every_s=EVERY_S
    ):
        self.items, self.what, self.leave = items, what, leave
        self.unit, self.scale = ("MB", 1e-6) if unit == "B" else (unit, 1)
        self.total = len(items) if total is None and hasattr(items, "__len__") else total
        self.initial = self.done = initial
        self.begun, self.told, self.over = time.monotonic(), False, threading.Event()
        self.thread = threading.Thread(target=self._tell, args=(first_s, every_s), daemon=True)
        if not disable:
            self.thread.start()

    def _tell(self, wait_s, every_s):
        while not self.over.wait(wait_s):
            wait_s, self.told = every_s, True
            print(self.line(), file=sys.stderr, flush=True)

    def line(self):
        """Counts, time, and an estimate of what is left where both say enough."""
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
        """Tell no more; work that was told of and is complete gets a last line."""
        if not self.over.is_set():
            self.over.set()
            if self.thread.ident is not None:
                self.thread.join()
            if self.told and self.leave and (self.total is None or self.done >= self.total):
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
