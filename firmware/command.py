"""The end of a command: one line for a person instead of a traceback, and an exit status for a script.

0    done
1    NAME: what was wrong, where, and what to do
2    wrong arguments (argparse)
130  NAME: stopped (Ctrl-C)
"""

import os
import sys

LINES = "\n\t"
"""Control characters of an error that has several lines."""


class Failure(RuntimeError):
    """An error that the user can fix; the message says what was wrong, where, and what to do."""


def printable(text, kept=""):
    """Text in which no character can control a terminal; kept: control characters that may stay."""
    return "".join(letter if letter.isprintable() or letter in kept else f"\\x{ord(letter):02x}" for letter in text)


def print_remark(text):
    """Print a remark on standard error; names in it cannot control the terminal."""
    print(printable(text, kept=LINES), file=sys.stderr)


def error_text(error):
    """The message of an error; for an OSError its file and its reason, without the number."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return f"{error.object[max(0, error.start - 99) : error.end + 99]!a}: the name is not UTF-8; rename it"
    return str(error) or type(error).__name__


def run_command(name, main, stopped="stopped"):
    """Run main() as the command of this name; stopped: the message at Ctrl-C."""
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of standard output closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except MemoryError:
        sys.exit(f"{name}: not enough memory")
    except (Failure, ValueError, OSError) as error:
        sys.exit(f"{name}: {printable(error_text(error), kept=LINES)}")
    except KeyboardInterrupt:
        print(f"{name}: {stopped}", file=sys.stderr)
        sys.exit(130)
