"""Corpus folder: a user's recordings become clips with their words, speakers and splits, and nothing is dropped in silence."""

import os

import numpy as np
import pytest
import soundfile

from firmware.audio.recordings import BadRecording, read_recording
from firmware.frontend import CODE_ZERO_POINT, SAMPLE_RATE_HZ
from tests.recordings import record, record_word
from tests.wav import wav_header
from train.corpora import load_corpus, recordings
from train.corpora.clips import RUNNING_SPEECH, codes_of_pcm
from train.corpus_sections import FolderSection
from train.recipe import BACKGROUND_FOLDER, load_recipe
from train.splits import TRAINING, VALIDATION

RECIPE = load_recipe("hello")
MINE = FolderSection(kind="folder", name="mine")


def labels_of(clips):
    return {word: RECIPE.labels[RECIPE.label_of(word)] for word in clips.word}


def clip_of(clips, speaker):
    """(codes, span) of the only clip by a speaker."""
    (place,) = np.flatnonzero(clips.speaker == speaker)
    return clips.codes_of(place), tuple(clips.span[place])


def test_a_folder_gives_its_words_and_speakers(mine):
    clips = load_corpus(MINE, RECIPE)
    clips.require_whole()
    assert clips.codes.shape == (40 * 50, RECIPE.front.bands)
    assert sorted(zip(clips.word, clips.speaker, strict=True)) == sorted(
        (word, f"speaker{speaker}") for word in ("yes", "banana") for speaker in range(20)
    )


def test_a_word_that_is_not_a_keyword_is_labelled_unknown(mine):
    assert labels_of(load_corpus(MINE, RECIPE)) == {"yes": "yes", "banana": "unknown"}


def test_official_folders_mean_what_they_mean_in_the_test_set(mine):
    record(mine / "_silence_" / "speaker1_0.wav")
    record(mine / "_unknown_" / "speaker1_0.wav")
    record(mine / "YES" / "speaker1_0.wav")
    found = {"_silence_": "silence", "_unknown_": "unknown", "yes": "yes", "banana": "unknown"}
    assert labels_of(load_corpus(MINE, RECIPE)) == found


def test_a_clip_has_the_features_of_its_recording(mine):
    clips = load_corpus(MINE, RECIPE)
    (clip,) = np.flatnonzero((clips.word == "yes") & (clips.speaker == "speaker3"))
    pcm = read_recording(mine / "yes" / "speaker3_yes.wav")
    np.testing.assert_array_equal(clips.codes_of(clip), codes_of_pcm(RECIPE.front, pcm))


# --- speakers and splits


def test_a_speaker_is_the_same_in_any_case(data):
    for name in ("Anna_1", "anna_2", "ANNA", "bob-Lee_1", "Bob-lee_2"):
        record(data / "mine" / "yes" / f"{name}.wav")
    _, found = recordings.own_recordings(MINE, RECIPE, data)
    assert {recording.speaker for recording in found} == {"anna", "bob-lee"}
    assert len({(recording.speaker, recording.split) for recording in found}) == 2


def test_no_speaker_is_in_both_splits(mine):
    clips = load_corpus(MINE, RECIPE)
    training, validation = (set(clips.speaker[clips.split == split]) for split in (TRAINING, VALIDATION))
    assert training and validation
    assert not training & validation


def test_the_validation_share_is_that_of_the_recipe(mine):
    shares = (1e-9, 0.2, 0.8)
    loaded = [load_corpus(MINE.model_copy(update={"validation_share": share}), RECIPE) for share in shares]
    found = [(clips.split == VALIDATION).mean() for clips in loaded]
    assert found[0] == 0 < found[1] < found[2] < 1


def test_a_name_that_is_not_utf_8_is_a_speaker(mine):
    path = os.fsdecode(os.fsencode(mine / "yes") + b"/J\xf6rg_1.wav")
    os.rename(record(mine / "yes" / "other_1.wav"), path)
    first, cached = load_corpus(MINE, RECIPE), load_corpus(MINE, RECIPE)
    assert os.fsdecode(b"j\xf6rg") in first.speaker and (first.speaker == cached.speaker).all()
    assert first.sha256() == cached.sha256()


# --- length


def test_a_recording_of_several_seconds_keeps_its_word_whole(mine):
    record_word(mine / "yes" / "late_1.wav", (3.1, 3.8), seconds=4.5)
    codes, (first, last) = clip_of(load_corpus(MINE, RECIPE), "late")
    assert len(codes) == 450
    assert first == pytest.approx(310, abs=1) and last == pytest.approx(381, abs=2)


def test_the_end_of_a_very_long_recording_is_cut_with_a_warning(mine, capsys, monkeypatch):
    monkeypatch.setattr(recordings, "LONGEST_SAMPLES", 10 * SAMPLE_RATE_HZ)
    path = record_word(mine / "yes" / "late_1.wav", (9, 9.5), seconds=12)
    codes, (first, _) = clip_of(load_corpus(MINE, RECIPE), "late")
    np.testing.assert_array_equal(codes, codes_of_pcm(RECIPE.front, read_recording(path)[: 10 * SAMPLE_RATE_HZ]))
    assert first == pytest.approx(900, abs=1)
    assert "1 of 41 recordings are longer than 10.00 s; the rest is not used" in capsys.readouterr().err


def test_a_word_said_several_times_is_cut_apart(mine, capsys):
    path = record_word(mine / "yes" / "often_1.wav", (1, 1.6), (3, 3.5), (3.6, 3.7), (6, 6.1), (8, 8.8), seconds=10)
    clips = load_corpus(MINE, RECIPE)
    found = np.flatnonzero(clips.speaker == "often")
    np.testing.assert_allclose(np.ptp(clips.span[found], axis=1), [60, 70, 80], atol=2)
    assert clips.frames[found].sum() == 1000 and set(clips.word[found]) == {"yes"}
    whole = codes_of_pcm(RECIPE.front, read_recording(path))
    np.testing.assert_array_equal(np.concatenate([clips.codes_of(clip) for clip in found]), whole)
    assert "1 of 41 recordings hold their word several times: 43 clips" in capsys.readouterr().err


def test_a_folder_may_be_anywhere(mine):
    anywhere = MINE.model_copy(update={"name": str(mine)})
    assert load_corpus(anywhere, RECIPE).sha256() == load_corpus(MINE, RECIPE).sha256()


def test_a_recording_that_is_loud_for_longer_than_a_word_causes_a_warning(mine, capsys):
    record_word(mine / "yes" / "short_1.wav", (1, 3.4), seconds=4)
    path = record_word(mine / "yes" / "talker_1.wav", (1, 3.6), seconds=4)
    record_word(mine / "yes" / "twice_1.wav", (1, 2), (3, 4), seconds=5)
    load_corpus(MINE, RECIPE)
    assert (
        "1 of 43 recordings are loud for more than 2.5 s, longer than a word may be, "
        f"such as {path}: cut them around the word" in capsys.readouterr().err
    )


@pytest.mark.parametrize("word", ["_unknown_", "_silence_"])
def test_running_speech_and_silence_may_be_loud_throughout(mine, capsys, word):
    record(mine / word / "talker_1.wav", seconds=4)
    clips = load_corpus(MINE, RECIPE)
    assert clip_of(clips, "talker")[1] == (0, 400)
    assert "loud for more" not in capsys.readouterr().err
    assert (clips.word[clips.speaker == "talker"] == RUNNING_SPEECH) == (word == "_unknown_")


# --- what is ignored, refused or causes a warning


def test_everything_ignored_is_named(mine, capsys):
    record(mine / "loose.wav")
    record(mine / "yes" / "nested" / "bob_1.wav")
    (mine / "yes" / "notes.txt").write_text("mine")
    load_corpus(MINE, RECIPE)
    lines = capsys.readouterr().err
    for name in ("loose.wav", "nested", "notes.txt"):
        assert f"{name}: ignored, " in lines


def test_a_bad_file_among_good_ones_is_named(mine):
    path = mine / "yes" / "speaker99_0.wav"
    path.write_text("not a sound")
    with pytest.raises(BadRecording, match=str(path)):
        load_corpus(MINE, RECIPE)


def test_recordings_with_a_doubtful_length_are_counted(tmp_path, capsys):
    good, pipe = record(tmp_path / "good.wav"), tmp_path / "pipe.wav"
    pipe.write_bytes(wav_header(0xFFFFFFFF) + bytes(range(200)) * 160)
    assert list(map(len, recordings.heard([good, pipe], 10_000, "hearing"))) == [8000, 10_000]
    line = f"1 of 2 recordings have doubtful lengths, such as {pipe}: no length in its header"
    assert line in capsys.readouterr().err


@pytest.mark.parametrize("word", ["yes", "banana", "_unknown_"])
def test_digital_silence_in_the_folder_of_a_word_is_refused(mine, word):
    path = record(mine / word / "muted_1.wav", amplitude=0)
    with pytest.raises(
        BadRecording,
        match=f"{path}: digital silence, which training would take for '{word}'; record it again or remove",
    ):
        load_corpus(MINE, RECIPE)


def test_digital_silence_may_stand_for_silence(mine):
    record(mine / "_silence_" / "muted_1.wav", amplitude=0)
    codes, span = clip_of(load_corpus(MINE, RECIPE), "muted")
    assert (codes == CODE_ZERO_POINT).all() and span == (0, 50)


def test_clipped_recordings_are_counted_and_the_worst_is_named(mine, capsys):
    record(mine / "yes" / "loud_1.wav", amplitude=20_000)
    worst = record(mine / "yes" / "loud_2.wav", amplitude=60_000)
    load_corpus(MINE, RECIPE)
    assert f"2 of 42 recordings are clipped, the most {worst} (59% of its samples)" in capsys.readouterr().err


def test_a_missing_folder_is_an_error_with_advice(data):
    with pytest.raises(ValueError, match=rf"{data / 'mine'}: does not exist; .*mine/<word>/<speaker>_<n>\.wav"):
        load_corpus(MINE, RECIPE)


def test_an_empty_folder_is_an_error_with_advice(data):
    (data / "mine" / "yes").mkdir(parents=True)
    with pytest.raises(ValueError, match=rf"{data / 'mine'}: no recordings in <word>/<speaker>_<n>\.wav"):
        load_corpus(MINE, RECIPE)


# --- background in the folder


def test_background_becomes_silence_with_a_part_for_each_split(mine):
    record(mine / BACKGROUND_FOLDER / "kitchen.wav", seconds=10)
    clips = load_corpus(MINE, RECIPE)
    silence = clips.select(clips.word == "silence")
    assert list(zip(silence.speaker, silence.split, silence.frames, strict=True)) == [
        ("kitchen", TRAINING, 800),
        ("kitchen", VALIDATION, 200),
    ]
    assert (silence.span == [[0, 800], [0, 200]]).all()


def test_an_empty_background_folder_is_named(mine):
    (mine / BACKGROUND_FOLDER).mkdir()
    with pytest.raises(ValueError, match=f"{mine / BACKGROUND_FOLDER}: no recordings"):
        load_corpus(MINE, RECIPE)


def test_a_bad_background_recording_is_named(mine):
    record(mine / BACKGROUND_FOLDER / "kitchen.wav", seconds=10)
    path = mine / BACKGROUND_FOLDER / "blip.wav"
    soundfile.write(path, np.ones(100, np.int16), SAMPLE_RATE_HZ)
    with pytest.raises(BadRecording, match=f"{path}: 6.2 ms long, less than one frame"):
        load_corpus(MINE, RECIPE)
