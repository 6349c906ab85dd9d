"""Downloads published archives and unpacks them.

An interrupted download continues.  An archive is used only if it has the published SHA-256, even one put there by hand.  An
unpacked folder appears when it is complete.
"""

import gzip
import hashlib
import http.client
import os
import sys
import tarfile
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from firmware.command import printable
from firmware.files import whole_folder
from firmware.paths import is_inside
from firmware.progress import progress


@dataclass(frozen=True)
class Archive:
    """A published file on a server."""

    url: str
    size_bytes: int
    sha256: str

    @property
    def name(self):
        return self.url.rsplit("/", 1)[1]


CHUNK_BYTES = 1 << 20
TIME_LIMIT_S = 60
GZIP = b"\x1f\x8b"
LARGEST_RATIO = 3
"""Largest ratio of unpacked to packed size; recordings of speech have 1.5."""


class DownloadError(OSError):
    """An archive could not be downloaded or unpacked, or is not the published one; the message says what to do."""


class HttpsRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https alone."""

    def redirect_request(self, request, answer, code, message, headers, url):
        if not url.startswith("https://"):
            raise DownloadError(f"{request.full_url}: redirects to {url}, which is not https")
        return super().redirect_request(request, answer, code, message, headers, url)


def download(published, target):
    """Download an Archive to target; target.part has what came so far, and a second attempt continues it."""
    part, size = target.with_name(target.name + ".part"), published.size_bytes
    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.exists() else 0
    if have != size:
        try:
            _fetch(published, part, have)
        except DownloadError:
            raise
        except (OSError, http.client.HTTPException) as error:
            reason = error if isinstance(error, urllib.error.HTTPError) else getattr(error, "reason", error)
            raise DownloadError(
                f"{published.url}: {reason}; download it by hand into {target.parent}, or try again, which continues the download"
            ) from None
    if part.stat().st_size != size:
        raise DownloadError(
            f"{published.url}: {part.stat().st_size} of {size} bytes arrived; run the command again to continue"
        )
    os.replace(part, target)


def _fetch(published, part, have):
    """Append the rest of the file to part, or write all of it if the server ignores the range."""
    url, size = published.url, published.size_bytes
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if 0 < have < size else {})
    with urllib.request.build_opener(HttpsRedirects).open(request, timeout=TIME_LIMIT_S) as answer:
        resumed = answer.status == 206
        wanted, told = f"bytes {have}-{size - 1}/{size}", answer.headers["Content-Range"]
        if resumed and told != wanted:
            raise DownloadError(f"{url}: the server sent {told} instead of {wanted}; remove {part} and try again")
        length = int(answer.headers["Content-Length"] or size)
        first = answer.read(CHUNK_BYTES)
        if not resumed and (length != size or first and not first.startswith(GZIP)):
            raise DownloadError(
                f"{url}: the server sent another file, {length} bytes that begin with {first[:16]}; download it by hand "
                f"into {part.parent}"
            )
        with (
            open(part, "ab" if resumed else "wb") as file,
            progress(None, published.name, "B", total=size, initial=file.tell()) as bar,
        ):
            chunk = first
            while chunk:
                _write(file, chunk[: size - file.tell()])
                bar.update(len(chunk))
                chunk = answer.read(CHUNK_BYTES)


def _write(file, chunk):
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise DownloadError(
            f"{file.name}: {error.strerror or error}; free some space and run the command again to continue"
        ) from None


def fetch(published, folder):
    """The path of an Archive in a folder, downloaded if it is not there; DownloadError if it is not the published one."""
    path = folder / published.name
    if not path.exists():
        download(published, path)
    require_published(published, path)
    return path


def require_published(published, path):
    """DownloadError if the file is not the Archive."""
    print(f"{path}: comparing its SHA-256 with the published one", file=sys.stderr)
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != published.sha256:
        raise DownloadError(
            f"{path}: damaged, or another archive (SHA-256 {found}, published {published.sha256}); "
            "remove it, and it will be downloaded again"
        )


def _require_plain(member, seen):
    """TarError if a member is no file or folder, lies outside the archive, or has the name of another but for case."""
    if not (member.isfile() or member.isdir()) or not is_inside(member.name):
        raise tarfile.TarError(f"{member.name} is no ordinary file or folder inside the archive")
    name = str(PurePosixPath(member.name)).casefold()
    if name in seen:
        raise tarfile.TarError(f"{member.name} occurs twice")
    seen.add(name)


def unpack(archive, folder):
    """Unpack a .tar.gz into a folder, which appears when complete; DownloadError if that fails."""
    room_bytes, seen = LARGEST_RATIO * archive.stat().st_size, set()
    try:
        with whole_folder(folder) as made, gzip.open(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later
            for member in progress(tar, f"unpacking {archive.name}", "files"):
                _require_plain(member, seen)
                room_bytes -= member.size
                if room_bytes < 0:
                    raise tarfile.TarError(f"over {LARGEST_RATIO} times its packed size at {member.name}")
                member.mode = 0o755 if member.isdir() else 0o644
                tar.extract(member, made)
            while stream.read(CHUNK_BYTES):
                pass  # tarfile stops at the last member; gzip's checksum is after it
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        reason = printable(str(error))  # it may have a member's name
        raise DownloadError(f"{archive}: damaged ({reason}); remove it, and it will be downloaded again") from None
    except OSError as error:
        raise DownloadError(
            f"{folder}: {error.strerror or error} while unpacking {archive.name}, which needs up to "
            f"{LARGEST_RATIO * archive.stat().st_size >> 20} MB"
        ) from None
