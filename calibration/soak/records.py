"""soak.json, key by key."""

from calibration.records import Pairs, Rate, Share
from firmware.files import Record
from firmware.model_json import Count, Sha256


class HalfHourFigures(Record):
    """mean and p99: |error| against float, logits; agree: share of hops with equal argmax; saturated: share of state elements
    at an end of their format; right: clips decided rightly."""

    mean: Rate
    p99: Rate
    agree: Share
    saturated: Share
    clips: Count
    right: Count


class Recovery(Record):
    """After a disturbance: ms until the logits stay near an undisturbed stream's (recovery.NEAR_LOGITS), and until they stay
    equal, None: never; how many of the clips afterwards are decided as there."""

    near_ms: Count | None
    equal_ms: Count | None
    clips: Count
    same: Count


class SoakFigures(Record):
    """soak.json; last_against_first: half hours, of the same clips; reset_is_fresh: whether a reset stream equals a new one."""

    recipe: str
    model_sha256: Sha256
    half_hours: tuple[HalfHourFigures, ...]
    last_against_first: Pairs
    reset_is_fresh: bool
    recovery: dict[str, Recovery]
