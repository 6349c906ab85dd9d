"""A cost.json as tables, and the README's table, which is generated between two comments."""

import re

from firmware.cost.stages import FRONTEND_STAGES, STAGES
from firmware.files import write_whole
from firmware.markdown import table
from firmware.model_json import read_model_json
from firmware.paths import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- written by make cost BUDGET=write -->\n", "<!-- to here -->\n"

CHIPS = (("nRF52840", "m4", 64), ("STM32L4", "m4", 80), ("RP2040", "m0plus", 125))
"""Name, core, MHz."""

NAMES = {"m0plus": "M0+", **{core: core.upper() for core in ("m0", "m3", "m4", "m7", "m33", "m55")}}
README_CORES = ("m0plus", "m3", "m4", "m55")


def entries(cost):
    """(core, recipe, entry) of each."""
    return [(core, recipe, entry) for core, recipes in cost.items() for recipe, entry in recipes.items()]


def hops_per_second(folders):
    """Of the microphone, for an image of the models in folders: the longest hop's."""
    return 1000 / max(read_model_json(folder).frontend.hop_ms for folder in folders)


def load(cost, images, recipe, core):
    """Instructions a second, the median hop's; images: {recipe: [folders of the models that were measured]}."""
    return cost[core][recipe]["instructions_per_hop"]["total"] * hops_per_second(images[recipe])


def shares(cost, images, recipe):
    """Of each chip's clock, taken as an instruction a cycle."""
    return [f"{load(cost, images, recipe, core) / (mhz * 1e6):.1%}" for _, core, mhz in CHIPS]


def memory_table(cost):
    rows = [
        (NAMES[core], recipe, *entry["flash"].values(), *entry["ram"].values()) for core, recipe, entry in entries(cost)
    ]
    return table(["core", "recipe", "code", "tables", "model", "state", "scratch", "stack"], rows)


def stage_table(cost):
    columns = (*STAGES, "total")
    rows = [
        (
            NAMES[core],
            recipe,
            *(entry["instructions_per_hop"][stage] for stage in columns),
            entry["instructions_worst_hop"],
        )
        for core, recipe, entry in entries(cost)
    ]
    return table(["core", "recipe", *columns, "worst hop"], rows)


def asleep_table(cost):
    """Of the models with the gate: a hop in which they sleep, beside the median hop."""
    rows = [
        (NAMES[core], recipe, whole, entry["instructions_asleep"], f"{entry['instructions_asleep'] / whole:.1%}")
        for core, recipe, entry in entries(cost)
        if "instructions_asleep" in entry
        for whole in (entry["instructions_per_hop"]["total"],)
    ]
    if not rows:
        return ""
    header = ["core", "recipe", "awake", "asleep", "share"]
    return f"\n\nInstructions of a hop, awake and asleep (the gate):\n\n{table(header, rows)}"


def frontend_instructions(recipes):
    """Of the front end, which all shipped models share; {recipe: entry} of a core."""
    spent = next(iter(recipes.values()))["instructions_per_hop"]
    return sum(spent[stage] for stage in FRONTEND_STAGES)


def parts_table(cost, steps):
    """What other libraries are compared by: a GRU step, and the front end."""
    rows = [(NAMES[core], steps.get(core, "-"), frontend_instructions(recipes)) for core, recipes in cost.items()]
    return table(["core", "GRU step, 10 inputs, 64 units", "front end, 20 ms, 40 bands"], rows)


def load_table(cost, images):
    cores = dict.fromkeys(core for _, core, _ in CHIPS)
    header = ["recipe", *(f"{NAMES[core]}, million a second" for core in cores)]
    header += [f"{name}, {NAMES[core]} at {mhz} MHz" for name, core, mhz in CHIPS]
    rows = [
        (recipe, *(f"{load(cost, images, recipe, core) / 1e6:.2f}" for core in cores), *shares(cost, images, recipe))
        for recipe in cost["m4"]
    ]
    return table(header, rows)


def all_tables(cost, steps, images):
    """What `make cost` prints."""
    return (
        f"Bytes of flash (code, tables, model) and RAM (state, scratch, the most stack of a hop):\n\n{memory_table(cost)}"
        f"\n\nInstructions of the median hop by stage, and of the worst hop:\n\n{stage_table(cost)}"
        f"\n\nParts by themselves:\n\n{parts_table(cost, steps)}"
        f"\n\nInstructions (not cycles), and their share of a clock:\n\n{load_table(cost, images)}"
    )


def image_tables(cost, images):
    """What `make cost RECIPE="..."` prints."""
    return (
        f"Bytes of flash (code, tables, models) and RAM (state, scratch, the most stack of a hop):\n\n{memory_table(cost)}"
        f"\n\nInstructions of the median hop by stage, and of the worst hop:\n\n{stage_table(cost)}"
        f"{asleep_table(cost)}"
        f"\n\nInstructions (not cycles), and their share of a clock:\n\n{load_table(cost, images)}"
    )


def readme_table(cost, images):
    """The README's: a row a model."""
    header = ["model", "flash", "RAM", *(NAMES[core] for core in README_CORES), *(name for name, _, _ in CHIPS)]
    rows = [
        (
            f"`{recipe}`",
            sum(entry["flash"].values()),
            sum(entry["ram"].values()),
            *(cost[core][recipe]["instructions_per_hop"]["total"] for core in README_CORES),
            *shares(cost, images, recipe),
        )
        for recipe, entry in cost["m4"].items()
    ]
    return table(header, rows) + "\n"


def readme_section(text):
    """What stands between the two comments of a README."""
    found = re.search(f"{re.escape(BEGIN)}(.*?){re.escape(END)}", text, flags=re.S)
    if not found:
        raise ValueError(f"{README}: lacks {BEGIN.strip()} or {END.strip()}, between which the table of costs stands")
    return found[1]


def write_readme(cost, images):
    text = README.read_text()
    before, _, after = text.partition(BEGIN + readme_section(text))
    write_whole(README, before + BEGIN + readme_table(cost, images) + after)
