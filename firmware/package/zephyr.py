"""A Zephyr module, as a zip: a folder for ZEPHYR_EXTRA_MODULES or a west manifest.

Rules: Zephyr's documentation, `Modules (External projects)`, section `Module yaml file description`.
"""

from firmware.package.archive import zip_bytes
from firmware.package.contents import NAME, TEMPLATES

PLACES = {"zephyr/module": "zephyr", "zephyr/sample": "samples/microphone"}
"""Of templates, in the module."""


def zephyr_files(contents):
    """{path: text or bytes} of the module's folder."""
    files = contents.files()
    for folder, place in PLACES.items():
        for path in sorted((TEMPLATES / folder).rglob("*")):
            if path.is_file():
                inside = path.relative_to(TEMPLATES / folder)
                files[f"{place}/{inside}"] = contents.fill(f"{folder}/{inside}")
    return files


def zephyr_package(contents):
    """(file name, bytes)."""
    files = {f"{NAME.lower()}/{path}": data for path, data in zephyr_files(contents).items()}
    return f"{NAME.lower()}-{contents.version}-zephyr.zip", zip_bytes(files)
