"""Running speech of people: recordings without transcripts, named <speaker>_<n>.  Half of the speakers are for testing.

A file name without an underscore is a speaker.  If such names identify recordings and not people, a person may be in several
splits.
"""

from firmware.audio.recordings import BadRecording, read_recording
from firmware.audio.soundness import is_silent
from firmware.progress import progress
from train.corpora.background import LEVEL_DB, at_level
from train.corpora.clips import RUNNING_SPEECH, Clip, Clips, codes_of_pcm
from train.corpora.folders import audio_files
from train.corpora.recordings import speaker_of, speaker_percent
from train.splits import TESTING, TRAINING, VALIDATION

VALIDATION_PERCENT, TRAINING_PERCENT = 10, 40
HEARD = TRAINING, VALIDATION
"""The splits that training hears."""


def split_of(speaker):
    """The split of a speaker, by the hash of Speech Commands."""
    percent = speaker_percent(speaker)
    if percent < VALIDATION_PERCENT:
        return VALIDATION
    return TRAINING if percent < VALIDATION_PERCENT + TRAINING_PERCENT else TESTING


def recordings_of(folder, splits, tell=True):
    """[(path, speaker, split)] of the recordings in a folder by the speakers of these splits, sorted by path; tell: as in
    audio_files.

    ValueError if the folder does not exist or has no recordings of one of the splits.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: does not exist; put running speech into it as <speaker>_<n>.wav")
    speakers = {path: speaker_of(path) for path in audio_files(folder, tell)}
    if not speakers:
        raise ValueError(f"{folder}: no recordings; put running speech into it as <speaker>_<n>.wav")
    recordings = [(path, speaker, split_of(speaker)) for path, speaker in speakers.items()]
    for split in splits:
        if not any(found == split for _, _, found in recordings):
            raise ValueError(
                f"{folder}: none of its {len(set(speakers.values()))} speakers is in the {split} split; add recordings of "
                "more speakers"
            )
    return [recording for recording in recordings if recording[2] in splits]


def check(section, recipe, data):
    """ValueError if the folder does not exist, or has no recordings for training or none for validation."""
    recordings_of(data / section.recordings, HEARD, tell=False)


def load(section, recipe, data):
    """The corpus as Clips, without the speakers for testing; BadRecording for the first one that is digital silence."""
    clips, found = [], recordings_of(data / section.recordings, HEARD)
    for path, speaker, split in progress(found, "hearing running speech"):
        pcm = read_recording(path)
        if is_silent(pcm):
            raise BadRecording(f"{path}: digital silence, which training would take for speech; remove it")
        codes = codes_of_pcm(recipe.front, at_level(pcm, LEVEL_DB))
        clips.append(Clip.throughout(codes, RUNNING_SPEECH, speaker, split))
    return Clips.of(clips)
