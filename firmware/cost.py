"""What the shipped models cost on every emulated core, against the budget: python -m firmware.cost [--accept]

Writes BUILD/cost.json, {core: {recipe: {flash, ram, instructions_per_hop, instructions_worst_hop}}}, and prints it as
tables.  Ends with status 1 and a list where a figure is over firmware/budget.json; --accept (`make cost BUDGET=write`)
writes the figures there and into the README's table.
"""

import argparse
import sys

from firmware.budget import BUDGET, accept, compare, compiler_version, load_budget, report
from firmware.build import CORES, BuildError, build_image
from firmware.cost_tables import all_tables
from firmware.emulate import EmulationError
from firmware.files import write_json
from firmware.footprint import flash_bytes, ram_bytes
from firmware.gru_step import STEP_RAM_KB, step_instructions
from firmware.paths import MODELS, PORTS, build_folder
from firmware.recipes import MODEL_FILES
from firmware.stages import count_hops, median_hop

STEP = "GRU step"
"""What it is called among the figures."""


def shipped_recipes():
    """The recipes that have a model in the tree, smallest model first."""
    sizes = {file.parent.name: file.stat().st_size for file in MODELS.glob(f"*/{MODEL_FILES[1]}")}
    return sorted(sizes, key=sizes.get)


def build_counted(core, model, folder):
    """The image that is measured: spotter.c with the model in a folder, what the compiler says of each frame beside it."""
    return build_image(core, model, PORTS / "emulated" / "spotter.c", folder, ("-fstack-usage",))


def measure(core, model, image):
    """What a core pays for the model in a folder, of which `image` was built: one entry of cost.json."""
    hops = count_hops(core, image)
    return {
        "flash": flash_bytes(image),
        "ram": ram_bytes(core, model, image),
        "instructions_per_hop": median_hop(hops),
        "instructions_worst_hop": max(hop["total"] for hop in hops),
    }


def measure_all():
    """The value of cost.json."""
    recipes, cost = shipped_recipes(), {}
    for core in CORES:
        print(f"measuring on {core}", file=sys.stderr)
        cost[core] = {}
        for recipe in recipes:
            image = build_counted(CORES[core], MODELS / recipe, build_folder() / "cost" / recipe / core)
            cost[core][recipe] = measure(CORES[core], MODELS / recipe, image)
    return cost


def measure_steps():
    """{core: instructions of the GRU step that other libraries are compared by}, where its weights find room in RAM."""
    return {name: step_instructions(core) for name, core in CORES.items() if core.ram_kb >= STEP_RAM_KB}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="make what is measured the new budget")
    accepted = parser.parse_args().accept
    cost, steps = measure_all(), measure_steps()
    write_json(build_folder() / "cost.json", cost)
    print(all_tables(cost, steps))
    if accepted:
        accept(cost, steps)
        print(f"\n{BUDGET}, README.md: written")
        return
    budget = load_budget()
    comparison = compare({**budget["cost"], STEP: budget["gru_step"]}, {**cost, STEP: steps})
    print(f"\n{report(comparison, budget['compiler'], compiler_version())}")
    if comparison.over:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except (BuildError, EmulationError, ValueError, OSError) as error:
        sys.exit(f"cost: {error}")
