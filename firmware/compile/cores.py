"""The emulated cores, and the compiler flags for them."""

from dataclasses import dataclass

RAM_ORIGIN = 0x20000000
"""Start of RAM on every Cortex-M machine."""


@dataclass(frozen=True)
class Core:
    """A Cortex-M core and the QEMU machine that runs its code (docs/emulation.md)."""

    name: str
    flags: tuple
    machine: str
    flash_origin: int = 0x00000000
    flash_kb: int = 4096
    ram_kb: int = 4096

    @property
    def memory(self):
        """{region: range of addresses} of the machine."""
        return {
            "FLASH": range(self.flash_origin, self.flash_origin + self.flash_kb * 1024),
            "RAM": range(RAM_ORIGIN, RAM_ORIGIN + self.ram_kb * 1024),
        }


CORES = {
    core.name: core
    for core in (
        Core("m0", ("-mcpu=cortex-m0",), "microbit", flash_kb=256, ram_kb=16),
        Core("m0plus", ("-mcpu=cortex-m0plus",), "mps2-an385"),
        Core("m3", ("-mcpu=cortex-m3",), "mps2-an385"),
        Core("m4", ("-mcpu=cortex-m4", "-mfloat-abi=soft"), "mps2-an386"),
        Core("m7", ("-mcpu=cortex-m7", "-mfloat-abi=soft"), "mps2-an500"),
        Core("m33", ("-mcpu=cortex-m33", "-mfloat-abi=soft"), "mps2-an505", flash_origin=0x10000000, ram_kb=32),
        Core("m55", ("-mcpu=cortex-m55", "-mfloat-abi=hard"), "mps3-an547", flash_kb=512, ram_kb=512),
    )
}
CROSS = "arm-none-eabi-"
CROSS_FLAGS = ("-mthumb", "-O2", "-g", "-ffunction-sections", "-fdata-sections", "-ffreestanding")
