"""Faults at every step by which a command changes files: killed there, a full disk, a locked folder, a second run of it.

python -m tests.faults [--every N] [COMMAND ...]      prints a row for each command
"""
