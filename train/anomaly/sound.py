"""What a machine sounds like: DATA/<sound>/normal/ with recordings of a machine that is well, to train on and to choose the
threshold by, and DATA/<sound>/test/ with others to measure by, told apart by test/labels.tsv.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.audio.recordings import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import FrontendC
from firmware.progress import progress
from firmware.sensor import read_csv
from train.anomaly.recipe import NORMAL
from train.corpora.folders import SUFFIXES
from train.corpora.table import File, Filled, Row, Time, read_table

LEAST_S = 60
"""Normal sound that training and the choice of the threshold each need at least."""
LABELS = "labels.tsv"


@dataclass(frozen=True)
class NormalSound:
    """Features of normal recordings, each int8 [hops, bands]."""

    training: list
    held_out: list

    def sha256(self):
        digest = hashlib.sha256()
        for codes in (*self.training, *self.held_out):
            digest.update(repr(codes.shape).encode() + codes.tobytes())
        return digest.hexdigest()


class LabelRow(Row):
    """A row of labels.tsv: a recording, its fault or `normal`, and when the fault begins, in seconds."""

    file: File
    fault: Filled
    onset: Time

    @property
    def is_normal(self):
        return self.fault.casefold() == NORMAL


@dataclass(frozen=True)
class LabelledRecording:
    """A recording of test/: PCM int16 [samples], features int8 [hops, bands]; fault: None if there is none, onset_ms 0 then."""

    path: Path
    fault: str | None
    onset_ms: float
    pcm: np.ndarray
    codes: np.ndarray


def _hear(recipe, paths, what):
    """(PCM int16 [samples], features int8 [hops, bands]) of each recording, a stream of its own."""
    frontend = FrontendC(recipe.front)
    for path in progress(paths, what):
        pcm = recipe.front.hops(read_csv(path, recipe.front)) if recipe.sensor else read_recording(path)
        frontend.reset()
        yield pcm, frontend.features(pcm)


def _recordings_in(folder, recipe, what):
    if not folder.is_dir():
        raise ValueError(f"{folder}: does not exist; put recordings {what} into DATA/{recipe.sound}/{folder.name}/")
    suffixes = (".csv",) if recipe.sensor else SUFFIXES
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.name[0] != ".")
    if not paths:
        raise ValueError(f"{folder}: has no recordings ({', '.join(suffixes)})")
    return paths


def _require_movement(folder, sensor, codes):
    """ValueError for a channel whose feature is the same in all recordings."""
    together = np.concatenate(codes)
    for channel, column in zip(sensor.channels, together.T, strict=True):
        if np.ptp(column.astype(int)) == 0:
            raise ValueError(
                f"{folder}: channel {channel.name} is constant on the scale of its range (code {column[0]}); remove it, or give "
                "its range"
            )


def normal_sound(recipe, data):
    """The NormalSound of a MachineRecipe; every so many recordings, by name, one is held out."""
    folder = data / recipe.sound / "normal"
    paths = _recordings_in(folder, recipe, "of the machine that is well")
    codes = [heard for _, heard in _hear(recipe, paths, "hearing normal sound")]
    if recipe.sensor:
        _require_movement(folder, recipe.front, codes)
    place = np.arange(len(codes))
    out = np.floor((place + 1) * recipe.held_out_share) > np.floor(place * recipe.held_out_share)
    found = NormalSound(*([codes[index] for index in np.flatnonzero(chosen)] for chosen in (~out, out)))
    for kind, part in (("for training", found.training), ("held out", found.held_out)):
        seconds = sum(map(len, part)) * recipe.front.hop_ms / 1000
        if seconds < LEAST_S:
            raise ValueError(
                f"{folder}: too little normal sound: {seconds:.0f} s {kind} of {len(codes)} recordings, at least {LEAST_S} s "
                f"are needed; record more, or change held_out_share ({recipe.held_out_share})"
            )
    return found


def _labels(table, paths):
    """[(line number, LabelRow)] of recordings in labels.tsv."""
    if not table.is_file():
        raise ValueError(f"{table}: does not exist; it needs the columns file, fault ({NORMAL} if none) and onset (s)")
    rows = {}
    for line, row in read_table(table, LabelRow):
        first, _ = rows.setdefault(row.file, (line, row))
        if first != line:
            raise ValueError(f"{table}:{line}: names {row.file} again, as line {first} does; remove one")
    for line, row in rows.values():
        if row.file not in {path.name for path in paths}:
            raise ValueError(
                f"{table}:{line}: file = {row.file}: no such recording in {table.parent}; correct or remove the row"
            )
    lacking = [path.name for path in paths if path.name not in rows]
    if lacking:
        raise ValueError(
            f"{table}: has no row for {lacking[0]}" + (f" and {len(lacking) - 1} more" if lacking[1:] else "")
        )
    labels = [rows[path.name] for path in paths]
    kinds = {row.is_normal for _, row in labels}
    if len(kinds) < 2:
        only = "normal" if kinds == {True} else "with a fault"
        raise ValueError(f"{table}: all recordings are {only}; both kinds are needed")
    return labels


def _labelled(path, place, row, pcm, codes):
    """The LabelledRecording of a recording and its LabelRow; place: the row's file and line, the start of an error."""
    if row.is_normal:
        return LabelledRecording(path, None, 0.0, pcm, codes)
    length_s = len(pcm) / SAMPLE_RATE_HZ
    if row.onset >= length_s:
        raise ValueError(
            f"{place}: onset = {row.onset:g}: {row.file} ends after {length_s:g} s; give the onset in seconds"
        )
    return LabelledRecording(path, row.fault, 1000 * row.onset, pcm, codes)


def labelled_sound(recipe, folder):
    """[LabelledRecording] of a folder such as DATA/<sound>/test."""
    paths, table = _recordings_in(folder, recipe, "to measure by"), folder / LABELS
    labels = _labels(table, paths)
    return [
        _labelled(path, f"{table}:{line}", row, *heard)
        for path, (line, row), heard in zip(paths, labels, _hear(recipe, paths, "hearing tests"), strict=True)
    ]
