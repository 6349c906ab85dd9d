"""The corpora of a recipe: joined, checked before any long work, and cached until anything changes that decides their clips."""

import inspect
from pathlib import Path

import numpy as np
import pytest

from firmware.audio.containers import length_of
from firmware.audio.recordings import read_recording
from firmware.audio.soundness import is_silent
from firmware.generate.mel_bands import features_source
from firmware.paths import LIBRARY
from firmware.words import contains_keyword
from tests.recordings import record
from train.corpora import _digest, load_corpora, load_corpus, logmel, recordings, speech
from train.corpora.clips import codes_of_pcm
from train.corpora.folders import audio_files
from train.corpora.spans import span_of
from train.corpus_sections import (
    BackgroundSection,
    FolderSection,
    RunningSpeechSection,
    SentencesSection,
    SpeechCommandsSection,
    SpeechSection,
)
from train.recipe import load_recipe
from train.sections import FrontendSection
from train.synthesizers.espeak import Espeak
from train.synthesizers.flite import Flite

RECIPE = load_recipe("hello")
MINE = FolderSection(kind="folder", name="mine")
OFFICIAL = SpeechCommandsSection(kind="speech_commands")
SPOKEN = SpeechSection(kind="speech", clips_per_word={"espeak-ng": 5000}, other_words=["no"])


def test_the_corpora_of_a_recipe_are_joined(mine):
    noise = BackgroundSection(kind="background", minutes=1)
    clips = load_corpora(RECIPE.model_copy(update={"corpora": [MINE, noise]}))
    clips.require_whole()
    assert len(clips) == 46
    assert (clips.word == "silence").sum() == 6


# --- checks before any long work


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (MINE, "mine: does not exist"),
        (BackgroundSection(kind="background", recordings="noise/rooms"), "noise/rooms: does not exist"),
        (RunningSpeechSection(kind="running_speech", recordings="talk"), "talk: does not exist"),
        (
            SpeechSection(kind="speech", clips_per_word={"espeak-ng": 1}, other_words=["..."]),
            "'...': no voice can speak this",
        ),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_what_a_later_corpus_lacks_is_an_error_before_the_first_is_made(data, monkeypatch, lacking, named):
    monkeypatch.setattr(speech, "speak_clips", None)
    monkeypatch.setattr("train.corpora.fetch_speech_commands", None)
    for first in (SPOKEN, OFFICIAL):
        with pytest.raises(ValueError, match=named):
            load_corpora(RECIPE.model_copy(update={"corpora": [first, lacking]}))


def test_a_build_that_cannot_be_written_is_an_error_before_anything_is_spoken(data, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("BUILD", str(tmp_path / "file" / "build"))
    monkeypatch.setattr(Espeak, "speak", None)
    with pytest.raises(OSError, match=str(tmp_path / "file")):
        load_corpora(RECIPE.model_copy(update={"corpora": [SPOKEN]}))


# --- cached clips


def changed_clips(before, after):
    """[(word, speaker)] of the clips whose codes differ; both have the same clips."""
    np.testing.assert_array_equal(before.word, after.word)
    return [
        (before.word[clip], before.speaker[clip])
        for clip in range(len(before))
        if not np.array_equal(before.codes_of(clip), after.codes_of(clip))
    ]


def test_cached_clips_are_used_again_without_reading_the_recordings(mine, monkeypatch):
    first = load_corpus(MINE, RECIPE)
    monkeypatch.setattr(recordings, "read_clip", None)
    for field, value in load_corpus(MINE, RECIPE).arrays().items():
        np.testing.assert_array_equal(value, getattr(first, field))


def test_a_damaged_cache_is_made_again(mine, tmp_path, capsys):
    first = load_corpus(MINE, RECIPE)
    (path,) = (tmp_path / "build" / "clips").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert load_corpus(MINE, RECIPE).sha256() == first.sha256()
    assert f"{path}: damaged (" in capsys.readouterr().err
    assert path.read_bytes() == whole


def test_cached_clips_are_renewed_when_a_recording_changes(mine):
    first = load_corpus(MINE, RECIPE)
    record(mine / "yes" / "speaker3_yes.wav", seed=99)
    assert changed_clips(first, load_corpus(MINE, RECIPE)) == [("yes", "speaker3")]


def test_folders_may_be_links_to_another_disk_and_are_watched_there(mine, tmp_path):
    first, disk = load_corpus(MINE, RECIPE), tmp_path / "disk"
    (mine / "yes").rename(disk)
    (mine / "yes").symlink_to(disk)
    assert load_corpus(MINE, RECIPE).sha256() == first.sha256()
    record(disk / "speaker3_yes.wav", seed=99)
    assert changed_clips(first, load_corpus(MINE, RECIPE)) == [("yes", "speaker3")]


def test_cached_clips_are_renewed_when_the_front_end_changes(mine):
    load_corpus(MINE, RECIPE)
    narrow = RECIPE.model_copy(update={"frontend": FrontendSection(bands=20)})
    assert load_corpus(MINE, narrow).codes.shape == (40 * 50, 20)


@pytest.mark.parametrize(
    "section",
    [
        BackgroundSection(kind="background", recordings="mine/yes"),
        RunningSpeechSection(kind="running_speech", recordings="mine/yes"),
    ],
    ids=lambda section: section.kind,
)
def test_the_recordings_of_other_kinds_are_watched_too(mine, section):
    before = _digest(section, RECIPE, mine.parent)
    record(mine / "yes" / "ann_1.wav")
    assert _digest(section, RECIPE, mine.parent) != before


@pytest.mark.parametrize("relative", [True, False])
def test_cached_sentences_are_renewed_when_their_text_changes(data, tmp_path, monkeypatch, relative):
    """A relative path is one from the working directory, not from DATA."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "de.txt"
    section = SentencesSection(kind="sentences", minutes=1, language="de", text=file.name if relative else str(file))
    file.write_text("Das ist ein Haus.")
    before = _digest(section, RECIPE, data)
    file.write_text("Das ist ein Baum.")
    assert _digest(section, RECIPE, data) != before


def test_cached_background_is_renewed_when_a_recording_is_left_out(data):
    for name in ("kitchen", "piano"):
        record(data / "noise" / f"{name}.wav", seconds=10)
    noise = BackgroundSection(kind="background", recordings="noise")
    assert set(load_corpus(noise, RECIPE).speaker) == {"kitchen", "piano"}
    assert set(load_corpus(noise.model_copy(update={"without": ["piano"]}), RECIPE).speaker) == {"kitchen"}


@pytest.mark.parametrize("synthesizer", [Espeak, Flite])
def test_cached_clips_are_renewed_when_a_synthesizer_changes(data, monkeypatch, synthesizer):
    section = SentencesSection(kind="sentences", minutes=1)
    before = _digest(section, RECIPE, data)
    assert before == _digest(section, RECIPE, data)
    monkeypatch.setattr(synthesizer, "identity", lambda self: "another")
    assert before != _digest(section, RECIPE, data)


@pytest.mark.parametrize(
    "file",
    [
        *(
            inspect.getsourcefile(step)
            for step in (read_recording, length_of, is_silent, contains_keyword, codes_of_pcm, span_of, audio_files)
        ),
        inspect.getsourcefile(features_source),
        LIBRARY / "fft.c",
        logmel.__file__,
        Path(logmel.__file__).with_name("vocabulary.txt"),
    ],
    ids=lambda file: Path(file).name,
)
def test_cached_clips_are_renewed_when_the_code_changes(data, monkeypatch, file):
    before, read = _digest(MINE, RECIPE, data), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b" " * (str(path) == str(file)))
    assert _digest(MINE, RECIPE, data) != before
