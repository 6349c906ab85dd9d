"""Mixes one recording of a stream: words and sentences at random times on a bed, with their exact times.

SNR: the mean power of the word's sound, without its echo, over that of the bed, both over the samples in which the word is
spoken.  A word's level is limited to word_db and so that the sum stays within full scale; events.tsv has the resulting SNR.
"""

from dataclasses import dataclass

import numpy as np

from calibration.streams.background_mix import full_scale
from calibration.streams.events import KEYWORD, SENTENCE
from calibration.streams.rooms import draw_room, heard_in
from firmware.audio.recordings import rounded_pcm
from firmware.frontend import SAMPLE_RATE_HZ

AFTER_KEYWORD_SAMPLES = SAMPLE_RATE_HZ * 16 // 10
"""The least time from the end of a keyword to the next speech: hit window plus debounce, and a margin."""
APART_SAMPLES = SAMPLE_RATE_HZ // 10
FADE_SAMPLES = SAMPLE_RATE_HZ // 20
SHORTEST_FADE_SAMPLES = SAMPLE_RATE_HZ // 200


@dataclass(frozen=True)
class Item:
    """A clip to place, and the kind of its event."""

    event: str  # KEYWORD, OTHER or SENTENCE
    clip: object  # words.Clip


def earliest(items):
    """(first sample of each item's clip, samples taken in all) when all follow one another as closely as allowed."""
    starts, clip_end, spoken_end = [], 0, 0
    for item in items:
        start = max(clip_end + APART_SAMPLES, spoken_end - item.clip.start)
        starts.append(start)
        clip_end = start + len(item.clip.pcm)
        spoken_end = start + item.clip.end + (AFTER_KEYWORD_SAMPLES if item.event == KEYWORD else 0)
    return starts, max(clip_end, spoken_end)


def place(random, items, samples):
    """The first sample of each item's clip, with the remaining time spread over the gaps at random."""
    starts, taken = earliest(items)
    if taken > samples:
        raise ValueError(
            f"{len(items)} words need {taken / SAMPLE_RATE_HZ:.0f} s, but the recording has "
            f"{samples / SAMPLE_RATE_HZ:.0f} s: ask for fewer words a minute"
        )
    spread = np.sort(random.integers(0, samples - taken + 1, len(items)))
    return [int(start + later) for start, later in zip(starts, spread, strict=True)]


def faded(clip):
    """A clip's samples float64, faded in before and out after the spoken word, over 5 to 50 ms."""
    wave = clip.pcm.astype(np.float64)
    for lead, edge in ((clip.start, wave), (len(wave) - clip.end, wave[::-1])):
        samples = min(len(wave) // 2, FADE_SAMPLES, max(SHORTEST_FADE_SAMPLES, lead))
        edge[:samples] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(samples) + 0.5) / samples)
    return wave


def _power_db(wave):
    """Mean power in dB of full scale, at least that of one int16 step in a thousand samples."""
    return 10 * np.log10(max(np.square(wave).mean(), 1e-3)) - 20 * np.log10(32768)


def sounding(random, kind, item, bed):
    """(wave to add, snr_db, Room or None) of an item over its part of the bed."""
    wave, spoken = faded(item.clip), slice(item.clip.start, item.clip.end)
    own_db, bed_db = _power_db(wave[spoken]), _power_db(bed[spoken])
    if item.event == SENTENCE:
        level_db = random.uniform(*kind.sentence_db)
    else:
        level_db = float(np.clip(bed_db + random.uniform(*kind.snr_db), *kind.word_db))
    room = draw_room(random, kind) if item.event != SENTENCE else None
    wave = heard_in(random, room, wave * (full_scale(level_db) / full_scale(own_db)))
    over = np.abs(wave).max() / max(1.0, 32767 - np.abs(bed).max())
    if over > 1:
        wave, level_db = wave / over, level_db - 20 * np.log10(over)
    return wave, level_db - bed_db, room


def mix(random, kind, items, bed):
    """(PCM int16, rows of events.tsv without path) of items on a bed float64, which is overwritten."""
    rows = []
    under = bed.copy()
    for item, start in zip(items, place(random, items, len(bed)), strict=True):
        clip = item.clip
        wave, snr_db, room = sounding(random, kind, item, under[start : start + len(clip.pcm)])
        wave = wave[: len(bed) - start]
        bed[start : start + len(wave)] += wave
        rows.append(
            {
                "start_ms": f"{(start + clip.start) * 1000 / SAMPLE_RATE_HZ:.4f}",
                "end_ms": f"{(start + clip.end) * 1000 / SAMPLE_RATE_HZ:.4f}",
                "word": clip.word,
                "event": item.event,
                "snr_db": f"{snr_db:.2f}",
                "room": room or "",
                "source": clip.source,
            }
        )
    return rounded_pcm(bed), rows
