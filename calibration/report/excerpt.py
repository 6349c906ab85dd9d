"""The excerpt of stream that the report shows: from the measured stream if BUILD has it, else words by espeak-ng."""

from dataclasses import dataclass

import numpy as np

from calibration.streams.events import KEYWORD, read_stream
from calibration.streams.scoring import detections_of
from firmware.audio.recordings import Reader, between, rounded_pcm
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import build_folder
from train.corpora.speech import speak_clips
from train.splits import TESTING
from train.synthesizers.espeak import Espeak

SECONDS = 24
PREFERRED = ("words", "noise", "synthetic")
"""The kinds to show, best first."""

OTHER_WORDS = ("water", "seven", "window", "garden")
DELAY_S = 0.5


@dataclass(frozen=True)
class Excerpt:
    """SECONDS of sound and what the C library made of it; origin: text that says where the sound is from."""

    origin: str
    hop_ms: int
    words: tuple
    codes: np.ndarray  # int8 [hops, bands]
    smoothed: np.ndarray  # uint16 [hops, keywords], UQ1.15
    thresholds: np.ndarray  # UQ1.15 [keywords]
    said: list  # [(start_s, end_s, word)]
    heard: list  # [(at_s, word, whether that word was said there)]


def measured_sound(stream):
    """(origin, PCM, said) of the SECONDS with the most keywords in a stream's first recording; None if it is not built."""
    folder = build_folder() / "streams" / stream
    if not folder.is_dir():
        return None
    kinds = read_stream(folder)
    kind = next((kind for kind in PREFERRED if kind in kinds), next(iter(kinds)))
    path, events = kinds[kind][0]
    starts = [event.start_ms for event in events if event.event == KEYWORD] or [0.0]
    crowd = [sum(begin <= start < begin + SECONDS * 1000 for start in starts) for begin in starts]
    begin_s = max(0.0, starts[int(np.argmax(crowd))] / 1000 - 1)
    first = round(begin_s * SAMPLE_RATE_HZ)
    pcm = between(Reader(path).blocks(), first, first + SECONDS * SAMPLE_RATE_HZ)
    said = [(event.start_ms / 1000 - begin_s, event.end_ms / 1000 - begin_s, event.word) for event in events]
    return f"{stream}, {kind}, from {begin_s:.0f} s", pcm, [word for word in said if 0 <= word[0] < SECONDS - 1]


def synthetic_sound(keywords):
    """(origin, PCM, said): a word every two seconds by synthetic voices of the testing split."""
    random, synthesizer = np.random.default_rng(3), Espeak()
    words = [
        word for pair in zip(np.resize(keywords, 6), np.resize(OTHER_WORDS, 6), strict=True) for word in map(str, pair)
    ]
    spoken = speak_clips(random, synthesizer, words, synthesizer.voices_of(TESTING, "en"))
    ends = np.cumsum([len(clip.pcm) + SAMPLE_RATE_HZ for clip in spoken]) - SAMPLE_RATE_HZ // 2
    pcm = np.concatenate([np.pad(clip.pcm, SAMPLE_RATE_HZ // 2) for clip in spoken])
    pcm = rounded_pcm(pcm + random.normal(0, 30, len(pcm)))
    said = [
        ((end - len(clip.pcm)) / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ, clip.word)
        for end, clip in zip(ends.tolist(), spoken, strict=True)
    ]
    return "words by espeak-ng", pcm, said


def excerpt_of(spotter, stream):
    """The Excerpt through the C library; stream: the measured stream's name, or None."""
    keywords = spotter.model.words
    origin, pcm, said = (stream and measured_sound(stream)) or synthetic_sound(keywords)
    spotter.reset()
    trace, hop_ms = spotter.hear(pcm), spotter.frontend.hop_ms
    heard = [
        (at / 1000, word, any(s <= at / 1000 <= e + DELAY_S and word == said_word for s, e, said_word in said))
        for at, word in detections_of(trace.detected, hop_ms, keywords)
    ]
    return Excerpt(origin, hop_ms, keywords, trace.codes, trace.smoothed, spotter.thresholds, said, heard)
