"""Synthetic speech: each clip depends on its own utterance alone, and no voice is in two splits."""

import sys
import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from firmware.frontend import LONGEST_WORD_SAMPLES
from train.corpora import load_corpora, speech
from train.corpora.speech import speak_clips, try_texts
from train.corpus_sections import SpeechSection
from train.recipe import load_recipe
from train.splits import TESTING, TRAINING, VALIDATION
from train.synthesizers.espeak import Espeak, base_voice
from train.synthesizers.synthesizer import SynthesizerError, Utterance, resample

RECIPE = load_recipe("hello").model_copy(update={"keywords": ["yes", "stop"]})
FEW = SpeechSection(kind="speech", clips_per_word={"espeak-ng": 2}, other_words=["no", "yes", "window"])
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
    voices = synthesizer.splits()
    assert sorted(voice for split in voices.values() for voice in split) == synthesizer.voices()
    bases = {split: {base_voice(voice) for voice in voices[split]} for split in (TRAINING, VALIDATION, TESTING)}
    assert all(bases.values())
    assert not any(bases[one] & bases[other] for one, other in combinations(bases, 2))


@pytest.fixture(scope="module")
def clips():
    return speech.load(FEW, RECIPE, None)


def test_loading_gives_every_word_in_both_splits(clips):
    for split in (TRAINING, VALIDATION):
        assert set(clips.word[clips.split == split]) == {*RECIPE.keywords, "no", "window"}
    assert (clips.word[clips.split == TRAINING] == "stop").sum() == 2


def test_loading_again_gives_the_same_clips(clips):
    for field, value in speech.load(FEW, RECIPE, None).arrays().items():
        np.testing.assert_array_equal(value, getattr(clips, field))


def test_a_keyword_may_be_spoken_as_other_texts(clips):
    said = speech.load(FEW.model_copy(update={"say": {"stop": ["incomprehensible"]}}), RECIPE, None)
    for word, longer in (("stop", True), ("yes", False)):
        one, other = (found.frames[(found.word == word) & (found.split == TRAINING)] for found in (said, clips))
        assert (one.min() > other.max() + 20) == longer and (longer or (one == other).all())


def test_another_language_is_spoken_by_its_voices():
    section = FEW.model_copy(update={"language": "de"})
    german = speech.load(section, RECIPE, None)
    english = speech.load(FEW, RECIPE, None)
    assert len(german) == len(english) and Espeak().accents("de") == ("de",)
    assert not np.array_equal(german.frames, english.frames)


def test_another_seed_gives_other_clips(clips):
    other = speech.load(FEW, RECIPE.model_copy(update={"seed": RECIPE.seed + 1}), None)
    assert not np.array_equal(clips.codes, other.codes)


def test_a_clip_is_its_utterance_from_beginning_to_end(clips):
    """espeak-ng's silence around a word is cut off, so that its span is nearly the whole clip."""
    clips.require_whole()
    first, last = clips.span.T
    assert (first <= 12).all() and (last >= clips.frames - 12).all()
    assert len(set(clips.frames)) > 5 and clips.frames.max() < 100


PHRASE = "turn on the lights in the kitchen"
"""A phrase of about 1.5 s."""


def test_a_phrase_is_a_keyword_whole(clips):
    recipe = RECIPE.model_copy(update={"keywords": [PHRASE.replace(" ", "_")]})
    phrases = speech.load(FEW, recipe, None)
    phrases = phrases.select(phrases.word == recipe.keywords[0])
    assert phrases.frames.max() > 150 > 100 > clips.frames.max()
    assert (phrases.span[:, 1] - phrases.span[:, 0] > 0.9 * phrases.frames).all()


LONG = "incomprehensibilities of the whole wide world and of everything in it"


@pytest.fixture
def asked(synthesizer, monkeypatch):
    """How often espeak-ng was asked to speak, and how many clips at most each time."""
    speak, asked = Espeak.speak, []
    monkeypatch.setattr(
        Espeak, "speak", lambda self, utterances, *what: asked.append(len(utterances)) or speak(self, utterances, *what)
    )
    return asked


def test_a_word_over_two_and_a_half_seconds_is_named_before_the_batch(synthesizer, asked):
    message = f"^'{LONG}' takes 3.03 s at 219 words a minute; a word may take at most 2.5 s: choose a shorter one$"
    with pytest.raises(ValueError, match=message):
        try_texts(synthesizer, [LONG, *["yes"] * 100], ["m1"])
    assert asked == [2, 1]


def test_a_word_too_long_in_some_voices_is_said_faster_there(synthesizer, capsys):
    """Marco is the slowest: 3.3 s at 140 words a minute, 2.0 s at 219."""
    spoken = speak_clips(np.random.default_rng(0), synthesizer, ["incomprehensibilities_of_the_world"] * 20, ["Marco"])
    assert max(len(clip.pcm) for clip in spoken) <= LONGEST_WORD_SAMPLES
    rates = [clip.utterance.rate_wpm for clip in spoken]
    assert max(rates) == speech.FASTEST_WPM and min(rates) < 200
    faster = rates.count(speech.FASTEST_WPM)
    assert f"{faster} of 20 clips were longer than 2.5 s: spoken again faster" in capsys.readouterr().err


def test_a_word_too_long_for_a_voice_is_said_by_the_one_in_which_it_was_tried(synthesizer, capsys):
    word = "elementary_mathematics_for_absolutely_everybody"
    spoken = speak_clips(np.random.default_rng(0), synthesizer, [word] * 8, ["Andrea", "Marco"])
    assert {clip.utterance.voice for clip in spoken} == {"Andrea"}
    assert "spoken again by Andrea" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"other_words": ["yes", "stop"]}, "all of other_words are keywords"),
        ({"other_words": ["no", LONG]}, f"'{LONG}' takes [23].* s at 219 words a minute"),
        ({"other_words": ["no", "..."]}, "'...': no voice can speak this"),
        ({"other_words": ["no", ""]}, "'': no voice can speak this"),
        ({"other_words": ["\N{BELL}"]}, "'\N{BELL}': no voice can speak this"),
        (
            {"other_words": ["\N{CYRILLIC SMALL LETTER YA}"]},
            "an English voice cannot speak this; write it as it sounds",
        ),
        ({"say": {"hello": ["hallo"]}}, "say: hello is not a keyword"),
        ({"language": "xx"}, "espeak-ng: has no voice of this split for language xx"),
        ({"clips_per_word": {"flite": 1}, "language": "de"}, "flite: has no voice of this split for language de"),
    ],
)
def test_what_cannot_be_spoken_is_known_before_the_first_batch(asked, change, message):
    section = FEW.model_copy(update={"clips_per_word": {"espeak-ng": 5000}, **change})
    with pytest.raises(ValueError, match=f"^recipe hello: corpus speech: .*{message}"):
        load_corpora(RECIPE.model_copy(update={"corpora": [section]}))
    assert sum(asked) < 10


def test_without_espeak_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(
        ValueError, match="corpus speech: espeak-ng: the Python package espeakng-loader is not installed; `make setup`"
    ):
        load_corpora(RECIPE.model_copy(update={"corpora": [FEW]}))
