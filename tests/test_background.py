"""Corpus background: whole recordings or made noise and music, at one level, with a part for each split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firmware.audio.recordings import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from tests.recordings import record, write
from train.corpora import background, load_corpora
from train.corpora.background import LEVEL_DB, at_level, coloured
from train.corpora.clips import codes_of_pcm
from train.corpora.music import Instrument, synthesize_music
from train.corpus_sections import BackgroundSection
from train.recipe import load_recipe
from train.splits import TRAINING, VALIDATION

RECIPE = load_recipe("hello")


def section(**settings):
    return BackgroundSection(kind="background", **settings)


def loaded(data, **settings):
    return background.load(section(**settings), RECIPE, data)


NOISES = section(recordings="noise")
MADE = "noise", "music"


@pytest.fixture
def noise(data):
    """The folder DATA/noise with a long and a short recording."""
    record(data / "noise" / "kitchen.wav", seconds=10)
    record(data / "noise" / "blip.wav", seconds=1.1, seed=1)
    return data / "noise"


def parts_of(clips):
    """[(name, split, frames)] of the clips."""
    return list(zip(clips.speaker.tolist(), clips.split.tolist(), clips.frames.tolist(), strict=True))


# --- recordings


def test_the_last_fifth_of_a_recording_is_for_validation_and_a_short_one_is_not_divided(noise, data):
    clips = loaded(data, recordings="noise")
    clips.require_whole()
    assert parts_of(clips) == [("blip", TRAINING, 110), ("kitchen", TRAINING, 800), ("kitchen", VALIDATION, 200)]
    assert set(clips.word) == {"silence"} and (clips.span == [[0, frames] for frames in clips.frames]).all()


def test_a_clip_is_its_part_of_the_recording_at_one_level(noise, data):
    pcm = read_recording(noise / "kitchen.wav")[8 * SAMPLE_RATE_HZ :]
    expected = codes_of_pcm(RECIPE.front, at_level(pcm, LEVEL_DB))
    np.testing.assert_array_equal(loaded(data, recordings="noise").codes_of(2), expected)
    write(noise / "kitchen.wav", 4 * read_recording(noise / "kitchen.wav").astype(float))
    louder = loaded(data, recordings="noise").codes_of(2)
    assert np.abs(louder.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("silence", [0, -200], ids=["zeros", "a constant"])
def test_silent_parts_are_left_out(noise, data, silence):
    pcm = np.random.default_rng(0).normal(0, 1000, 10 * SAMPLE_RATE_HZ)
    pcm[8 * SAMPLE_RATE_HZ :] = silence
    write(noise / "fan.wav", pcm)
    write(noise / "muted.wav", np.full(12 * SAMPLE_RATE_HZ, silence))
    parts = [part for part in parts_of(loaded(data, recordings="noise")) if part[0] in ("fan", "muted")]
    assert parts == [("fan", TRAINING, 800)]


def test_recordings_that_are_all_silent_are_refused(data):
    write(data / "noise" / "muted.wav", np.zeros(12 * SAMPLE_RATE_HZ))
    with pytest.raises(ValueError, match=f"^{data / 'noise'}: its background noise is digital silence; put other"):
        loaded(data, recordings="noise")


def test_the_recordings_named_in_without_are_left_out(noise, data):
    assert {name for name, *_ in parts_of(loaded(data, recordings="noise", without=["blip"]))} == {"kitchen"}


@pytest.mark.parametrize("step", [background.check, background.load])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"without": ["piano", "blip.wav"]},
            r"without = \['blip.wav', 'piano'\]: no such recordings; give names of rec",
        ),
        ({"without": ["blip", "kitchen"]}, "no recordings of background noise"),
        ({"recordings": "nothing"}, "does not exist; put recordings of background noise into it"),
    ],
)
def test_what_is_missing_is_named_before_any_recording_is_heard(noise, data, monkeypatch, step, settings, message):
    monkeypatch.setattr(background, "read_recording", None)
    settings = {"recordings": "noise", **settings}
    with pytest.raises(ValueError, match=f"^{data / settings['recordings']}: {message}"):
        step(section(**settings), RECIPE, data)


def test_other_files_are_ignored_with_one_warning(noise, capsys):
    (noise / "README.txt").write_text("where the noise is from")
    load_corpora(RECIPE.model_copy(update={"corpora": [NOISES]}))
    assert capsys.readouterr().err.count("README.txt: ignored, not a recording") == 1


# --- made noise and music


def test_without_recordings_every_fifth_piece_of_ten_seconds_is_for_validation(data):
    for made in MADE:
        clips = loaded(data, made=made, minutes=2)
        splits = [VALIDATION if piece % 5 == 4 else TRAINING for piece in range(12)]
        assert parts_of(clips) == [(f"made {made}", split, 1000) for split in splits]
        assert set(clips.word) == {"silence"}


@pytest.mark.parametrize("made", MADE)
def test_what_is_made_depends_on_the_seed_alone(data, made):
    first, again = (loaded(data, made=made, minutes=1).sha256() for _ in range(2))
    other = background.load(section(made=made, minutes=1), RECIPE.model_copy(update={"seed": 9}), data).sha256()
    assert first == again != other


def tonality(sound):
    """The share of the power in the strongest 2 % of the frequencies, the mean of pieces of .1 s."""
    power = np.square(np.abs(np.fft.rfft(sound[: len(sound) // 1600 * 1600].reshape(-1, 1600) * np.hanning(1600))))
    strongest = np.sort(power, axis=1)[:, -16:].sum(1)
    return (strongest / np.maximum(power.sum(1), 1e-9)).mean()


def test_music_is_tones_and_noise_is_not():
    seconds, random = 10 * SAMPLE_RATE_HZ, np.random.default_rng(0)
    pieces = [synthesize_music(random, seconds) for _ in range(30)]
    assert all(np.isfinite(piece).all() and piece.std() == pytest.approx(1) for piece in pieces)
    assert np.median([tonality(piece) for piece in pieces]) > 0.8
    assert tonality(coloured(random, 0.0, seconds)) < 0.2


def test_a_note_has_its_pitch_and_slides_to_the_other():
    random = np.random.default_rng(1)
    instrument = Instrument(random)
    instrument.vibrato = 0.0
    for first, last in ((200, 200), (200, 400)):
        note = instrument.note(random, first, last, SAMPLE_RATE_HZ)
        for part, hz in ((note[800:2400], first), (note[-2400:-800], last)):
            spectrum = np.abs(np.fft.rfft(part * np.hanning(1600), 1 << 15))
            around = np.arange(len(spectrum)) * SAMPLE_RATE_HZ / (1 << 15)
            fundamental = spectrum[(around > 0.8 * hz) & (around < 1.2 * hz)].argmax() * SAMPLE_RATE_HZ / (1 << 15)
            assert fundamental + 0.8 * hz == pytest.approx(hz, rel=0.08)


@pytest.mark.parametrize("slope", background.SLOPES)
def test_the_power_of_coloured_noise_falls_with_frequency(slope):
    power = np.square(np.abs(np.fft.rfft(coloured(np.random.default_rng(0), slope, SAMPLE_RATE_HZ))))
    low, high = (np.log10(power[octave : 2 * octave].mean()) for octave in (100, 1000))
    assert (low - high) == pytest.approx(slope, abs=0.1)


@given(arrays(np.int16, st.integers(1, 200), elements=st.integers(-3000, 3000)), st.floats(-50, -40))
def test_a_sound_is_brought_to_its_level_and_silence_stays_silent(pcm, level_db):
    scaled = at_level(pcm, level_db).astype(float)
    rms = np.sqrt(np.square(scaled).mean())
    assert rms == pytest.approx(32768 * 10 ** (level_db / 20), rel=0.05) if pcm.any() else not scaled.any()
