"""Google Speech Commands v0.02 (arXiv:1804.03209, CC BY 4.0), downloaded if DATA does not have it."""

from train.download import Archive, fetch, unpack

SERVER = "https://storage.googleapis.com/download.tensorflow.org/data"
ARCHIVES = {
    "speech_commands": Archive(
        f"{SERVER}/speech_commands_v0.02.tar.gz",
        2_428_923_189,
        "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
    ),
    "speech_commands_test": Archive(
        f"{SERVER}/speech_commands_test_set_v0.02.tar.gz",
        112_563_277,
        "cc2a00c1147c2254e9be3fa0f779d8c17421dc349b86366567a8edfa9acd51df",
    ),
}
"""Sizes and hashes from url_checksums/speech_commands.txt of TensorFlow Datasets; torchaudio has the first hash too."""


def fetch_speech_commands(data, name="speech_commands"):
    """The folder DATA/<name>, downloaded and unpacked if it does not exist.

    name: speech_commands (training, validation, background) or speech_commands_test (the official test set).
    """
    folder, published = data / name, ARCHIVES[name]
    if folder.is_dir():
        return folder
    unpack(fetch(published, data), folder)
    return folder
