"""Running speech without transcripts: the split of its speakers, the corpus, and kinds of a stream made of it."""

import numpy as np
import pytest
import soundfile

from calibration.streams.build import FILE_SAMPLES, MADE, Made, build, digest_of, samples_of, with_sentences
from calibration.streams.description import parse_description
from calibration.streams.events import SENTENCE, read_stream
from calibration.streams.words import Clip
from firmware.audio.recordings import BadRecording, read_recording
from firmware.files import read_json
from tests.recordings import record, write
from train.corpora import load_corpora, running_speech
from train.corpora.background import LEVEL_DB, at_level
from train.corpora.clips import RUNNING_SPEECH, codes_of_pcm
from train.corpora.running_speech import recordings_of, split_of
from train.corpus_sections import RunningSpeechSection
from train.recipe import load_recipe
from train.splits import TESTING, TRAINING, VALIDATION

RATE = 16_000
RECIPE = load_recipe("hello")
TALK = RunningSpeechSection(kind="running_speech", recordings="talk")
SPEAKERS = {"026290a7": VALIDATION, "ann": TRAINING, "bob": TESTING, "flo": TESTING}
LENGTHS_S = {"bob_0": 2, "bob_1": 3, "flo": 7}
"""The recordings of the testing speakers in the folder of talk."""


@pytest.fixture
def talk(data):
    """The folder DATA/talk: noise in place of speech, by speakers of each split."""
    for seed, (name, seconds) in enumerate({"ann_0": 2, "026290a7_0": 4, **LENGTHS_S}.items()):
        record(data / "talk" / f"{name}.wav", seconds, amplitude=3000, seed=seed)
    return data / "talk"


def described(change=("", "")):
    """The stream `people` of the testing speakers in DATA/talk."""
    text = """
        words = ["yes"]
        homophones = ["yep"]
        [kinds.running]
        sentences = { untranscribed = "talk" }
        bed = { recordings = 1 }
        bed_db = [-70, -60]
        """
    return parse_description(text.replace(*change), "people")


def test_a_tenth_of_the_speakers_is_for_validation_and_half_for_testing():
    assert {speaker: split_of(speaker) for speaker in SPEAKERS} == SPEAKERS
    splits = [split_of(str(number)) for number in range(10_000)]
    shares = {split: splits.count(split) / len(splits) for split in (VALIDATION, TRAINING, TESTING)}
    assert shares == {
        VALIDATION: pytest.approx(0.1, abs=0.01),
        TRAINING: pytest.approx(0.4, abs=0.02),
        TESTING: pytest.approx(0.5, abs=0.02),
    }


def test_the_recordings_of_a_split_are_those_of_its_speakers_in_order(talk, capsys):
    (talk / "notes.txt").write_text("not sound")
    assert recordings_of(talk, [TESTING]) == [
        (talk / "bob_0.wav", "bob", TESTING),
        (talk / "bob_1.wav", "bob", TESTING),
        (talk / "flo.wav", "flo", TESTING),
    ]
    assert "notes.txt: ignored" in capsys.readouterr().err
    assert recordings_of(talk, [TRAINING], tell=False) == [(talk / "ann_0.wav", "ann", TRAINING)]
    assert capsys.readouterr().err == ""


def test_missing_recordings_are_reported_with_what_to_do(talk):
    with pytest.raises(ValueError, match="nowhere: does not exist; put .* into it as <speaker>_<n>.wav$"):
        recordings_of(talk / "nowhere", [TESTING])
    for path in talk.glob("[0a]*"):
        path.unlink()
    with pytest.raises(
        ValueError, match="talk: none of its 2 speakers is in the training split; add recordings of more speakers$"
    ):
        recordings_of(talk, [TRAINING])
    for path in talk.iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="talk: no recordings; put running speech into it as <speaker>_<n>.wav$"):
        recordings_of(talk, [TESTING])


# --- the corpus


def test_the_corpus_is_whole_recordings_without_the_testing_speakers(talk):
    clips = running_speech.load(TALK, RECIPE, talk.parent)
    clips.require_whole()
    assert list(zip(clips.speaker, clips.split, clips.frames, strict=True)) == [
        ("026290a7", VALIDATION, 400),
        ("ann", TRAINING, 200),
    ]
    assert set(clips.word) == {RUNNING_SPEECH} and (clips.span == [[0, 400], [0, 200]]).all()
    assert RECIPE.labels[RECIPE.label_of(RUNNING_SPEECH)] == "unknown"
    pcm = at_level(read_recording(talk / "ann_0.wav"), LEVEL_DB)
    np.testing.assert_array_equal(clips.codes_of(1), codes_of_pcm(RECIPE.front, pcm))


def test_a_recording_of_a_testing_speaker_is_not_even_opened(talk):
    for path in [*talk.glob("bob_*"), talk / "flo.wav"]:
        path.write_bytes(b"not sound")
    assert len(running_speech.load(TALK, RECIPE, talk.parent)) == 2


@pytest.mark.parametrize(("missing", "split"), [("ann_0", TRAINING), ("026290a7_0", VALIDATION)])
def test_a_split_without_speakers_is_an_error_before_any_recording_is_heard(talk, monkeypatch, missing, split):
    (talk / f"{missing}.wav").unlink()
    monkeypatch.setattr(running_speech, "read_recording", None)
    with pytest.raises(ValueError, match=f"^{talk}: none of its 3 speakers is in the {split} split; add recordings"):
        load_corpora(RECIPE.model_copy(update={"corpora": [TALK]}))


@pytest.mark.parametrize("content", ["silence", b"not sound"])
def test_a_recording_without_speech_is_refused(talk, content):
    path = write(talk / "ann_1.wav", np.zeros(RATE))
    if content != "silence":
        path.write_bytes(content)
    with pytest.raises(BadRecording, match=f"^{path}: (digital silence, which training would take for|cannot be read)"):
        running_speech.load(TALK, RECIPE, talk.parent)


def test_an_ignored_file_is_named_once(talk, capsys):
    (talk / "notes.txt").write_text("not sound")
    load_corpora(RECIPE.model_copy(update={"corpora": [TALK]}))
    assert capsys.readouterr().err.count("notes.txt: ignored") == 1


# --- streams


def test_a_kind_of_untranscribed_speech_has_every_test_recording_once_and_no_word_for_it(talk):
    folder = build(described())
    ((path, events),) = read_stream(folder)["running"]
    assert [(event.event, event.word) for event in events] == [(SENTENCE, "")] * 3
    assert sorted(event.end_ms - event.start_ms for event in events) == [
        1000 * seconds for seconds in LENGTHS_S.values()
    ]
    table = (folder / "events.tsv").read_text()
    assert all(f"talk/{name}.wav" in table for name in LENGTHS_S)
    first = path.read_bytes(), table
    (folder / MADE).unlink()
    build(described())
    assert (path.read_bytes(), (folder / "events.tsv").read_text()) == first


def test_nobody_counts_homophones_without_transcripts(talk):
    kinds = read_json(build(described()) / MADE, Made).kinds
    assert set(kinds["running"]) == {"hours", "sentence"} and kinds["running"]["sentence"] == 3


def test_untranscribed_speech_may_have_keywords_between_its_sentences(talk):
    said = talk.parent / "said" / "yes"
    said.mkdir(parents=True)
    soundfile.write(said / "ann_0.wav", np.random.default_rng(0).normal(0, 0.1, RATE), RATE)
    among = 'hours = 0.02\nkeywords = "said"\nkeywords_per_minute = 3\nsentences ='
    ((_, events),) = read_stream(build(described(("sentences =", among))))["running"]
    assert sorted(event.word for event in events) == ["", "", "", "yes", "yes", "yes", "yes"]


def test_a_stream_is_built_again_when_untranscribed_speech_changes(talk):
    before = digest_of(described())
    soundfile.write(talk / "jo_0.wav", np.ones(2 * RATE, np.int16), RATE)
    assert digest_of(described()) != before


def sentence(seconds):
    return Clip("", f"{seconds} s", np.broadcast_to(np.int16(1), seconds * RATE), 0, seconds * RATE)


def test_without_hours_a_kind_is_long_enough_for_many_long_sentences():
    sentences = [sentence(20) for _ in range(283)]
    lengths = samples_of(described().kinds["running"], sentences)
    assert lengths[:-1] == [FILE_SAMPLES] * (len(lengths) - 1)
    for samples in lengths:
        with_sentences([], sentences, samples)
    assert sentences == []


def test_a_sentence_longer_than_a_recording_of_a_stream_is_refused():
    with pytest.raises(ValueError, match="^600 s: lasts 600 s, but a recording of a stream has room for 570 s; cut it"):
        samples_of(described().kinds["running"], [sentence(5), sentence(600)])


@pytest.mark.parametrize(
    "change, message",
    [
        (('"talk"', '"../talk"'), r"sentences.UntranscribedSpeech.untranscribed: '../talk' is not a folder in DATA"),
        (('"talk"', '"talk", minutes = 3'), "sentences.UntranscribedSpeech.minutes: unknown key"),
    ],
)
def test_a_bad_description_of_untranscribed_speech_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        described(change)
