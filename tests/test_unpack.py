"""What is unpacked of a downloaded archive: recordings and folders, and nothing else."""

import errno
import io
import os
import tarfile
import time

import pytest

from train.download import DownloadError, unpack

NAME = "speech_commands.tar.gz"


def archive_with(path, *members):
    """Write a .tar.gz of members: name, and settings of their TarInfo; content is zeros."""
    with tarfile.open(path, "w:gz") as tar:
        for name, settings in members:
            member = tarfile.TarInfo(name)
            for field, value in settings.items():
                setattr(member, field, value)
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return path


DANGEROUS = [
    ([("../outside.wav", {})], "no ordinary file or folder inside the archive"),
    ([("a/../../outside.wav", {})], "no ordinary file or folder inside the archive"),
    ([("/outside.wav", {})], "no ordinary file or folder inside the archive"),
    ([("a", {"type": tarfile.SYMTYPE, "linkname": "/etc"})], "no ordinary file or folder inside the archive"),
    ([("a", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"})], "no ordinary file or folder inside the archive"),
    ([("a", {"type": tarfile.CHRTYPE})], "no ordinary file or folder inside the archive"),
    ([("a", {"type": tarfile.FIFOTYPE})], "no ordinary file or folder inside the archive"),
    ([("yes/a.wav", {}), ("./yes//a.wav", {})], "yes//a.wav occurs twice"),
    ([("yes/a.wav", {}), ("Yes/A.wav", {})], "Yes/A.wav occurs twice"),
    ([("yes/a.wav", {"size": 1 << 20})], "over 3 times its packed size at yes/a.wav"),
]


@pytest.mark.parametrize(("members", "message"), DANGEROUS)
@pytest.mark.parametrize("has_filters", [True, False])
def test_an_archive_that_is_not_as_recordings_are_is_refused(members, message, has_filters, tmp_path, monkeypatch):
    if not has_filters:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    (tmp_path / "data").mkdir()
    archive = archive_with(tmp_path / "data" / NAME, *members)
    with pytest.raises(DownloadError, match=f"damaged .*{message}"):
        unpack(archive, tmp_path / "data" / "speech_commands")
    assert [path.name for path in tmp_path.rglob("*")] == ["data", NAME]


@pytest.mark.parametrize("has_filters", [True, False])
def test_no_mode_of_an_archive_is_taken_over(tmp_path, monkeypatch, has_filters):
    if not has_filters:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    folder = {"type": tarfile.DIRTYPE, "mode": 0o7777}
    archive = archive_with(tmp_path / NAME, (".", folder), ("yes", folder), ("yes/a.wav", {"mode": 0o6777}))
    unpack(archive, tmp_path / "words")
    found = [tmp_path / "words" / name for name in (".", "yes", "yes/a.wav")]
    assert [path.stat().st_mode & 0o7777 for path in found] == [0o755, 0o755, 0o644]


def test_a_disk_that_is_full_when_unpacking_leaves_no_folder(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    archive = archive_with(tmp_path / NAME, ("yes/a.wav", {}))
    monkeypatch.setattr(tarfile, "copyfileobj", full)
    with pytest.raises(DownloadError, match=f"{tmp_path / 'words'}: No space left on device while unpacking {NAME}"):
        unpack(archive, tmp_path / "words")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_what_a_killed_unpack_left_is_removed_a_day_later(tmp_path):
    left = tmp_path / ".words.killed"
    (left / "yes").mkdir(parents=True)
    os.utime(left, (time.time() - 90_000,) * 2)
    unpack(archive_with(tmp_path / NAME, ("yes/a.wav", {})), tmp_path / "words")
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, "words"]
