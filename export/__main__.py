"""Exports a trained and calibrated recipe: python -m export RECIPE

The C arrays are written first, then the ONNX and TFLite graphs of the same int8 weight codes, then agreement.json, which
compares each graph with the integer reference.  Without TensorFlow, the TFLite files are skipped and a line says so.
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
