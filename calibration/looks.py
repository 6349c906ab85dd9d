"""looks.json: every look at test recordings, once for each model and set of recordings."""

from calibration.records import Look
from firmware.files import read_json_if_there, write_json
from firmware.paths import MODELS, build_folder


def with_look(looks, look):
    """looks with one more, unless they have one of the same model at the same recordings."""
    seen = {(old.model_sha256, old.order_sha256) for old in looks}
    return looks if (look.model_sha256, look.order_sha256) in seen else [*looks, look]


def note_look(evaluation, test, path):
    """Add the figures of an Evaluation on the recordings called test to the looks in path."""
    looks = read_json_if_there(path, list[Look]) or []
    figures = {name: getattr(evaluation, name) for name in Look.model_fields if name != "test"}
    write_json(path, with_look(looks, Look(test=test, **figures)))


def looks_of(recipe):
    """The shipped looks of a recipe (a name), then the new ones of BUILD."""
    shipped, new = (
        read_json_if_there(folder / recipe / "looks.json", list[Look]) or [] for folder in (MODELS, build_folder())
    )
    for look in new:
        shipped = with_look(shipped, look)
    return shipped
