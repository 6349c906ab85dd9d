"""The hashes beside the lock are of the packages and versions that the lock names."""

import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from firmware.command import Failure
from firmware.lock import LOCKS, WITHOUT_HASHES, groups, hashed


def named(line):
    """(name, version) of a requirement."""
    requirement = Requirement(line)
    return canonicalize_name(requirement.name), str(requirement.specifier)


@pytest.mark.parametrize("group", groups())
def test_every_package_of_the_lock_has_the_hashes_of_its_files(group):
    entries = re.sub(r" \\\n", " ", (LOCKS / f"{group}.txt").read_text()).splitlines()
    found = {}
    for entry in entries:
        requirement, *hashes = re.split(r"\s+--hash=", entry.strip())
        found[named(requirement)] = hashes
    assert set(found) == {named(line) for line in groups()[group] if Requirement(line).name not in WITHOUT_HASHES}
    assert all(
        hashes and all(re.fullmatch("sha256:[0-9a-f]{64}", text) for text in hashes) for hashes in found.values()
    )


@pytest.mark.parametrize(
    "ending, message",
    [
        ("echo fetching >&2; echo no such package >&2; exit 2", "no such package"),
        ("exit 2", "uv ended with status 2"),
        ("kill -KILL $$", "uv was ended by SIGKILL"),
    ],
)
def test_a_uv_that_fails_is_one_line(ending, message, tmp_path, monkeypatch):
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\n{ending}\n")
    uv.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(Failure, match=f"^{message}$"):
        hashed(["numpy==1.0"])


def test_there_is_no_lock_of_a_group_that_is_gone():
    assert {path.stem for path in LOCKS.iterdir()} == set(groups())
