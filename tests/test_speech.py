"""Synthetic speech: each clip depends on its own utterance alone, and no voice is in two splits."""

import sys
import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from train.corpora import load_corpora, speech
from train.corpora.clips import TESTING, TRAINING, VALIDATION
from train.corpora.espeak import Espeak, base_voice
from train.corpora.speech import speak_clips, voices_of_split
from train.corpora.synthesizer import SynthesizerError, Utterance, resample
from train.recipe import SpeechSection, load_recipe

RECIPE = load_recipe("hello").model_copy(update={"keywords": ["yes", "stop"]})
FEW = SpeechSection(kind="speech", clips_per_word=2, validation_voices=8, other_words=["no", "yes", "window"])
A, B, C = (
    Utterance("yes", "m1"),
    Utterance("window", "f2", "en-us", 200, 70),
    Utterance("hello", "m3", "en-029", 150, 30),
)


@pytest.fixture(scope="module")
def synthesizer():
    return Espeak()


def spoken_anew(synthesizer, utterance):
    """Its PCM, from no kept clip."""
    with synthesizer.speaker(1) as say:
        return say(utterance)


def test_a_clip_does_not_depend_on_what_was_spoken_before(synthesizer):
    with synthesizer.speaker(1) as say:
        after_others, again = [say(utterance) for utterance in (A, B, C, C)][2:]
    alone = spoken_anew(synthesizer, C)
    np.testing.assert_array_equal(after_others, alone)
    np.testing.assert_array_equal(again, alone)


def test_a_clip_does_not_depend_on_when_it_is_spoken(synthesizer):
    """f2 breathes: noise that espeak-ng seeds with the second of the day."""
    breathing = Utterance("window", "f2")
    clip = spoken_anew(synthesizer, breathing)
    spoken_s = int(time.time())
    while int(time.time()) == spoken_s:
        time.sleep(0.01)
    np.testing.assert_array_equal(clip, spoken_anew(synthesizer, breathing))


def test_resampling_does_not_depend_on_what_was_in_memory():
    """soxr's dither of int16 does: of this length, some 400 of the last 1,000 samples came out otherwise."""
    pcm = np.rint(np.random.default_rng(0).normal(0, 3000, 66_300)).astype(np.int16)
    first = resample(pcm, 22_050)
    for value in range(1, 6):
        for size in (100, 1000, 5000, 20_000):
            np.full(size, value, np.uint8), np.full(8 * size, value / 3)
        np.testing.assert_array_equal(resample(pcm, 22_050), first)


def test_clips_come_in_the_order_of_their_utterances(synthesizer):
    utterances = [A, B, C]
    for clip, utterance in zip(synthesizer.speak(utterances), utterances, strict=True):
        np.testing.assert_array_equal(clip, spoken_anew(synthesizer, utterance))


def test_every_part_of_an_utterance_is_heard(synthesizer):
    others = [
        replace(A, **change)
        for change in ({"text": "no"}, {"voice": "f2"}, {"accent": "en-029"}, {"rate_wpm": 200}, {"pitch": 70})
    ]
    clip, *changed = synthesizer.speak([A, *others])
    assert not any(np.array_equal(clip, other) for other in changed)


@pytest.mark.parametrize(
    ("utterance", "named"),
    [
        (Utterance("yes", "nobody"), "no voice 'nobody'"),
        (Utterance("yes", ""), "no voice ''"),
        (Utterance("yes", "m1", "en-moon"), r"refused voice en-moon\+m1"),
        (Utterance("...", "m1"), r"returned no sound: .*'\.\.\.'"),
    ],
    ids=["voice", "empty voice", "accent", "text"],
)
def test_what_espeak_cannot_speak_is_named(synthesizer, utterance, named):
    assert issubclass(SynthesizerError, ValueError), "what every command reports in one line"
    with pytest.raises(SynthesizerError, match=f"^espeak-ng .*{named}"):
        synthesizer.speak([A, utterance, B])


def test_no_base_voice_is_in_two_splits(synthesizer):
    voices = voices_of_split(synthesizer, 8)
    assert sorted(voice for split in voices.values() for voice in split) == synthesizer.voices()
    bases = {split: {base_voice(voice) for voice in voices[split]} for split in (TRAINING, VALIDATION, TESTING)}
    assert all(bases.values())
    assert not any(bases[one] & bases[other] for one, other in combinations(bases, 2))


def test_the_testing_voices_do_not_depend_on_the_recipe(synthesizer):
    assert voices_of_split(synthesizer, 1)[TESTING] == voices_of_split(synthesizer, 50)[TESTING]


@pytest.fixture(scope="module")
def clips():
    return speech.load(FEW, RECIPE, None)


def test_loading_gives_every_word_in_both_splits(clips):
    for split in (TRAINING, VALIDATION):
        assert set(clips.word[clips.split == split]) == {*RECIPE.keywords, "no", "window"}
    assert (clips.word[clips.split == TRAINING] == "stop").sum() == 2


def test_loading_again_gives_the_same_clips(clips):
    for field, value in vars(speech.load(FEW, RECIPE, None)).items():
        np.testing.assert_array_equal(value, getattr(clips, field))


def test_another_seed_gives_other_clips(clips):
    other = speech.load(FEW, RECIPE.model_copy(update={"seed": RECIPE.seed + 1}), None)
    assert not np.array_equal(clips.codes, other.codes)


LONG = "incomprehensibilities of the world"


@pytest.fixture
def asked(synthesizer, monkeypatch):
    """How often espeak-ng was asked to speak, and how many clips at most each time."""
    speak, asked = Espeak.speak, []
    monkeypatch.setattr(
        Espeak, "speak", lambda self, utterances, *what: asked.append(len(utterances)) or speak(self, utterances, *what)
    )
    return asked


def test_a_word_longer_than_a_clip_is_named_before_the_batch(synthesizer, asked):
    words = ["incomprehensibilities_of_the_world", *["yes"] * 100]
    with pytest.raises(ValueError, match=f"'{LONG}' takes .* s at .*choose a shorter word"):
        speak_clips(np.random.default_rng(0), synthesizer, words, ["m1"])
    assert asked == [2, 1]


def test_a_word_too_long_in_some_voices_is_said_faster_there(synthesizer, capsys):
    """Marco is the slowest: 1.4 s at 140 words a minute, .8 s at 219."""
    spoken = speak_clips(np.random.default_rng(0), synthesizer, ["hey_jarvis"] * 20, ["Marco"])
    rates = [clip.utterance.rate_wpm for clip in spoken]
    assert max(rates) == speech.FASTEST_WPM and min(rates) < 200
    faster = rates.count(speech.FASTEST_WPM)
    assert f"{faster} of 20 clips were longer than a second: spoken again faster" in capsys.readouterr().err


def test_a_word_too_long_for_a_voice_is_said_by_the_one_in_which_it_was_tried(synthesizer, capsys):
    word = "elementary_mathematics"
    spoken = speak_clips(np.random.default_rng(0), synthesizer, [word] * 8, ["Andrea", "Marco"])
    assert {clip.utterance.voice for clip in spoken} == {"Andrea"}
    assert "spoken again by Andrea" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"other_words": ["yes", "stop"]}, "all of other_words are keywords"),
        ({"other_words": ["no", LONG]}, f"'{LONG}' takes 1.* s at 219 words a minute"),
        ({"other_words": ["no", "..."]}, "'...': an English voice cannot speak this"),
        ({"other_words": ["no", ""]}, "'': an English voice cannot speak this"),
        ({"other_words": ["\N{BELL}"]}, "'\N{BELL}': an English voice cannot speak this"),
        (
            {"other_words": ["\N{CYRILLIC SMALL LETTER YA}"]},
            "an English voice cannot speak this; write it as it sounds",
        ),
        (
            {"validation_voices": 60},
            "validation_voices = 60: leaves no voice for training; espeak-ng has 70 base voices",
        ),
    ],
)
def test_what_cannot_be_spoken_is_known_before_the_first_batch(asked, change, message):
    section = FEW.model_copy(update={"clips_per_word": 5000, **change})
    with pytest.raises(ValueError, match=f"^recipe hello: corpus speech: .*{message}"):
        load_corpora(RECIPE.model_copy(update={"corpora": [section]}))
    assert sum(asked) < 10


def test_without_espeak_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(
        ValueError, match="^espeak-ng: the Python package espeakng-loader is not installed; `make setup`"
    ):
        load_corpora(RECIPE.model_copy(update={"corpora": [FEW]}))
