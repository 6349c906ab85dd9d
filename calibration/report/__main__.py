"""One page about a model that a person would rather look at than a log: python -m calibration.report RECIPE

Writes BUILD/RECIPE/report.html: static, nothing is fetched.  What was not measured is said with the command that does.
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
