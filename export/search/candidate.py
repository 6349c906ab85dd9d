"""A candidate: the recipe with one choice of values in the ranges, as an ordinary recipe file of its own, and its sizes.

Sizes are known before training: the export of the same shape with random weights has the same flash and RAM, and takes as many
instructions.
"""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from pydantic import ValidationError

from calibration.detector import Detector
from export.c_files import write_c
from firmware.compile.cores import CORES
from firmware.cost.measure import build_counted
from firmware.cost.stages import count_hops, median_hop
from firmware.files import problems, write_whole
from firmware.host.binding import CERTAIN
from train.network import model_of, network_of
from train.recipe import Recipe

HASH_LETTERS = 10


def settings_of(recipe):
    """A Recipe as the tables of its file."""
    return {key: value for key, value in recipe.model_dump(mode="json", exclude_none=True).items() if key != "name"}


def named(recipe, settings):
    """The Recipe of these settings, <recipe>-<hash of the settings>; ValueError naming the wrong key."""
    try:
        made = Recipe.model_validate({**settings, "name": recipe})
    except ValidationError as error:
        raise ValueError("; ".join(problems(error))) from None
    content = hashlib.sha256(made.model_dump_json().encode()).hexdigest()
    return made.model_copy(update={"name": f"{recipe}-{content[:HASH_LETTERS]}"})


def with_values(recipe, values):
    """A Recipe with {dotted key: value}; ValueError if it has no such key, or refuses a value."""
    settings = settings_of(recipe)
    for place, value in values.items():
        *tables, key = place.split(".")
        inner = settings
        for table in tables:
            inner = inner.setdefault(table, {})
        inner[key] = value
    return named(recipe.name, settings)


def with_seed(candidate, base, seed):
    """A candidate's Recipe with another seed, named by its own hash; base: the name of the recipe that is searched."""
    return named(base, {**settings_of(candidate), "seed": seed})


def write_recipe(recipe, folder):
    """The path of a Recipe's file in a folder."""
    path = folder / f"{recipe.name}.toml"
    if not path.exists():
        write_whole(path, tomli_w.dumps(settings_of(recipe)))
    return path


@dataclass(frozen=True)
class Sizes:
    flash_bytes: int
    ram_bytes: int
    instructions: int | None = None  # of the median hop

    def above(self, budget):
        """The first figure above a budget {size: most} as text, or nothing."""
        for size, most in budget.items():
            if (value := getattr(self, size)) is not None and value > most:
                return f"{size} {value:,}, at most {most:,}"
        return ""


def sizes_of(recipe, core, budget):
    """The Sizes of a Recipe; instructions None if flash or RAM alone are above the budget."""
    with tempfile.TemporaryDirectory() as scratch:
        model = model_of(recipe, network_of(recipe).state_dict())
        detector = Detector.with_one_threshold(CERTAIN // 4, model.keywords)
        exported = Path(scratch) / "model"
        about = write_c(model, model.quantize(), detector, exported)
        sizes = Sizes(about.flash_bytes, about.ram_bytes)
        if sizes.above(budget):
            return sizes
        hops = count_hops(CORES[core], build_counted(CORES[core], [exported], Path(scratch) / core))
        return Sizes(about.flash_bytes, about.ram_bytes, median_hop(hops)["total"])
