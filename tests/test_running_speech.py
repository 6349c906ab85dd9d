"""Running speech without transcripts: the split of its speakers."""

import numpy as np
import pytest
import soundfile

from train.corpora.clips import TESTING, TRAINING, VALIDATION
from train.corpora.running_speech import recordings_of, split_of

RATE = 16_000
SPEAKERS = {"026290a7": VALIDATION, "ann": TRAINING, "bob": TESTING, "flo": TESTING}
LENGTHS_S = {"bob_0": 2, "bob_1": 3, "flo": 7}
"""The recordings of the testing speakers in the folder of talk."""


@pytest.fixture
def talk(monkeypatch, tmp_path):
    """The folder DATA/talk: noise in place of speech, by speakers of each split."""
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    random, folder = np.random.default_rng(0), tmp_path / "data" / "talk"
    folder.mkdir(parents=True)
    for name, seconds in {"ann_0": 2, "026290a7_0": 2, **LENGTHS_S}.items():
        pcm = np.rint(random.normal(0, 3000, seconds * RATE)).astype(np.int16)
        soundfile.write(folder / f"{name}.wav", pcm, RATE)
    return folder


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
    assert recordings_of(talk, TESTING) == [
        (talk / "bob_0.wav", "bob"),
        (talk / "bob_1.wav", "bob"),
        (talk / "flo.wav", "flo"),
    ]
    assert "notes.txt: ignored" in capsys.readouterr().err
    assert recordings_of(talk, TRAINING, tell=False) == [(talk / "ann_0.wav", "ann")]
    assert capsys.readouterr().err == ""


def test_missing_recordings_are_reported_with_what_to_do(talk):
    with pytest.raises(ValueError, match="nowhere: does not exist; put .* into it as <speaker>_<n>.wav$"):
        recordings_of(talk / "nowhere", TESTING)
    for path in talk.glob("[0a]*"):
        path.unlink()
    with pytest.raises(
        ValueError, match="talk: none of its 2 speakers is in the training split; add recordings of more speakers$"
    ):
        recordings_of(talk, TRAINING)
    for path in talk.iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="talk: no recordings; put running speech into it as <speaker>_<n>.wav$"):
        recordings_of(talk, TESTING)
