"""Clips of words for a stream, recorded or synthetic, each with the part in which the word is spoken."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.streams.description import SpokenWords
from firmware.audio.recordings import BadRecording, read_recording
from firmware.audio.soundness import is_silent
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import data_folder
from firmware.words import MARK, normal_word
from train.corpora.folders import audio_files, word_files, words_in
from train.corpora.spans import span_of
from train.corpora.speech import draw_utterances, text_of, try_texts
from train.splits import TESTING
from train.synthesizers import SYNTHESIZERS

FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
"""Frames in which the level is measured."""


@dataclass(frozen=True)
class Clip:
    """A word or sentence: PCM int16, spoken in samples start <= sample < end."""

    word: str
    source: str
    pcm: np.ndarray
    start: int
    end: int


def spoken_part(pcm):
    """(start, end) in samples of the word in PCM."""
    frames = -(-len(pcm) // FRAME_SAMPLES)
    padded = np.pad(pcm.astype(np.float64), (0, frames * FRAME_SAMPLES - len(pcm)))
    level_db = 10 * np.log10(np.square(padded).reshape(frames, FRAME_SAMPLES).mean(axis=1) + 1e-3)
    first, last = span_of(level_db, FRAME_MS)
    return first * FRAME_SAMPLES, min(len(pcm), last * FRAME_SAMPLES)


def clip_of(word, source, pcm):
    """The Clip of a word; BadRecording for digital silence."""
    if is_silent(pcm):
        raise BadRecording(f"{source}: digital silence, no word in it; remove this file")
    return Clip(word, source, pcm, *spoken_part(pcm))


def recorded_files(folder, words=None, tell=True):
    """{path: normal word} of DATA/folder, which has <word>/<anything>, or is one word's folder, or a _folder_ of many words
    with <word>_<anything>.

    words: only these; tell: print a line for each file that is skipped.
    """
    path = data_folder() / folder
    if not path.is_dir():
        raise ValueError(f"{path}: not there; put it into DATA, or remove its kind from the description")
    if any(sub.is_dir() for sub in path.iterdir()):
        found = word_files(words_in(path, tell), tell=tell)
    else:
        of_many = path.name.startswith("_")
        found = [
            (file, normal_word(file.stem.split("_")[0] if of_many else path.name)) for file in audio_files(path, tell)
        ]
    files = {file: word for file, word in found if not MARK.fullmatch(word) and (words is None or word in words)}
    lacking = set(words or ()) - set(files.values())
    if lacking or not files:
        raise ValueError(f"{path}: no recordings of {', '.join(sorted(lacking)) or 'words'}")
    return files


def load_clips(random, source, words=None):
    """Every Clip of a source in a description; words: only these, if given."""
    if isinstance(source, SpokenWords):
        return speak_words(random, source)
    files = recorded_files(source, words)
    return [
        clip_of(word, str(path.relative_to(data_folder())), read_recording(path))
        for path, word in sorted(files.items())
    ]


def check_clips(source, words=None):
    """ValueError if a word has no recording or a synthesizer cannot speak one; no recording is read."""
    if isinstance(source, SpokenWords):
        texts = [text for word in source.words for text in source.say.get(word, [text_of(word)])]
        synthesizer, voices = testing_voices(source)
        try_texts(synthesizer, texts, voices, source.language, longest=math.inf)
    else:
        recorded_files(source, words, tell=False)


def testing_voices(section):
    """(synthesizer, its voices that no recipe trains on) of SpokenWords; ValueError if there are none."""
    synthesizer = SYNTHESIZERS[section.synthesizer]()
    voices = synthesizer.voices_of(TESTING, section.language)
    if not voices:
        raise ValueError(synthesizer.without_voices(section.language))
    return synthesizer, voices


def speak_words(random, section):
    """Clips of SpokenWords."""
    synthesizer, voices = testing_voices(section)
    said = [word for word in section.words for _ in range(section.clips_per_word)]
    utterances = draw_utterances(random, synthesizer, said, voices, section.language, section.say)
    return [
        clip_of(word, f"{synthesizer.name} {utterance.voice}", pcm)
        for word, utterance, pcm in zip(said, utterances, synthesizer.speak(utterances), strict=True)
    ]
