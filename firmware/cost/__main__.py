"""The cost of the shipped models on every emulated core, against the budget: python -m firmware.cost [--accept]

    python -m firmware.cost "RECIPE ..."    instead: of these models, each alone and all in one image, without a budget
    python -m firmware.cost --peers=FOLDER  instead: a step of other libraries' cells, whose sources FOLDER holds, beside ours

Writes BUILD/cost.json, {core: {recipe: {flash, ram, instructions_per_hop, instructions_worst_hop}}}, and prints it as
tables.  Ends with status 1 and a list where a figure is over firmware/cost/budget.json; --accept (`make cost BUDGET=write`)
writes the figures there and into the README's table.
"""

import argparse
import sys

from firmware.command import run_command
from firmware.cost.budget import BUDGET, accept, compare, compiler_version, load_budget, report
from firmware.cost.measure import images_of, measure_images, measure_steps, shipped_images
from firmware.cost.peers.steps import peer_tables
from firmware.cost.tables import all_tables, image_tables
from firmware.files import write_json
from firmware.paths import build_folder
from firmware.recipes import recipe_names

STEP = "GRU step"
"""What it is called among the figures."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="make what is measured the new budget")
    parser.add_argument("--peers", default="", metavar="FOLDER", help="of the other libraries' sources")
    parser.add_argument("recipes", nargs="?", help="names; default: every shipped model")
    arguments = parser.parse_args()
    if arguments.peers and (arguments.recipes or arguments.accept):
        parser.error("PEERS=: of no model; leave RECIPE= and BUDGET= out")
    if arguments.recipes and arguments.accept:
        parser.error("BUDGET=write: of every shipped model; leave RECIPE= out")
    if arguments.peers:
        print(peer_tables(arguments.peers))
        return
    if arguments.recipes:
        images = images_of(recipe_names(arguments.recipes))
        print(image_tables(measure_images(images), images))
        return
    images = shipped_images()
    cost, steps = measure_images(images), measure_steps()
    write_json(build_folder() / "cost.json", cost)
    print(all_tables(cost, steps, images))
    if arguments.accept:
        accept(cost, steps, images)
        print(f"\n{BUDGET}, README.md: written")
        return
    budget = load_budget()
    comparison = compare({**budget.cost, STEP: budget.gru_step}, {**cost, STEP: steps})
    print(f"\n{report(comparison, budget.compiler, compiler_version())}")
    if comparison.over:
        sys.exit(1)


if __name__ == "__main__":
    run_command("cost", main)
