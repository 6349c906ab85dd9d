"""Packages of the library with a recipe's model for other worlds: python -m firmware.package RECIPE

Arduino, PlatformIO, CMSIS-Pack and Zephyr, of the same sources, into BUILD/RECIPE/package/; docs/package.md tells how each is
used.
"""

import argparse

from firmware.command import run_command
from firmware.files import whole_folder, write_whole
from firmware.package.arduino import arduino_package
from firmware.package.cmsis_pack import cmsis_pack_package
from firmware.package.contents import read_contents
from firmware.package.platformio import platformio_package
from firmware.package.zephyr import zephyr_package
from firmware.paths import build_folder
from firmware.recipes import model_folders_told, of_keywords, recipe_name

PACKAGES = (arduino_package, platformio_package, cmsis_pack_package, zephyr_package)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = recipe_name(parser.parse_args().recipe)
    [model] = of_keywords(model_folders_told([recipe], "packaging"))
    contents = read_contents(recipe, model)
    folder, packages = build_folder() / recipe / "package", [package(contents) for package in PACKAGES]
    with whole_folder(folder) as made:
        for name, data in packages:
            write_whole(made / name, data)
    for name, data in packages:
        print(f"{folder / name}: {len(data):,} bytes")


if __name__ == "__main__":
    run_command("package", main)
