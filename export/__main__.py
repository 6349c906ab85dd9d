"""Writes every artefact of a trained and calibrated recipe: python -m export RECIPE

All are made from one set of int8 codes.  The C comes first; ONNX and TFLite follow and are compared with the
integers in agreement.json.  Without tensorflow the TFLite artefacts are left out, with a line that says so.
"""

import argparse

from export.artefacts import export
from firmware.command import run_command
from firmware.recipes import recipe_name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    export(recipe_name(parser.parse_args().recipe))


if __name__ == "__main__":
    run_command("export", main)
