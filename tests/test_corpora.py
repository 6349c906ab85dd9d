"""Corpora of recordings and of log-mel pictures: words, speakers and splits as promised, and nothing dropped in silence."""

import inspect
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.audio.containers import length_of
from firmware.audio.recordings import BadRecording, read_recording
from firmware.audio.soundness import is_silent
from firmware.frontend import CLIP_SAMPLES, CODE_ZERO_POINT, SAMPLE_RATE_HZ, Frontend
from firmware.generate.mel_bands import features_source
from firmware.host.binding import FrontendC
from firmware.paths import LIBRARY
from firmware.words import contains_keyword
from tests.conftest import SMALL_RECIPE
from tests.wav import wav_header
from train.corpora import _digest, load_corpora, load_corpus, logmel, recordings, speech
from train.corpora.clips import FRAMES, TRAINING, VALIDATION, codes_at_hops, codes_of_clip
from train.corpora.espeak import Espeak
from train.corpora.flite import Flite
from train.corpora.recordings import official_split
from train.recipe import (
    BACKGROUND,
    BackgroundSection,
    FolderSection,
    FrontendSection,
    LogmelSection,
    SentencesSection,
    SpeechCommandsSection,
    SpeechSection,
    WakeWordsSection,
    load_recipe,
    parse_recipe,
)

RECIPE = load_recipe("hello")
MINE = FolderSection(kind="folder", name="mine")
OFFICIAL = SpeechCommandsSection(kind="speech_commands")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty DATA, and a BUILD that keeps nothing from other tests."""
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    return tmp_path / "data"


def record(path, seconds=0.5, amplitude=1000, seed=0):
    """A recording of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, amplitude, int(seconds * SAMPLE_RATE_HZ))
    soundfile.write(path, np.clip(noise, -32768, 32767).astype(np.int16), SAMPLE_RATE_HZ)
    return path


@pytest.fixture
def mine(data):
    """Twenty speakers, each of whom says a keyword and another word."""
    folder = data / "mine"
    for speaker in range(20):
        for word in ("yes", "banana"):
            record(folder / word / f"speaker{speaker}_{word}.wav", seed=speaker)
    return folder


def test_a_folder_gives_its_words_and_speakers(mine):
    clips = load_corpus(MINE, RECIPE)
    assert clips.codes.shape == (40, FRAMES, RECIPE.front.bands)
    assert sorted(zip(clips.word, clips.speaker, strict=True)) == sorted(
        (word, f"speaker{speaker}") for word in ("yes", "banana") for speaker in range(20)
    )


def test_a_word_that_is_no_keyword_is_labelled_unknown(mine):
    labels = {word: RECIPE.labels[RECIPE.label_of(word)] for word in load_corpus(MINE, RECIPE).word}
    assert labels == {"yes": "yes", "banana": "unknown"}


def test_a_clip_has_the_features_of_its_recording(mine):
    clips = load_corpus(MINE, RECIPE)
    clip = np.flatnonzero((clips.word == "yes") & (clips.speaker == "speaker3"))
    pcm = np.pad(read_recording(mine / "yes" / "speaker3_yes.wav"), (0, CLIP_SAMPLES // 2))
    np.testing.assert_array_equal(clips.codes[clip[0]], codes_of_clip(RECIPE.front, pcm))


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


def test_background_becomes_silence_and_no_clip_is_in_both_splits(mine):
    """The last fifth of the recording is digital silence: only validation may hear it, and nothing else."""
    noise = np.random.default_rng(0).normal(0, 1000, 12 * SAMPLE_RATE_HZ)
    noise[len(noise) * 4 // 5 :] = 0
    (mine / BACKGROUND).mkdir()
    soundfile.write(mine / BACKGROUND / "kitchen.wav", noise.astype(np.int16), SAMPLE_RATE_HZ)
    clips = load_corpus(MINE, RECIPE)
    silence = clips.select(clips.word == "silence")
    training, validation = (silence.codes[silence.split == split] for split in (TRAINING, VALIDATION))
    assert set(silence.speaker) == {"kitchen"}
    assert len(training) and len(validation)
    assert training.max(axis=2).min() > CODE_ZERO_POINT
    assert validation.max() == CODE_ZERO_POINT


def test_a_background_too_short_for_a_clip_is_named(mine):
    path = record(mine / BACKGROUND / "blip.wav", seconds=1.1)
    record(mine / BACKGROUND / "kitchen.wav", seconds=12)
    with pytest.raises(BadRecording, match=f"{path}: 1.10 s is too short to be cut"):
        load_corpus(MINE, RECIPE)


def test_an_empty_background_folder_is_named(mine):
    (mine / BACKGROUND).mkdir()
    with pytest.raises(ValueError, match=f"{mine / BACKGROUND}: no recordings"):
        load_corpus(MINE, RECIPE)


def test_one_bad_file_among_good_ones_is_named(mine):
    path = mine / "yes" / "speaker99_0.wav"
    path.write_text("not a sound")
    with pytest.raises(BadRecording, match=str(path)):
        load_corpus(MINE, RECIPE)


def test_what_is_left_aside_or_cut_is_named(mine, capsys):
    record(mine / "loose.wav")
    record(mine / "yes" / "nested" / "bob_1.wav")
    (mine / "yes" / "notes.txt").write_text("mine")
    record(mine / "yes" / "long_1.wav", seconds=1.5)
    load_corpus(MINE, RECIPE)
    said = capsys.readouterr().err
    for name in ("loose.wav", "nested", "notes.txt"):
        assert f"{name}: ignored, " in said
    assert "1 of 41 recordings are longer than one second; only the first second is used" in said


def test_clips_with_a_doubtful_length_are_counted(tmp_path, capsys):
    good, pipe = record(tmp_path / "good.wav"), tmp_path / "pipe.wav"
    pipe.write_bytes(wav_header(0xFFFFFFFF) + bytes(range(200)) * 160)
    assert len(list(recordings.seconds_of([good, pipe], "hearing"))) == 2
    line = f"1 of 2 recordings have doubtful lengths, such as {pipe}: no length in its header"
    assert line in capsys.readouterr().err


@pytest.mark.parametrize("word", ["yes", "banana", "_unknown_"])
def test_a_clip_of_silence_in_a_words_folder_is_named(mine, word):
    path = record(mine / word / "muted_1.wav", amplitude=0)
    with pytest.raises(
        BadRecording, match=f"{path}: its first second is digital silence, which training would take for '{word}'"
    ):
        load_corpus(MINE, RECIPE)


def test_a_clip_of_silence_stands_for_silence(mine):
    record(mine / "_silence_" / "muted_1.wav", amplitude=0)
    record(mine / BACKGROUND / "muted.wav", amplitude=0, seconds=12)
    clips = load_corpus(MINE, RECIPE)
    assert (clips.codes[clips.word == "_silence_"] == CODE_ZERO_POINT).all()


def test_clipped_clips_are_counted_and_the_worst_is_named(mine, capsys):
    record(mine / "yes" / "loud_1.wav", amplitude=20_000)
    worst = record(mine / "yes" / "loud_2.wav", amplitude=60_000)
    load_corpus(MINE, RECIPE)
    assert f"2 of 42 recordings are clipped, the most {worst} (59% of its samples)" in capsys.readouterr().err


def test_a_name_that_is_not_utf_8_is_a_speakers(mine):
    path = os.fsdecode(os.fsencode(mine / "yes") + b"/J\xf6rg_1.wav")
    os.rename(record(mine / "yes" / "other_1.wav"), path)
    first, kept = load_corpus(MINE, RECIPE), load_corpus(MINE, RECIPE)
    assert os.fsdecode(b"J\xf6rg") in first.speaker and (first.speaker == kept.speaker).all()


VALIDATED = next(name for name in map("p{}".format, range(100)) if recordings.share_split(name, 0.2) == VALIDATION)
"""A speaker who falls to validation."""


def told_of(sections, recipe=RECIPE):
    lines = []
    clips = load_corpora(recipe.model_copy(update={"corpora": sections}), tell=lines.append)
    return clips, lines


def test_the_only_speaker_of_a_keyword_is_trained_on_and_that_is_told(mine):
    """The recordings of a keyword would else be validated on alone, with synthetic clips to hide it."""
    for number in range(3):
        record(mine / "stop" / f"{VALIDATED}_{number}.wav", seed=100 + number)
    clips, lines = told_of([MINE])
    assert set(clips.split[clips.speaker == VALIDATED]) == {TRAINING}
    assert "folder mine, stop: 3 clips of 1 speaker for training, 0 of 0 for validation" in lines
    assert any(
        f"stop: its only speaker, {VALIDATED}, is in training, so validation has no recording" in line for line in lines
    )
    assert not any("yes: its only" in line or "yes: all" in line for line in lines)


def test_a_folder_of_other_words_alone_whose_speakers_all_fall_to_validation_is_refused(data):
    record(data / "mine" / "banana" / f"{VALIDATED}_1.wav")
    with pytest.raises(ValueError, match="all speakers fall to validation"):
        load_corpus(MINE, RECIPE)


def test_files_called_after_their_word_or_numbered_are_told(data):
    for number in range(3):
        record(data / "mine" / "stop" / f"stop_{number}.wav", seed=number)
        record(data / "mine" / "yes" / f"{number}.wav", seed=10 + number)
    _, lines = told_of([MINE])
    assert any("stop: the files are named after the word, so all count as one speaker" in line for line in lines)
    assert any("yes: each file counts as a speaker of its own (0, 1, ...)" in line for line in lines)


def test_however_a_folder_is_written_it_is_its_word(mine, capsys):
    recipe = parse_recipe(SMALL_RECIPE.replace('"stop"', '"Hey Jarvis"'), "small")
    for number, written in enumerate(("hey jarvis", "Hey-Jarvis", "HEY_JARVIS")):
        record(mine / written / f"ann_{number}.wav", seed=100 + number)
    clips, _ = told_of([MINE], recipe)
    assert [recipe.labels[recipe.label_of(word)] for word in clips.word].count("hey_jarvis") == 3
    assert "the same word, hey_jarvis: HEY_JARVIS, Hey-Jarvis, hey jarvis" in capsys.readouterr().err


def test_what_is_counted_as_unknown_is_told_every_time(mine):
    record(mine / "yess" / "ann_1.wav", seed=100)
    for _ in range(2):
        _, lines = told_of([MINE])
        assert "not keywords, counted as unknown: banana 20, yess 1 (21 clips)" in lines
        assert "yess (1 clip): counted as unknown; did you mean yes?" in lines


def test_a_sound_of_training_is_left_out_of_validation_and_told(data):
    for number in range(20):
        record(data / "mine" / "yes" / f"p{number}_1.wav", seed=7)
        record(data / "mine" / "banana" / f"p{number}_1.wav", seed=100 + number)
    clips, lines = told_of([MINE])
    assert set(clips.split[clips.word == "yes"]) == {TRAINING}
    assert set(clips.split[clips.word == "banana"]) == {TRAINING, VALIDATION}
    (line,) = [line for line in lines if "left out" in line]
    dropped = sum(recordings.share_split(f"p{number}", 0.2) == VALIDATION for number in range(20))
    assert line.startswith(f"{dropped} validation clips left out, because training has the same sound: yes by p0 (")


@pytest.mark.parametrize("other", [("yes", "bob"), ("banana", "ann")])
def test_the_same_sound_by_several_speakers_or_as_several_words_is_told(data, other):
    for seed, (word, speaker) in enumerate([("yes", "ann"), other]):
        record(data / "mine" / word / f"{speaker}_1.wav", seed=7)
        record(data / "mine" / word / f"{speaker}_2.wav", seed=seed)
    clips, lines = told_of([MINE.model_copy(update={"validation_share": 1e-9})])
    (line,) = [line for line in lines if "with the same sound under several" in line]
    assert (
        line.startswith("2 clips with")
        and "yes by ann (training)" in line
        and "{} by {} (training)".format(*other) in line
    )
    assert len(clips) == 4


def test_official_folders_mean_what_they_mean_in_the_test_set(mine):
    record(mine / "_silence_" / "speaker1_0.wav")
    record(mine / "_unknown_" / "speaker1_0.wav")
    record(mine / "YES" / "speaker1_0.wav")
    labels = {word: RECIPE.labels[RECIPE.label_of(word)] for word in load_corpus(MINE, RECIPE).word}
    assert labels == {"_silence_": "silence", "_unknown_": "unknown", "yes": "yes", "banana": "unknown"}


def test_a_missing_folder_says_what_is_wanted(data):
    with pytest.raises(ValueError, match=rf"{data / 'mine'}: does not exist; .*mine/<word>/<speaker>_<n>\.wav"):
        load_corpus(MINE, RECIPE)


def test_an_empty_folder_says_what_is_wanted(data):
    (data / "mine" / "yes").mkdir(parents=True)
    with pytest.raises(ValueError, match=rf"{data / 'mine'}: no recordings in <word>/<speaker>_<n>\.wav"):
        load_corpus(MINE, RECIPE)


def test_the_corpora_of_a_recipe_are_joined(mine):
    noise = BackgroundSection(kind="background", clips=10)
    clips = load_corpora(RECIPE.model_copy(update={"corpora": [MINE, noise]}))
    assert len(clips) == 50
    assert (clips.word == "silence").sum() == 10


SPOKEN = SpeechSection(kind="speech", clips_per_word=5000, validation_voices=8, other_words=["no"])


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        (MINE, "mine: does not exist"),
        (BackgroundSection(kind="background", clips=10, recordings="noise/rooms"), "noise/rooms: does not exist"),
        (WakeWordsSection(kind="wake_words"), "wake_word_sentences/index.tsv: does not exist"),
        (
            SpeechSection(kind="speech", clips_per_word=1, validation_voices=8, other_words=["..."]),
            "'...': an English voice",
        ),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_what_a_later_corpus_lacks_is_said_before_the_first_is_made(data, monkeypatch, lacking, named):
    monkeypatch.setattr(speech, "speak_clips", None)
    monkeypatch.setattr("train.corpora.fetch_speech_commands", None)
    for first in (SPOKEN, OFFICIAL):
        with pytest.raises(ValueError, match=named):
            load_corpora(RECIPE.model_copy(update={"corpora": [first, lacking]}))


def test_speech_commands_without_its_background_is_known_before_a_recording_is_heard(data, monkeypatch):
    record(data / "speech_commands" / "yes" / "0132a06d_nohash_0.wav")
    monkeypatch.setattr(recordings, "read_clip", None)
    with pytest.raises(ValueError, match=f"{data / 'speech_commands' / BACKGROUND}: does not exist"):
        load_corpora(RECIPE.model_copy(update={"corpora": [OFFICIAL]}))


def test_a_build_that_cannot_be_written_is_known_before_anything_is_spoken(data, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("BUILD", str(tmp_path / "file" / "build"))
    monkeypatch.setattr(Espeak, "speak", None)
    with pytest.raises(OSError, match=str(tmp_path / "file")):
        load_corpora(RECIPE.model_copy(update={"corpora": [SPOKEN]}))


@pytest.mark.parametrize("synthesizer", [Espeak, Flite])
def test_kept_clips_are_renewed_when_a_synthesizer_changes(data, monkeypatch, synthesizer):
    section = SentencesSection(kind="sentences", minutes=1)
    before = _digest(section, RECIPE, data)
    assert before == _digest(section, RECIPE, data)
    monkeypatch.setattr(synthesizer, "identity", lambda self: "another")
    assert before != _digest(section, RECIPE, data)


def test_kept_clips_are_used_again_without_reading_the_recordings(mine, monkeypatch):
    first = load_corpus(MINE, RECIPE)
    monkeypatch.setattr(recordings, "read_clip", None)
    for field, value in vars(load_corpus(MINE, RECIPE)).items():
        np.testing.assert_array_equal(value, getattr(first, field))


def test_kept_clips_are_renewed_when_a_recording_changes(mine):
    first = load_corpus(MINE, RECIPE)
    record(mine / "yes" / "speaker3_yes.wav", seed=99)
    changed = (load_corpus(MINE, RECIPE).codes != first.codes).any(axis=(1, 2))
    assert list(zip(first.word[changed], first.speaker[changed], strict=True)) == [("yes", "speaker3")]


def test_folders_may_be_links_to_another_disk_and_are_watched_there(mine, tmp_path):
    first, disk = load_corpus(MINE, RECIPE), tmp_path / "disk"
    (mine / "yes").rename(disk)
    (mine / "yes").symlink_to(disk)
    np.testing.assert_array_equal(load_corpus(MINE, RECIPE).codes, first.codes)
    record(disk / "speaker3_yes.wav", seed=99)
    assert (load_corpus(MINE, RECIPE).codes != first.codes).any()


def test_kept_clips_are_renewed_when_the_front_end_changes(mine):
    load_corpus(MINE, RECIPE)
    wider = RECIPE.model_copy(update={"frontend": FrontendSection(bands=20)})
    assert load_corpus(MINE, wider).codes.shape == (40, FRAMES, 20)


@pytest.mark.parametrize(
    "file",
    [
        *(
            inspect.getsourcefile(step)
            for step in (read_recording, length_of, is_silent, contains_keyword, codes_of_clip)
        ),
        inspect.getsourcefile(features_source),
        LIBRARY / "fft.c",
        logmel.__file__,
        Path(logmel.__file__).with_name("vocabulary.txt"),
    ],
    ids=lambda file: Path(file).name,
)
def test_kept_clips_are_renewed_when_the_code_changes(data, monkeypatch, file):
    before, read = _digest(MINE, RECIPE, data), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b" " * (str(path) == str(file)))
    assert _digest(MINE, RECIPE, data) != before


def test_the_official_split_of_speakers_in_the_published_lists():
    """026290a7 opens the validation list of Speech Commands, bb05582b its testing list."""
    assert official_split("026290a7") == VALIDATION
    assert official_split("bb05582b") == "testing"
    assert official_split("0132a06d") == TRAINING


def test_the_official_split_is_that_of_the_validation_list(corpus):
    folder = corpus("speech_commands")
    clips = [path for path in folder.glob("*/*_nohash_*") if path.parent.name != BACKGROUND]
    validation = {
        f"{path.parent.name}/{path.name}"
        for path in clips
        if official_split(path.name.split("_nohash_")[0]) == VALIDATION
    }
    assert validation == set((folder / "validation_list.txt").read_text().split())


def test_speech_commands_is_read_in_its_official_layout(data):
    folder = data / "speech_commands"
    record(folder / "yes" / "0132a06d_nohash_0.wav")
    record(folder / "yes" / "0132a06d_nohash_1.flac")
    record(folder / "tree" / "026290a7_nohash_0.wav")
    record(folder / "yes" / "bb05582b_nohash_0.wav")
    record(folder / BACKGROUND / "running_tap.wav", seconds=6)
    (folder / "LICENSE").write_text("not a word")
    clips = load_corpus(OFFICIAL, RECIPE)
    spoken = clips.select(clips.word != "silence")
    assert sorted(zip(spoken.word, spoken.speaker, spoken.split, strict=True)) == [
        ("tree", "026290a7", VALIDATION),
        ("yes", "0132a06d", TRAINING),
        ("yes", "0132a06d", TRAINING),
    ]
    assert set(clips.split[clips.word == "silence"]) == {TRAINING, VALIDATION}


def test_speech_commands_without_recordings_says_what_is_wanted(data):
    (data / "speech_commands" / "yes").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"speech_commands: no recordings in <word>/<speaker>_nohash_<n>\.wav"):
        load_corpus(OFFICIAL, RECIPE)


@pytest.fixture
def whole_logmel(corpus):
    return corpus(logmel.FOLDER)


def test_logmel_gives_the_words_and_splits_of_its_index(whole_logmel, data):
    """Every hundredth clip of the corpus: its whole stream of pictures and a shorter index."""
    (data / logmel.FOLDER).mkdir(parents=True)
    (data / logmel.FOLDER / "features.jpgs.xz").symlink_to(whole_logmel / "features.jpgs.xz")
    header, *rows = (whole_logmel / "index.tsv").read_text().splitlines()
    rows = rows[::100]
    (data / logmel.FOLDER / "index.tsv").write_text("\n".join([header, *rows]))
    clips = load_corpus(LogmelSection(kind="logmel"), RECIPE)
    _, _, word, _, speaker, split = np.array([row.split("\t") for row in rows]).T
    spoken = clips.word != "silence"
    assert clips.codes.shape == (len(rows), FRAMES, 40)
    np.testing.assert_array_equal(clips.word[spoken], word[word != BACKGROUND])
    np.testing.assert_array_equal(clips.speaker, speaker)
    np.testing.assert_array_equal(clips.split[spoken], split[word != BACKGROUND])
    assert set(clips.split[~spoken]) == {TRAINING, VALIDATION}
    np.testing.assert_array_equal(clips.codes[:, 0], clips.codes[:, 2])


def test_logmel_refuses_a_recipe_with_other_bands(data):
    other = RECIPE.model_copy(update={"frontend": FrontendSection(bands=30)})
    with pytest.raises(ValueError, match="recipe hello: corpus logmel has 40 bands up to 4000 Hz; use these"):
        load_corpus(LogmelSection(kind="logmel"), other)


def test_without_logmel_a_recipe_is_trained_on_the_recordings(data, capsys):
    folder = data / "speech_commands"
    record(folder / "yes" / "0132a06d_nohash_0.wav")
    record(folder / BACKGROUND / "running_tap.wav", seconds=6)
    clips = load_corpora(RECIPE.model_copy(update={"corpora": [LogmelSection(kind="logmel")]}))
    assert set(clips.word) == {"yes", "silence"}
    assert "logmel is not in DATA: using the recordings" in capsys.readouterr().out


def test_logmel_that_is_not_there_says_what_is_wanted(data):
    with pytest.raises(ValueError, match=f"{logmel.FOLDER}/index.tsv: does not exist; put {logmel.FOLDER}/ into DATA"):
        load_corpus(LogmelSection(kind="logmel"), RECIPE)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), amplitude=st.floats(1, 40_000), hop_ms=st.sampled_from([10, 20]))
def test_the_codes_at_hops_are_what_a_device_computes(seed, amplitude, hop_ms):
    frontend = Frontend(hop_ms=hop_ms)
    clip = np.clip(np.random.default_rng(seed).normal(0, amplitude, CLIP_SAMPLES), -32768, 32767).astype(np.int16)
    codes = codes_at_hops(frontend, codes_of_clip(frontend, clip))
    assert codes.dtype == np.int8
    np.testing.assert_array_equal(codes, FrontendC(frontend).features(clip))
