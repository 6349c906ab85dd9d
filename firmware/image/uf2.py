"""UF2, the format that a board's bootloader takes as a file on a drive (Microsoft's USB Flashing Format, its README).

Blocks of 512 bytes, each with its address: 32 bytes of header, 476 of data and the last magic number.
"""

import struct

BLOCK_BYTES, HEADER_BYTES, DATA_BYTES = 512, 32, 476
PAYLOAD_BYTES = 256
"""Of flash in a block: a page of the RP2040's."""
MAGIC = 0x0A324655, 0x9E5D5157
LAST_MAGIC = 0x0AB16F30
FAMILY_PRESENT = 0x2000
RP2040 = 0xE48BFF56


def uf2(content, address, family=RP2040):
    """The file that writes bytes to an address of the flash; the last page is filled up with zeros."""
    pages = [content[start : start + PAYLOAD_BYTES] for start in range(0, len(content), PAYLOAD_BYTES)]
    return b"".join(
        struct.pack(
            f"<8I{DATA_BYTES}sI",
            *(*MAGIC, FAMILY_PRESENT, address + PAYLOAD_BYTES * number, PAYLOAD_BYTES, number, len(pages), family),
            page,
            LAST_MAGIC,
        )
        for number, page in enumerate(pages)
    )
