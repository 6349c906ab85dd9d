"""The C that ships and the Python that drives it.

Ctrl-C while a command still imports its modules, which takes seconds where torch is among them, ends it with a line.
"""

import sys


def _show(kind, error, traceback):
    if issubclass(kind, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


sys.excepthook = _show
