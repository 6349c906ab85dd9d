"""The stream of the testing sessions of a corpus of wake words: their recordings one after another, with their marked times."""

import numpy as np
import pytest
import soundfile

from calibration.streams.build import build
from calibration.streams.description import load_description, parse_description
from calibration.streams.events import read_stream
from firmware.frontend import SAMPLE_RATE_HZ
from tests.wake_corpus import SESSIONS, line_of, write_corpus
from train.corpora.clips import TESTING
from train.corpora.wake_index import session_split
from train.recipe import load_recipe


@pytest.fixture
def folder(data):
    """The tiny corpus of wake words in a DATA of its own."""
    write_corpus(data / "wake_word_sentences")
    return data / "wake_word_sentences"


STREAM = 'words = ["operator"]\n[sessions.alone]\nfolder = "wake_word_sentences/alone"\n'


def test_a_stream_of_sessions_is_the_testing_recordings_with_their_times(folder):
    stream = build(parse_description(STREAM, "calls"))
    ((path, events),) = read_stream(stream)["alone"]
    testing = [session for session in SESSIONS if session_split(session) == TESTING]
    pcm, rate_hz = soundfile.read(path)
    assert rate_hz == SAMPLE_RATE_HZ and len(pcm) == 2 * len(testing) * 4 * SAMPLE_RATE_HZ
    assert sorted(event.word for event in events) == sorted(["operator", "wildfire"] * len(testing))
    assert [event.event == "keyword" for event in events] == [event.word == "operator" for event in events]
    loud = np.abs(pcm) > 0.05
    for event in events:
        start, end = (round(time * SAMPLE_RATE_HZ / 1000) for time in (event.start_ms, event.end_ms))
        assert loud[start:end].mean() > 0.8 and not loud[start - 8000 : start - 80].any()
        assert not loud[end + 80 : end + 8000].any()
    females = sum(int(session) % 2 for session in testing)
    assert [event.about["gender"] for event in events].count("female") == 2 * females
    assert {event.about["dialect"] for event in events} == {"native"}


def test_a_stream_of_sessions_is_made_again_where_the_table_changed(folder):
    first = build(parse_description(STREAM, "calls"))
    before = (first / "events.tsv").read_bytes()
    testing = next(session for session in SESSIONS if session_split(session) == TESTING)
    old = (folder / "index.tsv").read_text()
    (folder / "index.tsv").write_text(
        old.replace(line_of(testing, "alone", "operator"), line_of(testing, "alone", "operator", 0, 0))
    )
    again = build(parse_description(STREAM, "calls"))
    assert (again / "events.tsv").read_bytes().count(b"operator\tkeyword") == before.count(b"operator\tkeyword") - 1


def test_a_description_without_a_kind_or_with_one_twice_is_refused():
    with pytest.raises(ValueError, match="kinds: required: at least one"):
        parse_description('words = ["a"]', "none")
    mixed = "[kinds.alone]\nhours = 1\nbed = { recordings = 1 }\nbed_db = [-50, -50]\n"
    with pytest.raises(ValueError, match="sessions.alone has the same name"):
        parse_description(STREAM + mixed, "twice")


def test_the_shipped_stream_asks_for_the_recipes_words():
    description = load_description("wake")
    assert description.words == load_recipe("wake-ssm-20k").keywords and set(description.sessions) == {
        "alone",
        "sentences",
    }
