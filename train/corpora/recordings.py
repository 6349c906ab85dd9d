"""Corpora of recordings: Speech Commands in its official layout, and a folder of the user's own recordings.

A recording is a clip of its word; background noise is cut into clips labelled silence.
"""

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.audio.recordings import CLIPPED_SHARE, BadRecording, read_clip, read_recording
from firmware.audio.soundness import is_silent
from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.progress import progress
from firmware.words import normal_word
from train.corpora.clips import TRAINING, VALIDATION, Clips, codes_of_clip
from train.corpora.download import fetch_speech_commands
from train.recipe import BACKGROUND, FOLDER_WORDS, SILENCE

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")
OFFICIAL_VALIDATION_PERCENT = 10
OFFICIAL_TEST_PERCENT = 10
BACKGROUND_STEP_SAMPLES = CLIP_SAMPLES // 2


@dataclass(frozen=True)
class Recording:
    path: Path
    word: str
    speaker: str
    split: str


def speaker_percent(speaker):
    """The place of a speaker between 0 and 100 by the rule of Speech Commands (arXiv:1804.03209), a hash of the name."""
    largest = 2**27 - 1
    return int(hashlib.sha1(speaker.encode(errors="surrogateescape")).hexdigest(), 16) % (largest + 1) * (100 / largest)


def official_split(speaker):
    """The split of a speaker in Speech Commands."""
    percent = speaker_percent(speaker)
    if percent < OFFICIAL_VALIDATION_PERCENT:
        return VALIDATION
    return "testing" if percent < OFFICIAL_VALIDATION_PERCENT + OFFICIAL_TEST_PERCENT else TRAINING


def share_split(speaker, validation_share):
    """The split of a speaker in a user's folder, by a hash of the name."""
    place = int(hashlib.sha256(speaker.encode(errors="surrogateescape")).hexdigest()[:8], 16) / 2**32
    return VALIDATION if place < validation_share else TRAINING


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
            print(f"{path}: ignored, not a recording ({', '.join(SUFFIXES)})", file=sys.stderr)
    return files


def words_in(folder, tell=True):
    """{normal word: [its folders]}; a word may have several folders.  Recordings beside the folders are ignored.

    tell: whether to print a line about each of both.
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
        print(line, file=sys.stderr)
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


def seconds_of(paths, what):
    """Yields the first second of each recording, PCM int16 [CLIP_SAMPLES].

    Then prints how many recordings were cut, are clipped or have a doubtful length.  what: the words before the progress.
    """
    cut, clipped, remarked = 0, [], []
    for path in progress(paths, what):
        clip = read_clip(path)
        cut += clip.is_cut
        clipped += [(clip.clipped_share, path)] if clip.clipped_share >= CLIPPED_SHARE else []
        remarked += [(path, remark) for remark in clip.remarks]
        yield clip.pcm
    if cut:
        print(
            f"{cut} of {len(paths)} recordings are longer than one second; only the first second is used",
            file=sys.stderr,
        )
    if clipped:
        share, worst = max(clipped)
        print(
            f"{len(clipped)} of {len(paths)} recordings are clipped, the most {worst} ({share:.0%} of its samples)",
            file=sys.stderr,
        )
    if remarked:
        path, remark = remarked[0]
        print(
            f"{len(remarked)} of {len(paths)} recordings have doubtful lengths, such as {path}: {remark}",
            file=sys.stderr,
        )


def clips_of(frontend, recordings):
    """The Clips of recordings, one each; BadRecording for the first bad file or the first word that is digital silence."""
    codes = []
    paths = [recording.path for recording in recordings]
    for recording, pcm in zip(recordings, seconds_of(paths, "hearing recordings"), strict=True):
        if FOLDER_WORDS.get(recording.word, recording.word) != SILENCE and is_silent(pcm):
            raise BadRecording(
                f"{recording.path}: its first second is digital silence, which training would take for '{recording.word}'; "
                "record it again or remove it"
            )
        codes.append(codes_of_clip(frontend, pcm))
    return Clips(
        np.stack(codes),
        *(np.array([getattr(recording, field) for recording in recordings]) for field in ("word", "speaker", "split")),
    )


def background_clips(frontend, folder):
    """The Clips of background recordings, labelled silence; the last fifth of each recording is for validation."""
    files = audio_files(folder)
    if not files:
        raise ValueError(f"{folder}: no recordings of background noise")
    codes, splits, names = [], [], []
    for file in files:
        pcm = read_recording(file)
        boundary = len(pcm) * 4 // 5  # a clip across it would be in both splits
        starts = [
            start
            for start in range(0, len(pcm) - CLIP_SAMPLES + 1, BACKGROUND_STEP_SAMPLES)
            if not start < boundary < start + CLIP_SAMPLES
        ]
        if not starts:
            raise BadRecording(
                f"{file}: {len(pcm) / SAMPLE_RATE_HZ:.2f} s is too short to be cut into clips of one second"
            )
        for start in starts:
            codes.append(codes_of_clip(frontend, pcm[start : start + CLIP_SAMPLES]))
            splits.append(VALIDATION if start >= boundary else TRAINING)
            names.append(file.stem)
    return Clips(np.stack(codes), np.full(len(codes), SILENCE), np.array(names), np.array(splits))


def check_speech_commands(section, recipe, data):
    """ValueError if the folder exists without background noise; a missing folder will be downloaded."""
    folder = data / "speech_commands"
    if folder.is_dir() and not (folder / BACKGROUND).is_dir():
        raise ValueError(
            f"{folder / BACKGROUND}: does not exist; remove {folder}, and it will be downloaded and unpacked again"
        )


def load_speech_commands(section, recipe, data):
    """[Clips]: the training and validation recordings of the official archive, and its background noise."""
    folder = fetch_speech_commands(data)
    recordings = []
    for path, word in word_files(words_in(folder), (BACKGROUND,)):
        speaker = re.sub(r"_nohash_.*$", "", path.stem)
        split = official_split(speaker)
        if split != "testing":
            recordings.append(Recording(path, word, speaker, split))
    if not recordings:
        raise ValueError(f"{folder}: no recordings in <word>/<speaker>_nohash_<n>.wav")
    return [clips_of(recipe.front, recordings), background_clips(recipe.front, folder / BACKGROUND)]


def speaker_of(path):
    """The speaker of a user's recording, named <speaker>_<n>."""
    return path.stem.split("_")[0]


def splits_of(speakers, keywords, validation_share):
    """{speaker: split} of {word: speakers}.  If all speakers of a keyword fall to validation, the first one goes to training."""
    splits = {speaker: share_split(speaker, validation_share) for names in speakers.values() for speaker in names}
    for word in keywords:
        said_by = sorted(speakers.get(word, ()))
        if said_by and all(splits[speaker] == VALIDATION for speaker in said_by):
            splits[said_by[0]] = TRAINING
    return splits


def own_recordings(section, recipe, data, tell=True):
    """(words_in a user's folder, [Recording]); ValueError if it does not exist or has no recording for training."""
    folder = data / section.name
    if not folder.is_dir():
        raise ValueError(
            f"{folder}: does not exist; put recordings into DATA/{section.name}/<word>/<speaker>_<n>.wav, for corpus folder"
        )
    words, speakers = words_in(folder, tell), {}
    files = word_files(words, (BACKGROUND,), tell)
    if not files:
        raise ValueError(f"{folder}: no recordings in <word>/<speaker>_<n>.wav")
    for path, word in files:
        speakers.setdefault(word, set()).add(speaker_of(path))
    splits = splits_of(speakers, recipe.keywords, section.validation_share)
    if TRAINING not in splits.values():
        raise ValueError(
            f"{folder}: all speakers fall to validation and none to training: record more speakers, "
            f"or lower validation_share ({section.validation_share})"
        )
    return words, [Recording(path, word, speaker_of(path), splits[speaker_of(path)]) for path, word in files]


def check_folder(section, recipe, data):
    """ValueError if the folder does not exist or has no recordings for training."""
    own_recordings(section, recipe, data, tell=False)


def load_folder(section, recipe, data):
    """[Clips] of DATA/<name>/<word>/<speaker>_*.wav; _background_noise_ is silence."""
    words, recordings = own_recordings(section, recipe, data)
    noises = [background_clips(recipe.front, noise) for noise in words.get(BACKGROUND, ())]
    return [clips_of(recipe.front, recordings), *noises]
