"""Downloads the voices of Kokoro into DATA: python -m train.synthesizers.kokoro_voices

They are in the npm package kokoro-js (hexgrad, Apache-2.0): voices/<name>.bin, float32 [510, 256].  Row n is the style for n
tokens; a word or a sentence has fewer than ROWS.
"""

import gzip
import io
import tarfile
import zlib
from pathlib import PurePosixPath

import numpy as np

from firmware.command import run_command
from firmware.files import write_whole
from firmware.paths import data_folder
from train.download import Archive, DownloadError, fetch
from train.synthesizers.kokoro import VOICES, read_styles

PACKAGE = Archive(
    "https://registry.npmjs.org/kokoro-js/-/kokoro-js-1.2.1.tgz",
    26_887_218,
    "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
)
ROWS, STYLE = 160, 256


def styles_in(archive):
    """{voice: float16 [ROWS, STYLE]} of the package; DownloadError if it has no voices or they are not as expected."""
    styles = {}
    try:
        with tarfile.open(archive, "r:gz") as package:
            for member in package:
                path = PurePosixPath(member.name)
                if member.isfile() and path.parent.name == "voices" and path.suffix == ".bin":
                    rows = np.frombuffer(package.extractfile(member).read(), "<f4").reshape(-1, STYLE)
                    styles[path.stem] = rows[:ROWS].astype(np.float16)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise DownloadError(f"{archive}: damaged ({error}); remove it, and it will be downloaded again") from None
    if not styles or any(len(rows) < ROWS for rows in styles.values()):
        raise DownloadError(f"{archive}: has no whole voices; remove it, and it will be downloaded again")
    return styles


def fetch_voices(data):
    """The file of voices in the folder DATA, downloaded if it does not exist."""
    file = data / VOICES
    if not file.exists():
        archive = fetch(PACKAGE, data)
        content = io.BytesIO()
        np.savez(content, **styles_in(archive))
        write_whole(file, content.getvalue())
        archive.unlink()
    return file


def main():
    file = fetch_voices(data_folder())
    print(f"{file}: {len(read_styles(file))} voices")


if __name__ == "__main__":
    run_command("voices", main)
