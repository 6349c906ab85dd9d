"""A report about a model on one page: python -m calibration.report RECIPE

Writes BUILD/RECIPE/report.html, which loads nothing else.  For a missing measurement it gives the command that makes it.
"""

import argparse

from calibration.report.page import report
from firmware.command import run_command
from firmware.files import write_whole
from firmware.paths import build_folder
from firmware.recipes import recipe_name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = parser.parse_args().recipe
    path = build_folder() / recipe_name(recipe) / "report.html"
    write_whole(path, report(recipe))
    print(path)


if __name__ == "__main__":
    run_command("report", main)
