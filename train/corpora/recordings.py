"""Corpora of recordings: Speech Commands in its official layout, and a folder of the user's own recordings.

A recording is a clip of its word; background noise is labelled silence.
"""

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware.audio.recordings import CLIPPED_SHARE, BadRecording, duration, read_clip
from firmware.audio.soundness import is_silent
from firmware.frontend import LONGEST_WORD_SAMPLES, SAMPLE_RATE_HZ
from firmware.progress import progress
from firmware.words import folded
from train.corpora import background
from train.corpora.clips import FRAME_MS, RUNNING_SPEECH, Clip, Clips, codes_of_pcm
from train.corpora.folders import word_files, words_in
from train.corpora.speech_commands import fetch_speech_commands
from train.recipe import BACKGROUND_FOLDER, FOLDER_WORDS, SILENCE
from train.splits import TESTING, TRAINING, VALIDATION

OFFICIAL_VALIDATION_PERCENT = 10
OFFICIAL_TEST_PERCENT = 10
LONGEST_SAMPLES = 600 * SAMPLE_RATE_HZ
"""The beginning of a recording that training hears."""
ONCE_SAMPLES = 2 * SAMPLE_RATE_HZ
"""A recording of a word up to this length holds it once; in a longer one it may be said several times."""
LONGEST_WORD_FRAMES = LONGEST_WORD_SAMPLES * 1000 // SAMPLE_RATE_HZ // FRAME_MS


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
    return TESTING if percent < OFFICIAL_VALIDATION_PERCENT + OFFICIAL_TEST_PERCENT else TRAINING


def share_split(speaker, validation_share):
    """The split of a speaker in a user's folder, by a hash of the name."""
    place = int(hashlib.sha256(speaker.encode(errors="surrogateescape")).hexdigest()[:8], 16) / 2**32
    return VALIDATION if place < validation_share else TRAINING


def heard(paths, longest, what):
    """Yields the first `longest` samples of each recording, PCM int16 [samples], or all of a shorter one.

    Then prints how many recordings were cut, are clipped or have a doubtful length.  what: the words before the progress.
    """
    cut, clipped, remarked = 0, [], []
    for path in progress(paths, what):
        clip = read_clip(path, longest)
        cut += clip.is_cut
        clipped += [(clip.clipped_share, path)] if clip.clipped_share >= CLIPPED_SHARE else []
        remarked += [(path, remark) for remark in clip.remarks]
        yield clip.pcm
    if cut:
        print(
            f"{cut} of {len(paths)} recordings are longer than {duration(longest / SAMPLE_RATE_HZ)}; the rest is not used",
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
    """The Clips of recordings; BadRecording for the first bad file or the first word that is digital silence.

    A long recording of a word is cut into its utterances.  Then prints how many there are more than recordings, and how many are
    longer than a word may be.
    """
    clips, long, several = [], [], 0
    paths = [recording.path for recording in recordings]
    for recording, pcm in zip(recordings, heard(paths, LONGEST_SAMPLES, "hearing recordings"), strict=True):
        silence = FOLDER_WORDS.get(recording.word, recording.word) == SILENCE
        if is_silent(pcm) and not silence:
            raise BadRecording(
                f"{recording.path}: digital silence, which training would take for '{recording.word}'; record it again or "
                "remove it"
            )
        is_word = not silence and recording.word != RUNNING_SPEECH
        about = codes_of_pcm(frontend, pcm), recording.word, recording.speaker, recording.split
        if not is_word:
            found = [Clip.throughout(*about)]
        elif len(pcm) <= ONCE_SAMPLES:
            found = [Clip.of_word(*about)]
        else:
            found = Clip.of_utterances(*about)
            several += len(found) > 1
        clips += found
        long += [recording.path for clip in found if is_word and np.ptp(clip.span) > LONGEST_WORD_FRAMES]
    if several:
        print(
            f"{several} of {len(recordings)} recordings hold their word several times: {len(clips)} clips",
            file=sys.stderr,
        )
    if long:
        print(
            f"{len(long)} of {len(recordings)} recordings are loud for more than {LONGEST_WORD_SAMPLES / SAMPLE_RATE_HZ} s, "
            f"longer than a word may be, such as {long[0]}: cut them around the word",
            file=sys.stderr,
        )
    return Clips.of(clips)


def check_speech_commands(section, recipe, data):
    """ValueError if the folder exists without background noise; a missing folder will be downloaded."""
    folder = data / "speech_commands"
    if folder.is_dir() and not (folder / BACKGROUND_FOLDER).is_dir():
        raise ValueError(
            f"{folder / BACKGROUND_FOLDER}: does not exist; remove {folder}, and it will be downloaded and unpacked again"
        )


def load_speech_commands(section, recipe, data):
    """[Clips]: the training and validation recordings of the official archive, and its background noise."""
    folder = fetch_speech_commands(data)
    recordings = []
    for path, word in word_files(words_in(folder), (BACKGROUND_FOLDER,)):
        speaker = re.sub(r"_nohash_.*$", "", path.stem)
        split = official_split(speaker)
        if split != TESTING:
            recordings.append(Recording(path, word, speaker, split))
    if not recordings:
        raise ValueError(f"{folder}: no recordings in <word>/<speaker>_nohash_<n>.wav")
    return [clips_of(recipe.front, recordings), background.background_clips(recipe.front, folder / BACKGROUND_FOLDER)]


def speaker_of(path):
    """The speaker of a user's recording, named <speaker>_<n> in any case."""
    return folded(path.stem.split("_")[0])


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
    files = word_files(words, (BACKGROUND_FOLDER,), tell)
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
    noises = [background.background_clips(recipe.front, noise) for noise in words.get(BACKGROUND_FOLDER, ())]
    return [clips_of(recipe.front, recordings), *noises]
