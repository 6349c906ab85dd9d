"""Fetches Google Speech Commands v0.02 (arXiv:1804.03209, CC BY 4.0) where DATA does not have it.

A download goes on where it stopped, its size is checked against the server's word, every member of the archive
is read through gzip's own checksum before the folder appears, and the folder appears whole or not at all.
"""

import gzip
import http.client
import os
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from pathlib import PurePosixPath

from train.progress import progress

ARCHIVES = {
    "speech_commands": "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
    "speech_commands_test": "http://download.tensorflow.org/data/speech_commands_test_set_v0.02.tar.gz",
}
CHUNK_BYTES = 1 << 20
TIME_LIMIT_S = 60


class DownloadError(OSError):
    """An archive could not be fetched or is damaged; the message says what to do."""


def fetch_speech_commands(data, name="speech_commands"):
    """The folder DATA/<name>, fetched and unpacked where it is not there yet.

    name: speech_commands (training, validation, background) or speech_commands_test (the official test set).
    """
    folder, url = data / name, ARCHIVES[name]
    if folder.is_dir():
        return folder
    archive = data / url.rsplit("/", 1)[1]
    if not archive.exists():
        download(url, archive)
    unpack(archive, folder)
    return folder


def download(url, target):
    """Fetch url into target, through target.part, which a second attempt continues."""
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIME_LIMIT_S) as answer:
            resumed = answer.status == 206
            length = answer.headers["Content-Length"]
            if length is None:
                raise DownloadError(
                    f"{url}: the server does not say how long it is; fetch it by hand into {target.parent}"
                )
            size = int(length) + (have if resumed else 0)
            with (
                open(part, "ab" if resumed else "wb") as file,
                progress(None, target.name, "B", total=size, initial=file.tell(), unit_scale=True) as bar,
            ):
                while chunk := answer.read(CHUNK_BYTES):
                    file.write(chunk)
                    bar.update(len(chunk))
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is left to fetch
            raise DownloadError(f"{url}: {error}") from None
        size = have
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise DownloadError(
            f"{url}: {getattr(error, 'reason', error)}; fetch it by hand into {target.parent}, or try again: "
            "what was fetched is kept"
        ) from None
    if part.stat().st_size != size:
        raise DownloadError(f"{url}: {part.stat().st_size} of {size} bytes came; run again to go on")
    os.replace(part, target)


def _require_plain(member):
    """TarError for what is neither a file nor a folder, or would lie outside."""
    path = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
        raise tarfile.TarError(f"{member.name} is no plain file of its own")


def unpack(archive, folder):
    """Unpack a .tar.gz into a folder that appears when complete; DownloadError where the archive is damaged."""
    scratch = tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.")
    try:
        with gzip.open(archive) as stream, tarfile.open(fileobj=stream) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later
            for member in progress(tar, f"unpacking {archive.name}", "file"):
                _require_plain(member)
                tar.extract(member, scratch)
            while stream.read(CHUNK_BYTES):
                pass  # tarfile stops at the last member, and gzip's checksum stands behind it
        os.chmod(scratch, 0o755)
        os.replace(scratch, folder)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DownloadError(f"{archive}: damaged ({error}); remove it, and it will be fetched again") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
