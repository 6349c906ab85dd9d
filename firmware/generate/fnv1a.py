"""The hash of exported C, 32 bits (Fowler, Noll, Vo: FNV-1a), as firmware/library/integrity.c computes it."""

START, PRIME = 2166136261, 16777619


def fnv1a(content):
    """The hash of bytes."""
    value = START
    for byte in content:
        value = (value ^ byte) * PRIME & 0xFFFFFFFF
    return value
