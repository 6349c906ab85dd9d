"""UF2, the format of a file that a bootloader accepts on its drive (Microsoft's USB Flashing Format, README).

A file is blocks of 512 bytes: 32 bytes of header with the flash address, 476 of data, 4 of magic number.
"""

import struct

DATA_BYTES = 476
PAYLOAD_BYTES = 256
"""Flash bytes in a block: one page of the RP2040."""
MAGIC = 0x0A324655, 0x9E5D5157
LAST_MAGIC = 0x0AB16F30
FAMILY_PRESENT = 0x2000
RP2040 = 0xE48BFF56
"""The family ID."""


def uf2(content, address):
    """The UF2 file that writes bytes to a flash address; the last page is padded with zeros."""
    pages = [content[start : start + PAYLOAD_BYTES] for start in range(0, len(content), PAYLOAD_BYTES)]
    return b"".join(
        struct.pack(
            f"<8I{DATA_BYTES}sI",
            *(*MAGIC, FAMILY_PRESENT, address + PAYLOAD_BYTES * number, PAYLOAD_BYTES, number, len(pages), RP2040),
            page,
            LAST_MAGIC,
        )
        for number, page in enumerate(pages)
    )
