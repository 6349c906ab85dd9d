"""The C that ships and the Python that drives it.

Ctrl-C during a command's imports (seconds with torch) ends it with one line instead of a traceback.
"""

import sys


def _show(kind, error, traceback):
    if issubclass(kind, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


sys.excepthook = _show
