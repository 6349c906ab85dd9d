"""Wake words alone and in sentences over the telephone: DATA/wake_word_sentences (WUW Corpus II, V. Kepuska, CC BY-SA 4.0;
share-alike, so its models are published apart).

A keyword is a clip with up to AROUND_S of what is said before and after it; the rest of the recordings is running speech.
Testing sessions are not used.
"""

import sys

from firmware.audio.recordings import read_recording
from firmware.audio.soundness import is_silent
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress
from train.corpora.clips import FRAME_MS, RUNNING_SPEECH, TESTING, TRAINING, VALIDATION, Clip, Clips, codes_of_pcm
from train.corpora.wake_index import FOLDER, read_wake_index

AROUND_S = 0.5
SHORTEST_S = 0.5
"""Shorter pieces of running speech are left out."""
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000


def _marked(recording):
    return round(recording.start_s * SAMPLE_RATE_HZ), round(recording.end_s * SAMPLE_RATE_HZ)


def keyword_piece(recording, pcm):
    """(first sample, PCM) of the piece of a recording with its marked keyword and what is around it."""
    start, end = _marked(recording)
    if end > len(pcm):
        raise ValueError(
            f"{recording.path}: {recording.keyword} ends at {recording.end_s} s, after the end of the recording"
        )
    if is_silent(pcm[start:end]):
        raise ValueError(
            f"{recording.path}: digital silence at {recording.start_s} s, where {recording.keyword} is marked"
        )
    around = round(AROUND_S * SAMPLE_RATE_HZ)
    first = max(0, start - around)
    return first, pcm[first : end + around]


def other_pieces(recording, pcm):
    """[PCM] of the recording before and after its marked keyword, or all of it if none is marked."""
    pieces = [pcm]
    if recording.marked:
        start, end = _marked(recording)
        pieces = [pcm[:start], pcm[end:]]
    return [piece for piece in pieces if len(piece) >= SHORTEST_S * SAMPLE_RATE_HZ]


def clips_of(recording, pcm, recipe):
    """[Clip] of a recording: its marked wake word, which may be a keyword of the recipe or another word, and the rest."""
    about = recording.session, recording.split
    clips = [
        Clip.throughout(codes_of_pcm(recipe.front, piece), RUNNING_SPEECH, *about)
        for piece in other_pieces(recording, pcm)
    ]
    if recording.marked:
        first, piece = keyword_piece(recording, pcm)
        codes = codes_of_pcm(recipe.front, piece)
        begin, last = (min((sample - first) // FRAME_SAMPLES, len(codes) - 1) for sample in _marked(recording))
        clips.append(Clip(codes, recording.keyword, *about, (begin, last + 1)))
    return clips


def check(section, recipe, data):
    """ValueError if the table does not exist or has a bad row."""
    read_wake_index(data / FOLDER)


def load(section, recipe, data):
    """The corpus as Clips; prints how many recordings are left out."""
    recordings = [recording for recording in read_wake_index(data / FOLDER) if recording.split != TESTING]
    clear = [recording for recording in recordings if recording.is_clear_of(recipe.keywords)]
    clips = []
    for recording in progress(clear, "hearing wake words"):
        clips += clips_of(recording, read_recording(recording.path), recipe)
    if not {TRAINING, VALIDATION} <= {clip.split for clip in clips}:
        raise ValueError(
            f"{data / FOLDER}: its {len(clear)} usable recordings have no session for training or none for validation"
        )
    print(
        f"{data / FOLDER}: {len(recordings) - len(clear)} of {len(recordings)} recordings left out (keyword not marked, broken "
        "off or said twice)",
        file=sys.stderr,
    )
    return Clips.of(clips)
