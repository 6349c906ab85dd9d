"""Caches in BUILD that are damaged, inconsistent or of another version are made again."""

import os
import re

import numpy as np
import pytest

from firmware.compile import shared_object
from firmware.compile.cores import CORES
from firmware.compile.library import build_library
from firmware.compile.shared_object import build_host_spotter, is_sealed
from firmware.files import write_json
from firmware.host.binding import SpotterC
from firmware.paths import MODELS
from tests.toy import toy_clips
from train import corpora
from train.corpora.sources import files_below

SHIPPED = MODELS / "commands-6k"


@pytest.mark.parametrize("keep", [0.5, 0.999, 0])
def test_a_truncated_library_is_built_again(keep, tmp_path, monkeypatch):
    """Loading it would crash the process with a bus error."""
    monkeypatch.setenv("BUILD", str(tmp_path))
    library = build_host_spotter(SHIPPED)
    whole = library.read_bytes()
    library.write_bytes(whole[: int(keep * len(whole))])
    assert not is_sealed(library)
    SpotterC(SHIPPED)
    assert is_sealed(library)


def test_the_library_of_a_core_is_compiled_once_for_each_way_to_compile_it(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    library = build_library(CORES["m0plus"])
    made = library.stat().st_mtime_ns
    assert build_library(CORES["m0plus"]) == library and library.stat().st_mtime_ns == made
    others = build_library(CORES["m0plus"], ("-Os",)), build_library(CORES["m0"])
    assert len({library, *others}) == len({path.read_bytes() for path in (library, *others)}) == 3


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_truncated_clips_are_made_again(content, tmp_path, capsys):
    path, clips = tmp_path / "kept.npz", toy_clips(per_word=10)
    np.savez(path, **clips.arrays())
    assert corpora.read_clips(path).sha256() == clips.sha256()
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    assert corpora.read_clips(path) is None
    assert capsys.readouterr().err.startswith(f"{path}: damaged (")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("codes", lambda codes: codes[:3]),
        ("codes", lambda codes: codes[:, 0]),
        ("frames", lambda frames: frames[1:]),
        ("frames", lambda frames: frames.astype("U")),
        ("span", lambda span: span + 100),
        ("span", lambda span: span.astype(object)),
        ("word", lambda word: word.astype("S")),
        ("split", lambda split: split[1:]),
        ("starts", lambda frames: frames),
    ],
)
def test_inconsistent_clips_are_made_again(tmp_path, capsys, name, damage):
    path, arrays = tmp_path / "kept.npz", toy_clips(per_word=10).arrays()
    np.savez(path, **{**arrays, name: damage(arrays.get(name, arrays["frames"]))})
    assert corpora.read_clips(path) is None
    assert re.fullmatch(rf"{path}: damaged \(.+\); making it again\n", capsys.readouterr().err)


@pytest.mark.parametrize("missing", ["codes", "frames", "span", "word"])
def test_clips_without_a_field_are_made_again(tmp_path, missing):
    arrays = toy_clips(per_word=10).arrays()
    del arrays[missing]
    np.savez(tmp_path / "kept.npz", **arrays)
    assert corpora.read_clips(tmp_path / "kept.npz") is None


def test_circular_links_are_followed_once(tmp_path):
    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "ann_1.wav").touch()
    for name in ("one", "two"):
        (tmp_path / name).symlink_to(tmp_path)
    assert [os.path.basename(path) for path in files_below(tmp_path)] == ["ann_1.wav"]


def test_clips_kept_by_another_version_are_made_again(tmp_path):
    np.savez(tmp_path / "kept.npz", codes=np.zeros(3))
    assert corpora.read_clips(tmp_path / "kept.npz") is None
    write_json(tmp_path / "kept.npz", {})
    assert corpora.read_clips(tmp_path / "kept.npz") is None


def test_another_version_of_the_compiler_compiles_again(monkeypatch):
    before = build_host_spotter(SHIPPED)
    monkeypatch.setattr(shared_object, "version_of", lambda _: "another")
    assert build_host_spotter(SHIPPED) != before
