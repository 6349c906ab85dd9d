"""What one's own recordings of wake phrases hold, before anything is trained on them."""

import numpy as np

from firmware.audio.recordings import CLIPPED_SHARE, FULL_SCALE, read_clip
from firmware.audio.soundness import is_silent
from firmware.frontend import SAMPLE_RATE_HZ, Frontend
from firmware.words import counted
from train.corpora.clips import FRAME_MS, codes_of_pcm, levels_db
from train.corpora.folders import word_files, words_in
from train.corpora.recordings import LONGEST_SAMPLES, ONCE_SAMPLES, speaker_of
from train.corpora.spans import is_even, utterances_of


def recordings_of(folder, phrases):
    """{phrase: paths} in MINE/<phrase>/; ValueError if there are none."""
    if not folder.is_dir():
        raise ValueError(f"MINE={folder}: no such folder; put recordings into MINE/<phrase>/<speaker>_<n>.wav")
    files = {}
    for path, word in word_files(words_in(folder, tell=False), tell=False):
        files.setdefault(word, []).append(path)
    if not any(phrase in files for phrase in phrases):
        wanted = " or ".join(f"{folder}/{phrase}/" for phrase in phrases)
        raise ValueError(f"MINE={folder}: no recordings of a phrase; put them into {wanted}")
    return {phrase: files[phrase] for phrase in phrases if phrase in files}


def _level_db(pcm):
    return 20 * np.log10(max(1.0, np.sqrt(np.square(pcm.astype(float)).mean())) / FULL_SCALE)


def describe_own(folder, phrases):
    """A line for each phrase about its recordings; ValueError for one that is silent or noise alone."""
    frontend = Frontend()
    for phrase, paths in recordings_of(folder, phrases).items():
        said, levels, clipped, seconds = 0, [], 0, 0.0
        for path in paths:
            clip = read_clip(path, LONGEST_SAMPLES)
            level_db = levels_db(codes_of_pcm(frontend, clip.pcm)) if len(clip.pcm) else np.zeros(0)
            if not len(level_db) or is_silent(clip.pcm):
                raise ValueError(f"{path}: digital silence; record it again or remove it")
            if is_even(level_db):
                raise ValueError(
                    f"{path}: noise alone, nothing rises above it as speech does; record it again or remove it"
                )
            said += len(utterances_of(level_db, FRAME_MS)) if len(clip.pcm) > ONCE_SAMPLES else 1
            levels.append(_level_db(clip.pcm))
            clipped += clip.clipped_share >= CLIPPED_SHARE
            seconds += len(clip.pcm) / SAMPLE_RATE_HZ
        speakers = {speaker_of(path) for path in paths}
        yield (
            f"'{phrase.replace('_', ' ')}' of your own: {counted(said, 'utterance')} in {counted(len(paths), 'recording')} "
            f"({seconds:.0f} s) by {counted(len(speakers), 'speaker')}, level {min(levels):.0f} to {max(levels):.0f} dB of full "
            f"scale, {clipped or 'none'} clipped"
        )
