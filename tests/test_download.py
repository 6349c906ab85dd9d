"""The downloads of Speech Commands and of voices, from a server on this machine that can hang up."""

import errno
import hashlib
import io
import tarfile
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from train import download
from train.corpora.speech_commands import ARCHIVES, fetch_speech_commands
from train.download import Archive, DownloadError, HttpsRedirects
from train.synthesizers import kokoro_voices

NAME = "speech_commands.tar.gz"
RECORDING = np.random.default_rng(0).bytes(60_000)


def archive_of(recording):
    """A .tar.gz with one recording, stored and not deflated, so that its bytes can be found and damaged."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz", compresslevel=0) as tar:
        member = tarfile.TarInfo("yes/anna_nohash_0.wav")
        member.size = len(recording)
        tar.addfile(member, io.BytesIO(recording))
    return content.getvalue()


def package_of(voices):
    """A .tgz as npm has it, with {name: bytes} of voices."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, styles in {"package.json": b"{}", **{f"voices/{name}.bin": voices[name] for name in voices}}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(styles)
            tar.addfile(member, io.BytesIO(styles))
    return content.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Serves server.content from where the client asks, and hangs up after server.patience_bytes."""

    def do_GET(self):
        content, wanted = self.server.content, self.headers["Range"]
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.knows_range else 0
        self.server.starts.append(start)
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.patience_bytes])

    def log_message(self, *_):
        """Keep the tests' output quiet."""


@pytest.fixture
def server(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content, server.patience_bytes, server.knows_range, server.starts = archive_of(RECORDING), None, True, []
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    url, digest = f"http://127.0.0.1:{server.server_port}/{NAME}", hashlib.sha256(server.content).hexdigest()
    monkeypatch.setitem(ARCHIVES, "speech_commands", Archive(url, len(server.content), digest))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(data):
    """What came of the one recording."""
    return (fetch_speech_commands(data) / "yes" / "anna_nohash_0.wav").read_bytes()


def test_a_whole_download_is_unpacked(server, tmp_path):
    assert fetched(tmp_path / "data") == RECORDING
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["speech_commands", NAME]


def test_an_existing_folder_is_used_without_the_network(server, tmp_path):
    (tmp_path / "speech_commands").mkdir()
    assert fetch_speech_commands(tmp_path) == tmp_path / "speech_commands"
    assert not server.starts


def test_an_existing_archive_is_used_without_the_network(server, tmp_path):
    (tmp_path / NAME).write_bytes(server.content)
    assert fetched(tmp_path) == RECORDING
    assert not server.starts


def test_a_download_goes_on_where_it_was_cut(server, tmp_path):
    server.patience_bytes = 40_000
    with pytest.raises(
        DownloadError, match=f"40000 of {len(server.content)} bytes arrived; run the command again to continue"
    ):
        fetch_speech_commands(tmp_path)
    assert not (tmp_path / "speech_commands").exists()
    assert fetched(tmp_path) == RECORDING
    assert server.starts == [0, 40_000]


def test_a_server_that_cannot_go_on_sends_it_whole_again(server, tmp_path):
    server.knows_range = False
    (tmp_path / f"{NAME}.part").write_bytes(server.content[:1000])
    assert fetched(tmp_path) == RECORDING


def test_a_part_that_was_already_whole_needs_no_more_bytes(server, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(server.content)
    assert fetched(tmp_path) == RECORDING


def flipped(content):
    """One bit of the recording is wrong: only the digest can tell."""
    place = content.index(RECORDING[1000:1100])
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_archive_with_another_digest_is_not_unpacked(server, tmp_path, by_hand):
    server.content = flipped(server.content)
    if by_hand:
        (tmp_path / NAME).write_bytes(server.content)
    found = hashlib.sha256(server.content).hexdigest()
    with pytest.raises(DownloadError, match=f"{tmp_path / NAME}: damaged, .*SHA-256 {found}, published .*remove it"):
        fetch_speech_commands(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_part_of_another_archive_is_not_unpacked(server, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(flipped(server.content)[:50_000])
    with pytest.raises(DownloadError, match="damaged, or another archive"):
        fetch_speech_commands(tmp_path)
    (tmp_path / NAME).unlink()
    assert fetched(tmp_path) == RECORDING


@pytest.mark.parametrize(
    "damage", [lambda content: content[:1000], lambda content: b"<html>no such page</html>"], ids=["shorter", "a page"]
)
def test_another_file_in_its_place_is_told_at_once_and_what_was_fetched_is_kept(server, tmp_path, damage):
    kept, server.knows_range = server.content[:500], False
    (tmp_path / f"{NAME}.part").write_bytes(kept)
    server.content = damage(server.content)
    with pytest.raises(DownloadError, match=f"the server sent another file, {len(server.content)} bytes"):
        fetch_speech_commands(tmp_path)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(f"{NAME}.part", kept)]


def test_a_page_without_a_length_is_told_by_how_it_begins(server, tmp_path, monkeypatch):
    server.content = b"<html>no such page</html>"
    monkeypatch.setattr(Handler, "send_header", lambda *_: None)
    with pytest.raises(DownloadError, match=f"begin with b'<html.*download it by hand into {tmp_path}"):
        fetch_speech_commands(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_server_that_goes_on_elsewhere_is_refused(server, tmp_path, monkeypatch):
    part, send_header = tmp_path / f"{NAME}.part", Handler.send_header
    part.write_bytes(server.content[:1000])
    elsewhere = {"Content-Range": "bytes 7-60000/60001"}
    monkeypatch.setattr(
        Handler, "send_header", lambda self, key, value: send_header(self, key, elsewhere.get(key, value))
    )
    with pytest.raises(DownloadError, match=f"sent bytes 7-60000/60001 instead of bytes 1000-.*remove {part}"):
        fetch_speech_commands(tmp_path)
    assert part.read_bytes() == server.content[:1000]


def test_a_redirect_is_followed_by_https_alone(server, tmp_path, monkeypatch):
    def sent_on(self):
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1/elsewhere.tar.gz")
        self.end_headers()

    monkeypatch.setattr(Handler, "do_GET", sent_on)
    with pytest.raises(DownloadError, match="redirects to http://127.0.0.1/elsewhere.tar.gz, which is not https"):
        fetch_speech_commands(tmp_path)
    asked = urllib.request.Request("https://a/b")
    assert HttpsRedirects().redirect_request(asked, None, 302, "", {}, "https://c/d").full_url == "https://c/d"


def test_every_archive_comes_by_https_and_has_a_digest():
    for archive in ARCHIVES.values():
        assert archive.url.startswith("https://") and len(bytes.fromhex(archive.sha256)) == 32


class FullDisk(io.FileIO):
    """A file on a disk with room for 40,000 bytes."""

    def write(self, chunk):
        if self.tell() + len(chunk) > 40_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(chunk)


def test_a_full_disk_is_told_with_its_file_and_what_was_fetched_is_kept(server, tmp_path, monkeypatch):
    part = tmp_path / f"{NAME}.part"
    monkeypatch.setattr(download, "CHUNK_BYTES", 30_000)
    monkeypatch.setattr(download, "open", lambda path, mode: FullDisk(path, mode), raising=False)
    with pytest.raises(
        DownloadError, match=f"{part}: No space left on device; free some space and run the command again"
    ):
        fetch_speech_commands(tmp_path)
    assert part.read_bytes() == server.content[:30_000]
    monkeypatch.delattr(download, "open")
    assert fetched(tmp_path) == RECORDING
    assert server.starts == [0, 30_000]


def test_without_a_server_the_error_says_what_to_do(server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match=f"download it by hand into {tmp_path}, or try again"):
        fetch_speech_commands(tmp_path)


def test_a_page_that_is_not_there_is_named(server, tmp_path, monkeypatch):
    monkeypatch.setattr(Handler, "do_GET", lambda self: self.send_error(404))
    with pytest.raises(DownloadError, match=f"{ARCHIVES['speech_commands'].url}.*404"):
        fetch_speech_commands(tmp_path)


@pytest.fixture
def serve_voices(server, monkeypatch):
    def serve(voices):
        server.content = package_of(voices)
        digest = hashlib.sha256(server.content).hexdigest()
        url = f"http://127.0.0.1:{server.server_port}/kokoro.tgz"
        monkeypatch.setattr(kokoro_voices, "PACKAGE", Archive(url, len(server.content), digest))

    return serve


def test_voices_are_downloaded_once_and_their_package_is_removed(server, serve_voices, tmp_path):
    styles = np.random.default_rng(0).normal(size=(2, 510, 1, 256)).astype("<f4")
    serve_voices({"af_one": styles[0].tobytes(), "bm_two": styles[1].tobytes()})
    for _ in range(2):
        with np.load(kokoro_voices.fetch_voices(tmp_path)) as voices:
            assert voices.files == ["af_one", "bm_two"]
            np.testing.assert_array_equal(voices["bm_two"], styles[1, :160, 0].astype(np.float16))
    assert len(server.starts) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kokoro_voices.npz"]


@pytest.mark.parametrize(
    "voices", [{}, {"af_one": bytes(4 * 256)}, {"af_one": bytes(1000)}], ids=["none", "one row", "odd"]
)
def test_a_package_without_whole_voices_is_refused(serve_voices, tmp_path, voices):
    serve_voices(voices)
    with pytest.raises(DownloadError, match="kokoro.tgz: .*; remove it, and it will be downloaded again"):
        kokoro_voices.fetch_voices(tmp_path)
    assert not (tmp_path / "kokoro_voices.npz").exists()
