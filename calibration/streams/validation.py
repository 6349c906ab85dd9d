"""The streams that operating points are chosen on: features of validation clips, mixed in the power domain.

    noise       keywords at 0 to 20 dB over a bed of background, with 5 s of bed after each
    words       keywords and other words in random order at 10 to 30 dB, with 1 s of bed after each
    speech      all running speech of the recipe's validation speakers and voices; without any, all other words in a row

The bed is all background of the recipe: a sound that resembles a word may be heard once in a recording, and the parts for
training have more of them.  The speakers are those for validation.  The integer model runs a kind as LANES parallel streams
without resets; the C library equals it bit for bit.
"""

import numpy as np

from calibration.detector import smooth
from calibration.streams.events import Event
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from firmware.frontend import ENERGY_FLOOR, codes_of_log_mel, energy_of_log_mel, log_mel_of_codes, log_mel_of_energy
from train.corpora.clips import FRAME_MS, FRAMES, RUNNING_SPEECH, codes_at_hops, codes_heard
from train.interference import Interference, together
from train.recipe import SILENCE, UNKNOWN
from train.splits import VALIDATION

LANES = 100
KEYWORDS, OTHERS = 1500, 1000
SEED = 5
PIECE_S = 20
"""Length of one piece of background; the level changes between pieces, which is rare in a room."""

AUDIBLE_LOG_MEL = 10
"""The least mean log-mel value of background for a bed; below, it is close to digital silence."""


def beds_of(front, clips):
    """[energies [hops, bands]] of Clips of background."""
    codes = [codes_at_hops(front, clips.codes_of(clip)) for clip in range(len(clips))]
    audible = [piece for piece in codes if log_mel_of_codes(piece).mean() >= AUDIBLE_LOG_MEL] or codes
    return [energy_of_log_mel(log_mel_of_codes(piece)) + ENERGY_FLOOR for piece in audible]


def bed_of(random, pool, hops, piece_hops, snr_db):
    """Energies [hops, bands] of random pieces of pool, played forwards and backwards, each at a random SNR to energy 1."""
    pieces = []
    for _ in range(-(-hops // piece_hops)):
        piece = pool[random.integers(len(pool))]
        there_and_back = np.roll(np.concatenate([piece, piece[::-1]]), -random.integers(2 * len(piece)), axis=0)
        part = np.resize(there_and_back, (piece_hops, piece.shape[1]))
        pieces.append(part / part.mean() * 10 ** (-random.uniform(*snr_db) / 10))
    return np.concatenate(pieces)[:hops]


def words_over_bed(random, words, pool, snr_db, front, bed_s):
    """Features int8 [hops, bands]: each clip, int8 [clips, hops, bands], at a random SNR over a bed, then bed_s of bed alone.

    The level of each piece of bed is at a random SNR of the same range to the clips' median level.
    """
    (clips, hops, bands), second = words.shape, front.clip_hops
    speech = energy_of_log_mel(log_mel_of_codes(words))
    loudness = speech.mean((1, 2), keepdims=True).clip(min=1.0)
    bed = bed_of(random, pool, clips * (hops + bed_s * second), PIECE_S * second, snr_db) * np.median(loudness)
    bed = bed.reshape(clips, -1, bands)
    under = bed[:, :hops].mean((1, 2), keepdims=True)
    speech *= under / loudness * 10 ** (random.uniform(*snr_db, (clips, 1, 1)) / 10)
    bed[:, :hops] = together(bed[:, :hops], speech, Interference(front).cosines(random, (clips, hops)))
    return codes_of_log_mel(log_mel_of_energy(bed)).reshape(-1, bands)


def in_lanes(codes):
    """The first hops of codes int8 [hops, bands] that LANES streams of equal length can share; a hop each at least."""
    codes = np.resize(codes, (max(LANES, len(codes)), codes.shape[1]))
    return codes[: len(codes) // LANES * LANES]


def events_of(clips, chosen, every_ms):
    """The Events of the words of clips at indices, each of which begins every_ms after the one before."""
    spans_ms = clips.span[chosen] * FRAME_MS
    return [
        Event(place * every_ms + first, place * every_ms + last, str(clips.word[clip]))
        for place, (clip, (first, last)) in enumerate(zip(chosen.tolist(), spans_ms.tolist(), strict=True))
    ]


def validation_streams(recipe, clips):
    """{kind: (features int8 [hops, bands], events)} from a recipe's Clips."""
    random = np.random.default_rng(SEED)
    labels = recipe.labels_of(clips.word)
    silence, validation = labels == recipe.labels.index(SILENCE), clips.split == VALIDATION
    front = recipe.front.mixed
    pool = beds_of(front, clips.select(silence))
    clips, labels, silence = clips.select(validation), labels[validation], silence[validation]
    speech = clips.word == RUNNING_SPEECH
    talk = speech if speech.any() else labels == recipe.labels.index(UNKNOWN)
    running = codes_heard(recipe.front, clips.select(talk).codes)
    words = clips.select(~silence & ~speech)
    labels = labels[~silence & ~speech]
    frames = max(FRAMES, -(-int(words.frames.max()) // FRAMES) * FRAMES)
    codes = codes_at_hops(front, words.in_pieces(frames)[0])
    said = random.choice(np.flatnonzero(labels < len(recipe.keywords)), KEYWORDS)
    others = np.flatnonzero(labels >= len(recipe.keywords))
    both = random.permutation(np.concatenate([said, random.choice(others, OTHERS)])) if len(others) else said
    streams = {}
    for kind, chosen, snr_db, bed_s in (("noise", said, (0.0, 20.0), 5), ("words", both, (10.0, 30.0), 1)):
        mixed = words_over_bed(random, codes[chosen], pool, snr_db, front, bed_s)
        if recipe.front.is_micro:
            mixed = codes_heard(recipe.front, mixed)
        streams[kind] = mixed, events_of(words, chosen, frames * FRAME_MS + 1000 * bed_s)
    streams["speech"] = in_lanes(running), []
    return streams


def logits_of_streams(integers, streams):
    """{kind: (logits int [LANES, hops, labels], Said)} of an IntegerModel on validation_streams."""
    return {
        kind: (integers.run(codes.reshape(LANES, -1, codes.shape[1]))[0], Said.of(events, integers.model.words))
        for kind, (codes, events) in streams.items()
    }


def heard_of_logits(model, logits, detector_rule):
    """{kind: Heard} of logits_of_streams, smoothed by a rule."""
    heard = {}
    for kind, (found, said) in logits.items():
        smoothed = smooth(found, model.keywords, detector_rule.smoothing_shift).reshape(-1, model.keywords)
        heard[kind] = Heard(smoothed, model.frontend.hop_ms, model.words, said)
    return heard


def hear_streams(integers, streams, detector_rule):
    """{kind: Heard} of an IntegerModel on validation_streams."""
    return heard_of_logits(integers.model, logits_of_streams(integers, streams), detector_rule)
