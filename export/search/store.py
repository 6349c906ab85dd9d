"""Where the trials of a search are kept, so that any number of processes can share them.

By default a journal, a file that is only appended to, in a folder that all of them see; or PostgreSQL, STORE=postgresql://...
SQLite is refused: on a shared disk its locks do not hold.
"""

import json
import logging
import time

import optuna
from optuna.exceptions import OptunaError
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from firmware.command import Failure

POSTGRESQL = "postgresql://"
DRIVER = "postgresql+psycopg://"
CONNECT_S = 10
ATTEMPTS = 5
WRITING_S = 0.2
"""Longer than a process takes to write a line of a journal."""

optuna.logging.set_verbosity(logging.ERROR)


def _require_whole(path):
    """ValueError if a line of a journal is no entry, or the last is cut short and stays so: another process may be writing it."""
    for _ in range(ATTEMPTS):
        lines = path.read_bytes().split(b"\n")
        if not lines[-1]:
            break
        time.sleep(WRITING_S)
    for number, line in enumerate(lines[:-1], 1):
        try:
            if not isinstance(json.loads(line), dict):
                raise ValueError
        except ValueError:
            raise ValueError(
                f"{path}: line {number} is damaged; remove the file: what was trained is found again"
            ) from None
    if lines[-1]:
        raise ValueError(
            f"{path}: cut short in line {len(lines)}; remove that line, or the file: what was trained is found again"
        )


def open_store(store, path):
    """The Optuna storage at STORE=postgresql://..., or the journal at path; ValueError or Failure if it cannot be had."""
    if not store:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            _require_whole(path)
        return JournalStorage(JournalFileBackend(str(path)))
    if not store.startswith(POSTGRESQL):
        raise ValueError(f"STORE={store}: give postgresql://user@host/database, or nothing for a journal in BUILD")
    return _postgresql(store)


def _postgresql(store):
    """The tables at an address, made by whoever comes first; Failure if there is no server."""
    options = {"connect_args": {"connect_timeout": CONNECT_S}, "pool_pre_ping": True}
    for attempt in range(ATTEMPTS):
        try:
            return RDBStorage(store.replace(POSTGRESQL, DRIVER, 1), engine_kwargs=options)
        except OperationalError as error:
            raise Failure(f"STORE={store}: does not answer ({_reason(error)})") from None
        except (SQLAlchemyError, OptunaError) as error:
            if attempt == ATTEMPTS - 1:
                raise Failure(f"STORE={store}: {_reason(error)}") from None
        time.sleep(1)  # another process was making the same tables


def _reason(error):
    return str(error).splitlines()[0]
