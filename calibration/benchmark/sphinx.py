"""PocketSphinx (PyPI's pocketsphinx, a model of US English inside) on the benchmark's stream, at several thresholds."""

import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from calibration.streams.scoring import HOUR_MS, Said, score
from calibration.streams.sweep import by_word
from firmware.audio.recordings import Reader, in_pieces
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.progress import progress
from firmware.workers import each

THRESHOLDS = tuple(f"1e-{power}" for power in (40, 30, 25, 20, 15, 10, 5, 2))
"""From the least strict on."""
PIECE_SAMPLES = SAMPLE_RATE_HZ // 10


def lacking(words):
    """Why PocketSphinx cannot hear these words, as text; nothing if it can."""
    if not find_spec("pocketsphinx"):
        return "pocketsphinx is not installed; `make setup WITH=benchmark` installs it"
    from pocketsphinx import Decoder  # of an optional package

    decoder = Decoder(lm=None, loglevel="FATAL")
    parts = {part for word in words for part in word.split("_")}
    unknown = sorted(part for part in parts if decoder.lookup_word(part) is None)
    return f"its dictionary lacks {', '.join(unknown)}" if unknown else ""


def detections(words, recordings, threshold):
    """([(time_ms, word)], [Event], ms) of recordings [(path, [Event])] joined."""
    from pocketsphinx import Decoder

    with tempfile.TemporaryDirectory() as folder:
        phrases = Path(folder) / "phrases"
        phrases.write_text("".join(f"{word.replace('_', ' ')} /{threshold}/\n" for word in words))
        decoder = Decoder(lm=None, kws=str(phrases), loglevel="FATAL")
    found, events, samples = [], [], 0
    decoder.start_utt()
    for path, spoken in recordings:
        events += [event.moved(samples * 1000 / SAMPLE_RATE_HZ) for event in spoken]
        for pcm in in_pieces(Reader(path).blocks(), PIECE_SAMPLES):
            decoder.process_raw(np.ascontiguousarray(pcm, np.int16).tobytes(), False, False)
            samples += len(pcm)
            if decoder.hyp() is not None:
                said = {segment.word.strip().replace(" ", "_") for segment in decoder.seg()}
                found += [(samples * 1000 / SAMPLE_RATE_HZ, word) for word in sorted(said & set(words))]
                decoder.end_utt()
                decoder.start_utt()
    decoder.end_utt()
    return found, events, samples * 1000 / SAMPLE_RATE_HZ


def _figures(job):
    """({word: WordFigures}, hours) of one kind at one threshold."""
    words, recordings, threshold = job
    found, events, length_ms = detections(words, recordings, threshold)
    said = Said.of(events, words)
    figures = by_word(score(found, said), said, dict.fromkeys(words, float(threshold)))
    return figures, length_ms / HOUR_MS


def levels_of(words, kinds):
    """(levels {kind: [{word: WordFigures}]}, hours {kind: h}) of kinds {kind: [(path, [Event])]}."""
    jobs = [(tuple(words), kinds[kind], threshold) for kind in kinds for threshold in THRESHOLDS]
    found = list(progress(each(_figures, jobs), "PocketSphinx", "runs", total=len(jobs)))
    levels, hours = {}, {}
    for place, kind in enumerate(kinds):
        of_kind = found[place * len(THRESHOLDS) : (place + 1) * len(THRESHOLDS)]
        levels[kind], hours[kind] = [figures for figures, _ in of_kind], of_kind[0][1]
    return levels, hours
