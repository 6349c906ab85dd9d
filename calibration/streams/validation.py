"""Streams on which operating points are chosen: validation clips, mixed in the power domain; no test clip.

The bed is of the background recordings' validation parts where there are some, else of clips of silence.

    noise       keywords at 0 to 20 dB over a bed of background, which goes on for 5 s after each
    words       other words and keywords in turn, at 10 to 30 dB, a second of bed after each
    sentences   running speech by synthetic voices of the validation split

A clip is an event of its whole second: clips have no time stamps of the word.  The integers hear a kind as LANES
streams side by side, each without a reset; the C library equals them bit for bit.
"""

import numpy as np

from calibration.detector import smooth
from calibration.streams.events import Event
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from firmware.frontend import ENERGY_FLOOR, codes_of_log_mel, energy_of_log_mel, log_mel_of_codes, log_mel_of_energy
from firmware.host.binding import FrontendC
from firmware.paths import data_folder
from train.corpora.background import at_level, read_background
from train.corpora.clips import VALIDATION, codes_at_hops
from train.corpora.sentences import RUNNING_SPEECH, speak_passages
from train.recipe import SILENCE

LANES = 100
KEYWORDS, OTHERS = 1500, 1000
SENTENCES_MINUTES = 40
SEED = 5
STRETCH_S = 20
"""Of one piece of background: where another begins its level jumps, which a room seldom does."""

AUDIBLE_LOG_MEL = 10
"""A clip of silence whose mean log-mel value is lower is near to digital silence: no bed."""

ARCHIVE_BACKGROUND = "speech_commands/_background_noise_"

BED_DB = -26.0
"""Of full scale, at which the front end hears background recordings before their energies are scaled."""


def background_folders(recipe):
    """Folders of DATA with background recordings: those of the recipe's corpora, else of Speech Commands if it hears that."""
    named = [section.recordings for section in recipe.corpora if section.kind == "background" and section.recordings]
    archive = any(section.kind in ("logmel", "speech_commands") for section in recipe.corpora)
    return named or ([ARCHIVE_BACKGROUND] if archive and (data_folder() / ARCHIVE_BACKGROUND).is_dir() else [])


def background_energies(recipe, silence):
    """[energies [hops, bands]]: of each background recording, or of each clip of silence, codes int8 [clips, hops, bands]."""
    if folders := background_folders(recipe):
        frontend = FrontendC(recipe.front)
        parts = [pcm for folder in folders for pcm in read_background(folder, VALIDATION)]
        pieces = [frontend.features(at_level(pcm, BED_DB)) for pcm in parts]
    else:
        pieces = [codes for codes in silence if log_mel_of_codes(codes).mean() >= AUDIBLE_LOG_MEL] or list(silence)
    return [energy_of_log_mel(log_mel_of_codes(codes)) + ENERGY_FLOOR for codes in pieces]


def bed_of(random, pool, seconds, hops):
    """Energies [seconds, hops, bands] of mean 1: STRETCH_S of each piece, forwards and backwards in turn."""
    stretches = []
    for _ in range(-(-seconds // STRETCH_S)):
        piece = pool[random.integers(len(pool))]
        there_and_back = np.roll(np.concatenate([piece, piece[::-1]]), -random.integers(2 * len(piece)), axis=0)
        stretch = np.resize(there_and_back, (STRETCH_S, hops, piece.shape[1]))
        stretches.append(stretch / stretch.mean())
    return np.concatenate(stretches)[:seconds]


def words_over_bed(random, words, pool, snr_db, bed_s):
    """Codes int8 [hops, bands]: each word of codes [words, hops, bands] at an SNR over a bed of pool, then bed_s of bed alone.

    The bed's level, stretch by stretch, is that of the words' median at some SNR of the same range.
    """
    clips, hops, bands = words.shape
    speech = energy_of_log_mel(log_mel_of_codes(words))
    loudness = speech.mean((1, 2), keepdims=True).clip(min=1.0)
    seconds = clips * (1 + bed_s)
    level_db = random.uniform(*snr_db, -(-seconds // STRETCH_S)).repeat(STRETCH_S)[:seconds, None, None]
    bed = bed_of(random, pool, seconds, hops) * np.median(loudness) * 10 ** (-level_db / 10)
    bed = bed.reshape(clips, -1, bands)
    under = bed[:, :hops].mean((1, 2), keepdims=True)
    bed[:, :hops] += speech / loudness * under * 10 ** (random.uniform(*snr_db, (clips, 1, 1)) / 10)
    return codes_of_log_mel(log_mel_of_energy(bed)).reshape(-1, bands)


def running_speech(recipe):
    """Codes int8 [hops, bands]."""
    frontend = FrontendC(recipe.front)
    passages = speak_passages(VALIDATION, SENTENCES_MINUTES, recipe.keywords, SEED)
    codes = np.concatenate([frontend.features(passage.pcm) for passage in passages])
    return codes[: len(codes) // LANES * LANES]


def validation_streams(recipe, clips):
    """{kind: (codes int8 [hops, bands], events)} of a recipe's Clips."""
    random = np.random.default_rng(SEED)
    clips = clips.select((clips.split == VALIDATION) & (clips.word != RUNNING_SPEECH))
    clip_codes = codes_at_hops(recipe.front, clips.codes)
    labels = np.array([recipe.label_of(word) for word in clips.word])
    keyword, silence = labels < len(recipe.keywords), labels == recipe.labels.index(SILENCE)
    said = random.choice(np.flatnonzero(keyword), KEYWORDS)
    others = random.choice(np.flatnonzero(~keyword & ~silence), OTHERS)
    both = random.permutation(np.concatenate([said, others]))
    pool, streams = background_energies(recipe, clip_codes[silence]), {}
    for kind, chosen, snr_db, bed_s in (("noise", said, (0.0, 20.0), 5), ("words", both, (10.0, 30.0), 1)):
        codes = words_over_bed(random, clip_codes[chosen], pool, snr_db, bed_s)
        starts_ms = 1000 * (1 + bed_s) * np.arange(len(chosen))
        streams[kind] = (
            codes,
            [
                Event(start, start + 1000, str(clips.word[clip]))
                for start, clip in zip(starts_ms.tolist(), chosen, strict=True)
            ],
        )
    streams["sentences"] = running_speech(recipe), []
    return streams


def hear_streams(integers, streams, detector_rule):
    """{kind: Heard} of an IntegerModel."""
    model, heard = integers.model, {}
    words = model.words
    for kind, (codes, events) in streams.items():
        logits, _ = integers.run(codes.reshape(LANES, -1, codes.shape[1]))
        smoothed = smooth(logits, model.keywords, detector_rule.smoothing_shift).reshape(-1, model.keywords)
        heard[kind] = Heard(smoothed, model.frontend.hop_ms, words, Said.of(events, words))
    return heard
