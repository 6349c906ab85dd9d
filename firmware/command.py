"""How a command ends: with a line for a person in place of a traceback, and a status for a script.

0    done
1    NAME: what was wrong, where, and what to do
2    the arguments are wrong (argparse)
130  NAME: stopped (Ctrl-C)
"""

import os
import sys


class Failure(RuntimeError):
    """Something that the user can mend; the message says what was wrong, where, and what to do."""


def said(error):
    """An error as text; one of the system's begins with its file and has no number."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return f"{error.object[max(0, error.start - 99) : error.end + 99]!a}: a name that is not UTF-8; give another"
    return str(error) or type(error).__name__


def run_command(name, main, stopped="stopped"):
    """Run main() as the command called name; stopped: the line at Ctrl-C."""
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except MemoryError:
        sys.exit(f"{name}: not enough memory")
    except (Failure, ValueError, OSError) as error:
        sys.exit(f"{name}: {said(error)}")
    except KeyboardInterrupt:
        print(f"{name}: {stopped}", file=sys.stderr)
        sys.exit(130)
