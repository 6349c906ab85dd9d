"""The streams that operating points are chosen on: words where the events say, over background, and talk."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.streams.validation import LANES, validation_streams
from firmware.frontend import log_mel_of_codes
from tests.toy import toy_clips, toy_recipe
from train.corpora.clips import RUNNING_SPEECH

RECIPE = toy_recipe()
WORDS = ("yes", "stop", "banana", "silence")


@pytest.fixture(scope="module")
def streams():
    return validation_streams(RECIPE, toy_clips((*WORDS, RUNNING_SPEECH), per_word=20))


def test_words_sound_where_the_events_say(streams):
    for kind, every_ms in (("noise", 6000), ("words", 2000)):
        codes, events = streams[kind]
        levels = log_mel_of_codes(codes).max(1)
        assert len(codes) * RECIPE.front.hop_ms == len(events) * every_ms
        inside, outside = [], []
        for event in events[:200]:
            first, last = (int(time) // RECIPE.front.hop_ms for time in (event.start_ms, event.end_ms))
            inside.append(levels[first + 2 : last - 1].min())
            outside.append(levels[last + 5 : last + 20].mean())
        assert np.median(np.subtract(inside, outside)) > 10
    assert {event.word for event in streams["noise"][1]} == {"yes", "stop"}
    assert {event.word for event in streams["words"][1]} == {"yes", "stop", "banana"}


@pytest.mark.parametrize("words", [(*WORDS, RUNNING_SPEECH), WORDS])
def test_talk_is_running_speech_or_other_words_in_a_row(words):
    clips = toy_clips(words, per_word=20)
    codes, events = validation_streams(RECIPE, clips)["speech"]
    assert not events and len(codes) % LANES == 0 and len(codes)
    talk = clips.select((clips.word == words[-1 if RUNNING_SPEECH in words else 2]) & (clips.split == "validation"))
    assert len(codes) <= len(talk.codes) // 2 or len(codes) == LANES
    np.testing.assert_array_equal(codes[:50], talk.codes[1:100:2])


def test_a_folder_of_silence_is_background():
    clips = toy_clips((*WORDS[:-1], "silence"), per_word=20)
    clips = replace(clips, word=np.where(clips.word == "silence", "_silence_", clips.word))
    assert {event.word for event in validation_streams(RECIPE, clips)["words"][1]} == {"yes", "stop", "banana"}


def test_the_streams_are_the_same_every_time(streams):
    again = validation_streams(RECIPE, toy_clips((*WORDS, RUNNING_SPEECH), per_word=20))
    for kind, (codes, events) in streams.items():
        np.testing.assert_array_equal(codes, again[kind][0])
        assert events == again[kind][1]
