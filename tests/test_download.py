"""The download of Speech Commands, from a server on this machine that can hang up."""

import io
import tarfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from train.corpora.download import ARCHIVES, DownloadError, fetch_speech_commands, unpack

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
    monkeypatch.setitem(ARCHIVES, "speech_commands", f"http://127.0.0.1:{server.server_port}/{NAME}")
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
    with pytest.raises(DownloadError, match=f"40000 of {len(server.content)} bytes came; run again to go on"):
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
    """One bit of the recording is wrong: only gzip's checksum can tell."""
    place = content.index(RECORDING[1000:1100])
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda content: content[:-8],
        lambda content: content[:1000],
        lambda content: b"<html>no such page</html>",
    ],
    ids=["a flipped bit", "the checksum cut off", "cut short", "a page of a proxy"],
)
def test_a_damaged_archive_leaves_no_folder(server, tmp_path, damage):
    server.content = damage(server.content)
    with pytest.raises(DownloadError, match=f"{tmp_path / NAME}: damaged .*remove it"):
        fetch_speech_commands(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_without_a_server_the_error_says_what_to_do(server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match=f"fetch it by hand into {tmp_path}, or try again"):
        fetch_speech_commands(tmp_path)


def test_an_answer_without_a_length_is_refused(server, tmp_path, monkeypatch):
    """As a proxy's page in place of the archive often is."""
    monkeypatch.setattr(Handler, "send_header", lambda *_: None)
    with pytest.raises(DownloadError, match=f"does not say how long it is; fetch it by hand into {tmp_path}"):
        fetch_speech_commands(tmp_path)


def test_a_page_that_is_not_there_is_named(server, tmp_path, monkeypatch):
    monkeypatch.setattr(Handler, "do_GET", lambda self: self.send_error(404))
    with pytest.raises(DownloadError, match=f"{ARCHIVES['speech_commands']}.*404"):
        fetch_speech_commands(tmp_path)


@pytest.mark.parametrize(
    ("name", "kind"), [("../outside.wav", tarfile.REGTYPE), ("/outside.wav", tarfile.REGTYPE), ("a", tarfile.SYMTYPE)]
)
@pytest.mark.parametrize("has_filters", [True, False])
def test_an_archive_that_would_write_elsewhere_is_refused(name, kind, has_filters, tmp_path, monkeypatch):
    if not has_filters:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    archive = tmp_path / "data" / NAME
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc"
        tar.addfile(member)
    with pytest.raises(DownloadError, match="damaged .*is no plain file of its own"):
        unpack(archive, tmp_path / "data" / "speech_commands")
    assert [path.name for path in tmp_path.rglob("*")] == ["data", NAME]
