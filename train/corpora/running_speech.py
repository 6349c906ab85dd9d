"""Recordings of running speech without transcripts, <speaker>_<anything> or <speaker>, split by speaker: half is for testing.

A name without an underscore is a speaker of its own.  If such names tell recordings and not people, a person may be in
several splits.
"""

from train.corpora.clips import TESTING, TRAINING, VALIDATION
from train.corpora.recordings import audio_files, speaker_of, speaker_percent

VALIDATION_PERCENT, TRAINING_PERCENT = 10, 40


def split_of(speaker):
    """The split of a speaker, by the hash of Speech Commands."""
    percent = speaker_percent(speaker)
    if percent < VALIDATION_PERCENT:
        return VALIDATION
    return TRAINING if percent < VALIDATION_PERCENT + TRAINING_PERCENT else TESTING


def recordings_of(folder, split, tell=True):
    """[(path, speaker)] of the recordings in a folder by the speakers of a split, sorted by path; tell: as in audio_files.

    ValueError if the folder does not exist or has no such recordings.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: does not exist; put running speech into it as <speaker>_<n>.wav")
    recordings = [(path, speaker_of(path)) for path in audio_files(folder, tell)]
    if not recordings:
        raise ValueError(f"{folder}: no recordings; put running speech into it as <speaker>_<n>.wav")
    chosen = [(path, speaker) for path, speaker in recordings if split_of(speaker) == split]
    if not chosen:
        speakers = len({speaker for _, speaker in recordings})
        raise ValueError(
            f"{folder}: none of its {speakers} speakers is in the {split} split; add recordings of more speakers"
        )
    return chosen
