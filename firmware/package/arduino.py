"""An Arduino library, as a zip: what `Sketch > Include Library > Add .ZIP Library` takes.

Rules: the Arduino library specification, format 1.5 rev. 2.2, `Library metadata` and `Layout of folders and files`.
"""

from firmware.package.archive import zip_bytes
from firmware.package.contents import NAME

ARCHITECTURES = (
    "mbed",
    "mbed_nano",
    "mbed_rp2040",
    "mbed_nicla",
    "mbed_portenta",
    "mbed_giga",
    "nrf52",
    "renesas_portenta",
    "renesas_uno",
    "rp2040",
    "sam",
    "samd",
    "stm32",
    "zephyr",
)
"""Of cores for Cortex-M; the IDE only warns where a board's is another."""


def arduino_files(contents):
    """{path: text or bytes} of the library's folder."""
    return {
        **contents.files(),
        "library.properties": contents.fill("arduino/library.properties", architectures=ARCHITECTURES),
        "examples/Microphone/Microphone.ino": contents.fill("arduino/Microphone.ino"),
    }


def arduino_package(contents):
    """(file name, bytes)."""
    files = {f"{NAME}/{path}": data for path, data in arduino_files(contents).items()}
    return f"{NAME}-{contents.version}-arduino.zip", zip_bytes(files)
