"""Programs that tests start, speak to and interrupt."""

import signal
import subprocess
import sys
from contextlib import contextmanager

from firmware.paths import ROOT


@contextmanager
def child(command, **settings):
    """A running program that SIGINT ends as in a terminal; killed where it still runs at the end.

    A job in the background of a script ignores SIGINT, and so does what it starts: a program takes over from its
    parent which signals are ignored, but not which are handled.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen([str(word) for word in command], **settings)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()


def start(module, *arguments, **settings):
    """The same of `python -m module arguments`, with pipes where settings do not say otherwise."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return child([sys.executable, "-m", module, *arguments], cwd=ROOT, **{**pipes, **settings})
