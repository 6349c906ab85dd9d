"""The streams that operating points are chosen on: features of validation clips, mixed in the power domain.

    noise       keywords at 0 to 20 dB over a bed of background, with 5 s of bed after each
    words       keywords and other words in random order at 10 to 30 dB, with 1 s of bed after each
    sentences   running speech by synthetic voices of the validation split

The bed comes from the validation parts of the background recordings, or from clips of silence without such recordings.
The event of a clip is its whole second, since clips have no times of the word.  The integer model runs a kind as LANES
parallel streams without resets; the C library equals it bit for bit.
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
PIECE_S = 20
"""Length of one piece of background; the level changes between pieces, which is rare in a room."""

AUDIBLE_LOG_MEL = 10
"""The least mean log-mel value of a clip of silence for a bed; below, it is close to digital silence."""

ARCHIVE_BACKGROUND = "speech_commands/_background_noise_"

BED_DB = -26.0
"""Level, dB of full scale, of background recordings in the front end; their energies are scaled afterwards."""


def background_folders(recipe):
    """Folders in DATA with background recordings: the recipe's, else those of Speech Commands for a recipe that uses it."""
    named = [section.recordings for section in recipe.corpora if section.kind == "background" and section.recordings]
    archive = any(section.kind in ("logmel", "speech_commands") for section in recipe.corpora)
    return named or ([ARCHIVE_BACKGROUND] if archive and (data_folder() / ARCHIVE_BACKGROUND).is_dir() else [])


def background_energies(recipe, silence):
    """[energies [hops, bands]] of background recordings, or of clips of silence, codes int8 [clips, hops, bands]."""
    if folders := background_folders(recipe):
        frontend = FrontendC(recipe.front)
        parts = [pcm for folder in folders for pcm in read_background(folder, VALIDATION)]
        pieces = [frontend.features(at_level(pcm, BED_DB)) for pcm in parts]
    else:
        pieces = [codes for codes in silence if log_mel_of_codes(codes).mean() >= AUDIBLE_LOG_MEL] or list(silence)
    return [energy_of_log_mel(log_mel_of_codes(codes)) + ENERGY_FLOOR for codes in pieces]


def bed_of(random, pool, seconds, hops):
    """Energies [seconds, hops, bands] with mean 1: PIECE_S of each random piece of pool, played forwards and backwards."""
    pieces = []
    for _ in range(-(-seconds // PIECE_S)):
        piece = pool[random.integers(len(pool))]
        there_and_back = np.roll(np.concatenate([piece, piece[::-1]]), -random.integers(2 * len(piece)), axis=0)
        part = np.resize(there_and_back, (PIECE_S, hops, piece.shape[1]))
        pieces.append(part / part.mean())
    return np.concatenate(pieces)[:seconds]


def words_over_bed(random, words, pool, snr_db, bed_s):
    """Features int8 [hops, bands]: each word, int8 [words, hops, bands], at a random SNR over a bed, then bed_s of bed alone.

    The level of each piece of bed is at a random SNR of the same range to the words' median level.
    """
    clips, hops, bands = words.shape
    speech = energy_of_log_mel(log_mel_of_codes(words))
    loudness = speech.mean((1, 2), keepdims=True).clip(min=1.0)
    seconds = clips * (1 + bed_s)
    level_db = random.uniform(*snr_db, -(-seconds // PIECE_S)).repeat(PIECE_S)[:seconds, None, None]
    bed = bed_of(random, pool, seconds, hops) * np.median(loudness) * 10 ** (-level_db / 10)
    bed = bed.reshape(clips, -1, bands)
    under = bed[:, :hops].mean((1, 2), keepdims=True)
    bed[:, :hops] += speech / loudness * under * 10 ** (random.uniform(*snr_db, (clips, 1, 1)) / 10)
    return codes_of_log_mel(log_mel_of_energy(bed)).reshape(-1, bands)


def running_speech(recipe):
    """Features int8 [hops, bands] of SENTENCES_MINUTES of running speech."""
    frontend = FrontendC(recipe.front)
    passages = speak_passages(VALIDATION, SENTENCES_MINUTES, recipe.keywords, SEED)
    codes = np.concatenate([frontend.features(passage.pcm) for passage in passages])
    return codes[: len(codes) // LANES * LANES]


def validation_streams(recipe, clips):
    """{kind: (features int8 [hops, bands], events)} from a recipe's Clips."""
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
    """{kind: Heard} of an IntegerModel on validation_streams."""
    model, heard = integers.model, {}
    words = model.words
    for kind, (codes, events) in streams.items():
        logits, _ = integers.run(codes.reshape(LANES, -1, codes.shape[1]))
        smoothed = smooth(logits, model.keywords, detector_rule.smoothing_shift).reshape(-1, model.keywords)
        heard[kind] = Heard(smoothed, model.frontend.hop_ms, words, Said.of(events, words))
    return heard
