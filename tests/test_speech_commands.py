"""Corpus speech_commands: the official layout and splits, also in place of the log-mel pictures."""

import numpy as np
import pytest

from firmware.audio.recordings import read_recording
from tests.recordings import record
from train.corpora import load_corpora, load_corpus, logmel, recordings
from train.corpora.background import LEVEL_DB, at_level
from train.corpora.clips import codes_of_pcm
from train.corpora.recordings import official_split, speaker_percent
from train.corpus_sections import LogmelSection, SpeechCommandsSection
from train.recipe import BACKGROUND_FOLDER, load_recipe
from train.splits import TESTING, TRAINING, VALIDATION

RECIPE = load_recipe("hello")
OFFICIAL = SpeechCommandsSection(kind="speech_commands")


@pytest.fixture
def folder(data):
    """DATA/speech_commands with two training speakers' words and background noise."""
    record(data / "speech_commands" / "yes" / "0132a06d_nohash_0.wav")
    record(data / "speech_commands" / BACKGROUND_FOLDER / "running_tap.wav", seconds=10)
    return data / "speech_commands"


def test_the_official_split_of_speakers_in_the_published_lists():
    """026290a7 opens the validation list of Speech Commands, bb05582b its testing list."""
    assert official_split("026290a7") == VALIDATION
    assert official_split("bb05582b") == TESTING
    assert official_split("0132a06d") == TRAINING


def test_the_place_of_a_speaker_is_even_from_0_to_100():
    percents = np.array([speaker_percent(str(number)) for number in range(5000)])
    assert 0 <= percents.min() and percents.max() <= 100
    np.testing.assert_allclose(np.histogram(percents, 10, (0, 100))[0], 500, atol=100)


def test_the_official_split_is_that_of_the_validation_list(corpus):
    folder = corpus("speech_commands")
    clips = [path for path in folder.glob("*/*_nohash_*") if path.parent.name != BACKGROUND_FOLDER]
    validation = {
        f"{path.parent.name}/{path.name}"
        for path in clips
        if official_split(path.name.split("_nohash_")[0]) == VALIDATION
    }
    assert validation == set((folder / "validation_list.txt").read_text().split())


def test_speech_commands_is_read_in_its_official_layout(folder):
    record(folder / "yes" / "0132a06d_nohash_1.flac")
    record(folder / "tree" / "026290a7_nohash_0.wav")
    record(folder / "yes" / "bb05582b_nohash_0.wav")
    (folder / "LICENSE").write_text("not a word")
    clips = load_corpus(OFFICIAL, RECIPE)
    clips.require_whole()
    spoken = clips.select(clips.word != "silence")
    assert sorted(zip(spoken.word, spoken.speaker, spoken.split, strict=True)) == [
        ("tree", "026290a7", VALIDATION),
        ("yes", "0132a06d", TRAINING),
        ("yes", "0132a06d", TRAINING),
    ]


def test_its_background_is_two_whole_clips_of_silence(folder):
    clips = load_corpus(OFFICIAL, RECIPE)
    silence = clips.select(clips.word == "silence")
    pcm = read_recording(folder / BACKGROUND_FOLDER / "running_tap.wav")
    assert silence.split.tolist() == [TRAINING, VALIDATION]
    for place, part in enumerate(np.split(pcm, [128_000])):
        np.testing.assert_array_equal(silence.codes_of(place), codes_of_pcm(RECIPE.front, at_level(part, LEVEL_DB)))


def test_speech_commands_without_recordings_is_an_error_with_advice(data):
    (data / "speech_commands" / "yes").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"speech_commands: no recordings in <word>/<speaker>_nohash_<n>\.wav"):
        load_corpus(OFFICIAL, RECIPE)


def test_a_missing_background_is_named_before_a_recording_is_heard(data, monkeypatch):
    record(data / "speech_commands" / "yes" / "0132a06d_nohash_0.wav")
    monkeypatch.setattr(recordings, "read_clip", None)
    with pytest.raises(ValueError, match=f"{data / 'speech_commands' / BACKGROUND_FOLDER}: does not exist"):
        load_corpora(RECIPE.model_copy(update={"corpora": [OFFICIAL]}))


def test_without_log_mel_pictures_a_recipe_is_trained_on_the_recordings(folder, capsys):
    clips = load_corpora(RECIPE.model_copy(update={"corpora": [LogmelSection(kind="logmel")]}))
    assert set(clips.word) == {"yes", "silence"}
    assert f"{logmel.FOLDER} is not in DATA: using the recordings" in capsys.readouterr().out
