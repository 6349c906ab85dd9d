"""A CMSIS-Pack: what `cpackget add` and the pack installers of IDEs take.

Rules: the Open-CMSIS-Pack specification, `Pack Description (*.pdsc) Format`, and its PACK.xsd.
"""

from firmware.package.archive import zip_bytes
from firmware.package.contents import NAME

VENDOR = "Jerboa"
CORES = (
    "Cortex-M0",
    "Cortex-M0+",
    "Cortex-M3",
    "Cortex-M4",
    "Cortex-M7",
    "Cortex-M33",
    "Cortex-M55",
)


def cmsis_pack_files(contents):
    """{path: text or bytes}; the description lies at the root."""
    listed = [(path, "sourceAsm" if path.endswith(".S") else "source") for path in contents.compiled()]
    return {
        **contents.files(),
        "examples/main.c": contents.fill("cmsis_pack/main.c"),
        f"{VENDOR}.{NAME}.pdsc": contents.fill("cmsis_pack/Jerboa.pdsc", vendor=VENDOR, cores=CORES, listed=listed),
    }


def cmsis_pack_package(contents):
    """(file name, bytes); the name is ruled by the specification."""
    return f"{VENDOR}.{NAME}.{contents.version}.pack", zip_bytes(cmsis_pack_files(contents))
