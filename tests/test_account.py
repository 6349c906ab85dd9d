"""Lines about the clips of a recipe: speakers that are too few, words counted as unknown, sounds that occur twice."""

import pytest

from tests.conftest import SMALL_RECIPE
from tests.recordings import record
from train.corpora import load_corpora, load_corpus, recordings
from train.corpus_sections import FolderSection
from train.recipe import load_recipe, parse_recipe
from train.splits import TRAINING, VALIDATION

RECIPE = load_recipe("hello")
MINE = FolderSection(kind="folder", name="mine")
VALIDATED = next(name for name in map("p{}".format, range(100)) if recordings.share_split(name, 0.2) == VALIDATION)
"""A speaker who falls to validation."""


def account_of(section, recipe=RECIPE):
    """(clips, lines) of a recipe with one corpus."""
    lines = []
    clips = load_corpora(recipe.model_copy(update={"corpora": [section]}), tell=lines.append)
    return clips, lines


def test_the_only_speaker_of_a_keyword_is_for_training_with_a_warning(mine):
    """Otherwise validation alone would have the recordings of the keyword, and synthetic clips would hide that."""
    for number in range(3):
        record(mine / "stop" / f"{VALIDATED}_{number}.wav", seed=100 + number)
    clips, lines = account_of(MINE)
    assert set(clips.split[clips.speaker == VALIDATED]) == {TRAINING}
    assert "folder mine, stop: 3 clips of 1 speaker for training, 0 of 0 for validation" in lines
    assert any(
        f"stop: its only speaker, {VALIDATED}, is in training, so validation has no recording" in line for line in lines
    )
    assert not any("yes: its only" in line or "yes: all" in line for line in lines)


def test_a_folder_of_other_words_whose_speakers_all_fall_to_validation_is_refused(data):
    record(data / "mine" / "banana" / f"{VALIDATED}_1.wav")
    with pytest.raises(ValueError, match="all speakers fall to validation"):
        load_corpus(MINE, RECIPE)


def test_files_named_after_their_word_or_numbered_cause_a_warning(data):
    for number in range(3):
        record(data / "mine" / "stop" / f"stop_{number}.wav", seed=number)
        record(data / "mine" / "yes" / f"{number}.wav", seed=10 + number)
    _, lines = account_of(MINE)
    assert any("stop: the files are named after the word, so all count as one speaker" in line for line in lines)
    assert any("yes: each file counts as a speaker of its own (0, 1, ...)" in line for line in lines)


def test_every_way_to_write_a_word_names_its_folder(mine, capsys):
    recipe = parse_recipe(SMALL_RECIPE.replace('"stop"', '"Hey Jarvis"'), "small")
    for number, written in enumerate(("hey jarvis", "Hey-Jarvis", "HEY_JARVIS")):
        record(mine / written / f"ann_{number}.wav", seed=100 + number)
    clips, _ = account_of(MINE, recipe)
    assert [recipe.labels[recipe.label_of(word)] for word in clips.word].count("hey_jarvis") == 3
    assert "the same word, hey_jarvis: HEY_JARVIS, Hey-Jarvis, hey jarvis" in capsys.readouterr().err


def test_the_words_counted_as_unknown_are_named_every_time(mine):
    record(mine / "yess" / "ann_1.wav", seed=100)
    for _ in range(2):
        _, lines = account_of(MINE)
        assert "not keywords, counted as unknown: banana 20, yess 1 (21 clips)" in lines
        assert "yess (1 clip): counted as unknown; did you mean yes?" in lines


def test_a_sound_of_training_is_left_out_of_validation_with_a_warning(data):
    for number in range(20):
        record(data / "mine" / "yes" / f"p{number}_1.wav", seed=7)
        record(data / "mine" / "banana" / f"p{number}_1.wav", seed=100 + number)
    clips, lines = account_of(MINE)
    assert set(clips.split[clips.word == "yes"]) == {TRAINING}
    assert set(clips.split[clips.word == "banana"]) == {TRAINING, VALIDATION}
    (line,) = [line for line in lines if "left out" in line]
    dropped = sum(recordings.share_split(f"p{number}", 0.2) == VALIDATION for number in range(20))
    assert line.startswith(f"{dropped} validation clips left out, because training has the same sound: yes by p0 (")


@pytest.mark.parametrize("other", [("yes", "bob"), ("banana", "ann")])
def test_the_same_sound_by_several_speakers_or_as_several_words_causes_a_warning(data, other):
    for seed, (word, speaker) in enumerate([("yes", "ann"), other]):
        record(data / "mine" / word / f"{speaker}_1.wav", seed=7)
        record(data / "mine" / word / f"{speaker}_2.wav", seed=seed)
    clips, lines = account_of(MINE.model_copy(update={"validation_share": 1e-9}))
    (line,) = [line for line in lines if "with the same sound under several" in line]
    assert (
        line.startswith("2 clips with")
        and "yes by ann (training)" in line
        and "{} by {} (training)".format(*other) in line
    )
    assert len(clips) == 4
