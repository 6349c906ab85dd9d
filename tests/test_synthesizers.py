"""The optional synthesizers: Pico, and Kokoro with its mixed voices."""

import sys
from itertools import combinations

import numpy as np
import pytest

from firmware.frontend import SAMPLE_RATE_HZ
from train.splits import TESTING, TRAINING, VALIDATION
from train.synthesizers import SYNTHESIZERS
from train.synthesizers.kokoro import HELD, Kokoro, mixture
from train.synthesizers.pico import Pico
from train.synthesizers.program import spoken_by
from train.synthesizers.synthesizer import SynthesizerError, Utterance

SPLITS = TRAINING, VALIDATION, TESTING


@pytest.fixture(params=[Pico, Kokoro])
def synthesizer(request, optional):
    speaker = request.param()
    optional(speaker.lacking())
    return speaker


def utterances(synthesizer, texts, split=TESTING, seed=0):
    random = np.random.default_rng(seed)
    return [synthesizer.draw(random, text, synthesizer.voices_of(split, "en"), "en") for text in texts]


@pytest.mark.parametrize("name", SYNTHESIZERS)
def test_no_voice_is_in_two_splits(name):
    synthesizer = SYNTHESIZERS[name]()
    voices = [set(synthesizer.voices_of(split, "en")) for split in SPLITS]
    assert not any(one & other for one, other in combinations(voices, 2))
    assert set().union(*voices) <= set(synthesizer.voices())
    assert not any(synthesizer.voices_of(split, "xx") for split in SPLITS)


def test_pico_is_for_tests_alone(optional):
    optional(Pico().lacking())
    assert not Pico().voices_of(TRAINING, "en") and Pico().voices_of(TESTING, "de") == ["de-DE"]


def test_an_utterance_is_the_same_samples_whatever_was_spoken_before(synthesizer):
    first, second = utterances(synthesizer, ["hello there", "view glass"])
    with synthesizer.speaker(1) as say:
        alone, _, again = (say(utterance) for utterance in (second, first, second))
    np.testing.assert_array_equal(alone, again)
    assert alone.dtype == np.int16 and 0.3 * SAMPLE_RATE_HZ < len(alone) < 2.5 * SAMPLE_RATE_HZ
    assert np.abs(alone.astype(int)).max() > 1000 and alone[0] and alone[-1]


def test_other_voices_and_rates_are_other_sound(synthesizer):
    said = utterances(synthesizer, ["hello"] * 4)
    assert len({utterance.voice for utterance in said} | {utterance.rate_wpm for utterance in said}) > 3
    heard = synthesizer.speak(said)
    assert not any(len(one) == len(other) and (one == other).all() for one, other in combinations(heard, 2))


def test_without_its_package_a_synthesizer_says_what_to_do(monkeypatch):
    for kind in (Pico, Kokoro):
        monkeypatch.setattr(f"{kind.__module__}.find_spec", lambda name: None)
        assert not kind().voices()
        with pytest.raises(SynthesizerError, match=f"^{kind.name}: .*`make setup WITH=voices` installs"):
            with kind().speaker(1):
                pass


def test_without_its_voices_kokoro_says_where_they_belong(monkeypatch, tmp_path, optional):
    optional(Kokoro().lacking())
    monkeypatch.setenv("DATA", str(tmp_path))
    assert Kokoro().lacking() == f"{tmp_path}/kokoro_voices.npz is missing; `make voices` downloads it"


def test_a_mixture_is_of_one_to_three_voices_with_weights():
    random, counts = np.random.default_rng(0), set()
    for _ in range(50):
        fields = mixture(random, ["af_bella", "am_adam", "bf_emma", "bm_george"]).split()
        assert len(set(fields[::2])) == len(fields) // 2 and sum(map(float, fields[1::2])) == pytest.approx(1, abs=0.02)
        counts.add(len(fields) // 2)
    assert counts == {1, 2, 3}


def test_timbre_and_prosody_are_mixed_apart(optional):
    kokoro = Kokoro()
    optional(kokoro.lacking())
    one, other, both = (
        kokoro._style(voice, 9)[0]
        for voice in ("af_bella 1 | af_bella 1", "am_adam 1 | am_adam 1", "af_bella 1 | am_adam 1")
    )
    np.testing.assert_array_equal(both, np.concatenate([one[:128], other[128:]]))
    half = kokoro._style("af_bella 0.50 am_adam 0.50 | am_adam 1.00", 9)[0]
    np.testing.assert_allclose(half[:128], (one + other)[:128] / 2, rtol=1e-5)


def test_the_held_voices_exist_and_are_of_both_sexes(optional):
    optional(Kokoro().lacking())
    for voices in HELD.values():
        assert set(voices) < set(Kokoro().voices()) and {voice[1] for voice in voices} == {"f", "m"}
    assert len(Kokoro().voices_of(TRAINING, "en")) == 40


@pytest.mark.parametrize(
    "language, text, phonemes",
    [
        ("de", "Hallo, deutsche Pfütze", "hˈaloː dˈYtʃə pfˈyʦə"),
        ("fr", "bonjour", "bɔ̃ʒˈuʁ"),
        ("it", "ciao pizza", "ʧˈao pˈiʦːa"),
    ],
)
def test_other_languages_are_pronounced_by_espeak_ng_in_letters_that_kokoro_knows(language, text, phonemes, optional):
    kokoro = Kokoro()
    optional(kokoro.lacking())
    assert kokoro.phonemes(text, language) == kokoro.phonemes(text, language) == phonemes
    assert set(phonemes) <= set(kokoro._tokens) and kokoro.voices_of(TRAINING, language)


def test_a_text_without_a_sound_is_named(optional):
    optional(Kokoro().lacking())
    with pytest.raises(SynthesizerError, match=r"^kokoro cannot pronounce '\.\.\.'"):
        Kokoro().speak([Utterance("...", "af_bella 1 | af_bella 1")])


def test_what_a_program_speaks_too_loud_is_not_told_as_a_recording(tmp_path, capsys):
    loud = tmp_path / "loud.py"
    loud.write_text(
        "import sys, numpy, soundfile\n"
        "soundfile.write(sys.argv[1], numpy.sign(numpy.sin(numpy.arange(16000))), 16000, subtype='PCM_16')\n"
    )
    assert len(spoken_by("loud", [sys.executable, str(loud)], Utterance("hello", "one"))) > 15_000
    assert capsys.readouterr().err == ""
