"""Misses and false accepts an hour on long recordings, through the C library that ships.

    python -m calibration.streams RECIPE STREAM [--point FILE]        writes BUILD/RECIPE/stream.json and det.png

STREAM is the name of a description in calibration/streams (small, test), your own .toml file, or a folder of
recordings with events.tsv.  FILE holds an operating point of one's own, as `make page` saves it.  docs/streams.md has the format,
how streams are built, and the scoring rule.
"""

import argparse

from calibration.plots import save
from calibration.streams.measurement import measure
from calibration.streams.plot import det_curves
from calibration.streams.tables import asleep_lines, curve_lines, points_table, recall_lines
from firmware.command import run_command
from firmware.files import write_json
from firmware.paths import build_folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("stream")
    parser.add_argument("--point", default="", help="JSON file of an operating point")
    arguments = parser.parse_args()
    measured = measure(arguments.recipe, arguments.stream, arguments.point)
    path = build_folder() / measured.recipe / "stream.json"
    write_json(path, measured)
    lines = [*curve_lines(measured), *asleep_lines(measured), *recall_lines(measured)]
    print("\n".join([points_table(measured), *lines]))
    save(det_curves(measured), path.with_name("det.png"))
    print(path)


if __name__ == "__main__":
    run_command("stream", main)
