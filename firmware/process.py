"""Programs under a limit of processor time, which does not depend on the load of the machine."""

import signal
import subprocess


def run_limited(command, cpu_s, **settings):
    """The finished process, its output as text; SIGXCPU ends it after cpu_s seconds.  settings: of subprocess.run."""
    limited = ["sh", "-c", f'ulimit -S -t {cpu_s} && exec "$0" "$@"', *command]
    return subprocess.run(limited, capture_output=True, text=True, errors="replace", **settings)


def ending(status, cpu_s=None):
    """How a failed process ended, as the end of a sentence; cpu_s: its limit, if there was one."""
    if status >= 0:
        return f"ended with status {status}"
    if cpu_s and -status == signal.SIGXCPU:
        return f"took more than {cpu_s} s of processor time"
    return f"was ended by {signal.Signals(-status).name}"
