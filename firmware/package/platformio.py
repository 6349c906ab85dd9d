"""A PlatformIO library, as a zip: what `lib_deps = file://...` and `pio pkg install` take.

Rules: PlatformIO's documentation, `library.json`.
"""

import json

from firmware.package.archive import zip_bytes
from firmware.package.contents import NAME

EXAMPLE = "examples/Microphone"


def library_json(contents):
    """The manifest."""
    manifest = {
        "name": NAME,
        "version": contents.version,
        "description": contents.sentence,
        "keywords": ["keyword spotting", "speech", "audio", "microphone", "cortex-m"],
        "authors": [{"name": "Jerboa maintainers", "maintainer": True}],
        "license": "MIT",
        "headers": f"{NAME}.h",
        "frameworks": "*",
        "platforms": "*",
        "examples": [{"name": "Microphone", "base": EXAMPLE, "files": ["platformio.ini", "src/main.cpp"]}],
    }
    if contents.homepage:
        manifest["homepage"] = contents.homepage
    return json.dumps(manifest, indent=2) + "\n"


def platformio_files(contents):
    """{path: text or bytes}; the manifest lies at the root."""
    return {
        **contents.files(),
        "library.json": library_json(contents),
        f"{EXAMPLE}/platformio.ini": contents.fill("platformio/platformio.ini"),
        f"{EXAMPLE}/src/main.cpp": contents.fill("arduino/Microphone.ino"),
    }


def platformio_package(contents):
    """(file name, bytes)."""
    return f"{NAME}-{contents.version}-platformio.zip", zip_bytes(platformio_files(contents))
