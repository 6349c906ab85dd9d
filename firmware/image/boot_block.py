"""The CRC-32 that the RP2040's boot ROM requires after the boot block (RP2040 Datasheet, section 2.8.1.3.1)."""

import zlib

from elftools.elf.elffile import ELFFile

BLOCK_BYTES = 252


def checksum(block):
    """CRC-32/MPEG-2: polynomial 0x04c11db7, initial value 0xffffffff, no reflection, no final inversion.

    zlib.crc32 reflects the bits of each byte and of the result, and inverts the result.
    """
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in block)
    return int(f"{zlib.crc32(mirrored) ^ 0xFFFFFFFF:032b}"[::-1], 2)


def seal(image):
    """Write the checksum into the last four bytes of an image's section .boot."""
    with open(image, "r+b") as file:
        section = ELFFile(file).get_section_by_name(".boot")
        crc = checksum(section.data()[:BLOCK_BYTES])
        file.seek(section["sh_offset"] + BLOCK_BYTES)
        file.write(crc.to_bytes(4, "little"))
