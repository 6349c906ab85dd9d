"""Folders of recordings: the audio files in a folder, and the words of a folder that has a folder for each word."""

from firmware.command import print_remark
from firmware.words import normal_word

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _is_recording(path):
    return path.is_file() and path.suffix.lower() in SUFFIXES


def audio_files(folder, tell=True):
    """The recordings in a folder, sorted; other files are ignored, with a line on standard error if tell."""
    files = []
    for path in _visible(folder):
        if _is_recording(path):
            files.append(path)
        elif tell:
            print_remark(f"{path}: ignored, not a recording ({', '.join(SUFFIXES)})")
    return files


def words_in(folder, tell=True):
    """{normal word: [its folders]}; a word may have several folders.  Recordings beside the folders are ignored.

    tell: whether to print a line about each ignored recording and each word with several folders.
    """
    words, said = {}, []
    for path in _visible(folder):
        if path.is_dir():
            words.setdefault(normal_word(path.name), []).append(path)
        elif _is_recording(path):
            said.append(f"{path}: ignored, a recording outside a word's folder")
    for word, folders in words.items():
        if len(folders) > 1:
            said.append(f"{folder}: the same word, {word}: {', '.join(path.name for path in folders)}")
    for line in said if tell else ():
        print_remark(line)
    return words


def word_files(words, without=(), tell=True):
    """[(path, word)] of the recordings in the folders of words_in, except some words; tell: as in audio_files."""
    return [
        (path, word)
        for word, folders in words.items()
        if word not in without
        for folder in folders
        for path in audio_files(folder, tell)
    ]
