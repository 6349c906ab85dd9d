"""A zip whose bytes follow from its files, and from zlib, alone: sorted, one date, one set of permissions."""

import io
import zipfile

DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say."""


def zip_bytes(files):
    """A zip archive of {path inside: text or bytes}."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that permissions count
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[path])
    return held.getvalue()
