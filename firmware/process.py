"""A program under a limit of processor time, which no other work on the machine uses up; and how a process ended."""

import signal
import subprocess


def run_limited(command, cpu_s, **settings):
    """The finished process, with what it printed as text; it is ended by SIGXCPU after cpu_s.  settings: of subprocess.run."""
    limited = ["sh", "-c", f'ulimit -S -t {cpu_s} && exec "$0" "$@"', *command]
    return subprocess.run(limited, capture_output=True, text=True, errors="replace", **settings)


def ending(status, cpu_s=None):
    """How a process ended that ought to have gone on or succeeded; cpu_s: its limit."""
    if status >= 0:
        return f"ended with status {status}"
    if cpu_s and -status == signal.SIGXCPU:
        return f"took more than {cpu_s} s of processor time"
    return f"was ended by {signal.Signals(-status).name}"
