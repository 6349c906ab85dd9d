"""Sensors that are no microphone: what a hop is in place of the front end's, and CSV files of it.

A hop is a row of int16 values, one of each channel, that the device measures or averages itself.  A feature is a channel's value
on the scale of its range, an int8 code:

    code = round((value - zero) * 255 / (high - low)), saturated;    zero: the middle of the range

computed in integers as ((value - zero) * multiplier) * 2^-right_shift (firmware/library/sensor.c).
"""

import csv
import io
import math
from dataclasses import dataclass

import numpy as np

from firmware.command import printable
from firmware.files import read_ordinary

LEVELS = 255
"""Steps of a code over a channel's range."""
SAMPLES_PER_MS = 16
"""A hop's length is kept as that of a microphone, in samples of 16 kHz, of which the row takes the first places."""


@dataclass(frozen=True)
class Channel:
    """low to high: its range, in the units of a CSV file; unit: what one step of its int16 value is there."""

    name: str
    low: float
    high: float
    unit: float = 1.0

    def values(self, real):
        """int16 values of what a CSV file has."""
        return np.clip(np.rint(np.asarray(real) / self.unit), -32768, 32767).astype(np.int16)

    @property
    def scale(self):
        """(zero int16, multiplier of 15 bits, right_shift)."""
        ratio = LEVELS * self.unit / (self.high - self.low)
        right_shift = 14 - math.floor(math.log2(ratio))
        multiplier = round(ratio * 2**right_shift)
        if multiplier == 1 << 15:
            multiplier, right_shift = multiplier >> 1, right_shift - 1
        return round((self.low + self.high) / 2 / self.unit), multiplier, right_shift


@dataclass(frozen=True)
class Sensor:
    """channels: in the order of a row; rate_hz: rows a second of a CSV file."""

    hop_ms: int
    rate_hz: float
    channels: tuple[Channel, ...]

    def __post_init__(self):
        rows = self.rate_hz * self.hop_ms / 1000
        if rows < 1 or abs(rows - round(rows)) > 1e-6:
            raise ValueError(f"hop_ms = {self.hop_ms}: is {rows:g} rows at {self.rate_hz:g} Hz, not a whole number")
        if len(self.channels) > self.hop_samples:
            raise ValueError(f"{len(self.channels)} channels: at most {self.hop_samples} in a hop of {self.hop_ms} ms")
        for channel in self.channels:
            zero, _, right_shift = channel.scale if channel.low < channel.high else (0, 0, 0)
            if not (1 <= right_shift <= 30 and abs(zero) <= 32767):
                raise ValueError(
                    f"channel {channel.name}: low = {channel.low:g}, high = {channel.high:g}, unit = {channel.unit:g}: low must "
                    "be below high, and the middle must be an int16 in that unit"
                )

    @property
    def is_micro(self):
        """As of a Frontend: never."""
        return False

    @property
    def bands(self):
        """Features of a hop."""
        return len(self.channels)

    @property
    def hop_samples(self):
        return SAMPLES_PER_MS * self.hop_ms

    @property
    def rows_per_hop(self):
        return round(self.rate_hz * self.hop_ms / 1000)

    @property
    def always_awake(self):
        """A sensor has no gate."""
        return self

    gate = False

    def scales(self):
        """The arrays of struct kws_features: zeros, then multipliers, and right_shifts, then 0."""
        zeros, multipliers, right_shifts = zip(*(channel.scale for channel in self.channels), strict=True)
        return np.array([*(zero & 0xFFFF for zero in zeros), *multipliers], np.int64), np.array([*right_shifts, 0])

    def hops(self, rows):
        """Rows int16 [rows, channels] as the library hears them: int16 [hops * hop_samples], a hop the mean of its rows."""
        count = len(rows) // self.rows_per_hop
        means = rows[: count * self.rows_per_hop].reshape(count, self.rows_per_hop, -1).mean(axis=1)
        heard = np.zeros((count, self.hop_samples), np.int16)
        heard[:, : self.bands] = np.rint(means)
        return heard.ravel()


TIME = "time"
"""A column of seconds, which need not be there."""


def _columns(path, lines, sensor):
    """The names in the first of the lines of a CSV file; ValueError if a channel has no column, or it or the time has two."""
    names = [name.strip() for name in lines[0]] if lines else []
    channels = [channel.name for channel in sensor.channels]
    for name in channels:
        if name not in names:
            raise ValueError(f"{path}:1: has no column {name}; the columns are {printable(', '.join(names)) or 'none'}")
    for name in (*channels, TIME):
        if names.count(name) > 1:
            raise ValueError(f"{path}:1: has the column {name} twice; remove one")
    return names


def _number(path, line, name, cell):
    try:
        value = float(cell.replace("_", "?"))  # float() takes 1_0 as 10
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        what = (
            f"is {cell.strip()!r}, not a finite number"
            if cell.strip()
            else "is empty: fill the gap or cut the file there"
        )
        raise ValueError(f"{path}:{line}: {name} {what}")
    return value


def read_csv(path, sensor):
    """Rows int16 [rows, channels] of a CSV file with a line of names; ValueError with the first bad line.

    Columns that are no channel are ignored, but for the time in seconds, whose steps must be those of the rate.
    """
    try:
        text = io.StringIO(read_ordinary(path).decode("utf-8-sig"), newline="")
        lines = list(csv.reader(text))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: not a CSV file of UTF-8 text ({error})") from None
    names = _columns(path, lines, sensor)
    kept, before = {channel.name: [] for channel in sensor.channels}, None
    for line, cells in enumerate(lines[1:], 2):
        if len(cells) != len(names):
            if not cells:
                continue
            raise ValueError(f"{path}:{line}: has {len(cells)} columns, the first line {len(names)}")
        row = dict(zip(names, cells, strict=True))
        for name, column in kept.items():
            column.append(_number(path, line, name, row[name]))
        if TIME in row:
            now, step = _number(path, line, TIME, row[TIME]), 1 / sensor.rate_hz
            if before is not None and abs(now - before - step) > step / 2:
                raise ValueError(
                    f"{path}:{line}: is {now - before:g} s after the line before, not {step:g} s ({sensor.rate_hz:g} Hz): a gap"
                )
            before = now
    rows = np.stack([channel.values(kept[channel.name]) for channel in sensor.channels], axis=1)
    if len(rows) < sensor.rows_per_hop:
        raise ValueError(f"{path}: has {len(rows)} rows, less than one hop of {sensor.rows_per_hop}")
    return rows
