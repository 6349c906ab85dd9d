"""looks.json: every look at test recordings, once for each model and set of recordings."""

from calibration.records import Look
from firmware.files import read_json, write_json


def with_look(looks, look):
    """looks with one more, unless they have one of the same model at the same recordings."""
    seen = {(old.model_sha256, old.order_sha256) for old in looks}
    return looks if (look.model_sha256, look.order_sha256) in seen else [*looks, look]


def note_look(evaluation, test, path):
    """Add the figures of an Evaluation on the recordings called test to the looks in path."""
    looks = read_json(path, list[Look]) if path.exists() else []
    figures = {name: getattr(evaluation, name) for name in Look.model_fields if name != "test"}
    write_json(path, with_look(looks, Look(test=test, **figures)))
