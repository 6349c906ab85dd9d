"""`make wake`: phrases, how they sound, the recipe that is written for them, and one's own recordings."""

import shlex
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.expectation import description_of
from export.wake import main as wake_command
from export.wake import run
from firmware.command import Failure
from firmware.paths import ROOT
from tests.recordings import record, record_word
from train.recipe import load_recipe, parse_recipe
from train.synthesizers import Kokoro
from train.wake.__main__ import name_of
from train.wake.lexicon import Lexicon, distance, distances, phonemes_of, syllables
from train.wake.own import describe_own
from train.wake.phrases import check_phrase, near_misses, other_words, phrases_of
from train.wake.recipe_text import SIZES, Wish, clips_per_word, recipe_text


@pytest.fixture
def lexicon(optional):
    optional(Lexicon.lacking())
    return Lexicon()


def wake(*words):
    """Run the command; returns the finished process."""
    return subprocess.run([sys.executable, "-m", "train.wake", *words], cwd=ROOT, capture_output=True, text=True)


# --- phrases


def test_phrases_are_separated_by_commas_and_have_their_normal_form():
    assert phrases_of("Hey Jerboa, what's up-doc ,ROUTE 66") == ["hey_jerboa", "what's_up_doc", "route_66"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("", "an empty phrase"),
        ("hey,,you", "an empty phrase"),
        ("a" * 60, "has 60 characters"),
        ("stop!", "contains '!'"),
        ("hey you, Hey-You", "named twice"),
        ("silence", "labels of every model"),
        (", ".join("abcdefghijk"), "11 phrases; a model has room for 10"),
    ],
)
def test_what_is_no_phrase_is_refused_in_one_line(word, message):
    done = wake("--word", word)
    assert done.returncode == 1 and message in done.stderr and len(done.stderr.splitlines()) == 1 and not done.stdout


def test_the_name_of_phrases_is_one_of_a_file():
    assert name_of(["what's_up_doc", "route_66"]) == "whats-up-doc-and-route-66"


# --- how they sound


def plain_distance(one, other):
    """The distance by its definition, in a loop."""
    from train.wake.lexicon import cost

    row = list(range(len(other) + 1))
    for place, letter in enumerate(one):
        following = [place + 1]
        for index, against in enumerate(other):
            following.append(min(row[index + 1] + 1, following[index] + 1, row[index] + cost(letter, against)))
        row = following
    return row[-1]


PHONEMES = st.text("AæbpstdɡkɹlmnəO", min_size=1, max_size=7)


@given(one=PHONEMES, others=st.lists(PHONEMES, min_size=1, max_size=5))
def test_the_distance_is_that_of_edits(one, others):
    np.testing.assert_allclose(distances(one, others), [plain_distance(one, other) for other in others])
    assert distance(one, one) == 0


def test_a_phrase_that_is_short_or_close_to_common_words_is_said_to_be(lexicon):
    no, jerboa = (check_phrase(lexicon, phrase) for phrase in ("no", "hey_jerboa"))
    assert "note" in no.close and no.proposals and "is short" in "\n".join(no.lines())
    assert not jerboa.close and not jerboa.proposals and len(list(jerboa.lines())) == 1
    assert jerboa.phonemes == phonemes_of("hˈA ʤəɹbˈOə") and syllables(jerboa.phonemes) == 4


def test_near_misses_are_parts_and_neighbours_but_never_the_phrase(lexicon):
    found = near_misses(lexicon, "what's_up_doc")
    assert {"what's", "up", "doc", "what's up", "up doc"} < set(found) and len(found) == len(set(found)) <= 24
    for phrase in ("view_glass", "alexa", "jarvis"):
        whole = lexicon.phonemes(phrase.replace("_", " "))
        missed = near_misses(lexicon, phrase)
        assert len(missed) > 10 and all(distance(whole, lexicon.phonemes(text)) > 0.2 * len(whole) for text in missed)


def test_other_words_sound_like_no_phrase(lexicon):
    found = other_words(lexicon, ["no", "view_glass"])
    assert len(found) > 60 and not {"no", "know", "view_glass"} & set(found) and {"view", "glass"} < set(found)


# --- the recipe


@pytest.mark.parametrize("size", SIZES)
def test_the_recipe_of_a_wish_is_whole(size, tmp_path):
    wish = Wish(("what's_up_doc", "alexa"), size, mine=str(tmp_path))
    recipe = parse_recipe(recipe_text(wish, ["doc", "alex"], tmp_path), "mine")
    assert recipe.keywords == ["what's_up_doc", "alexa"] and recipe.mixing.people_share == 0.25
    assert [section.kind for section in recipe.corpora] == ["speech", "folder", "sentences", "background", "background"]


def test_the_recipe_uses_the_recordings_that_are_there(tmp_path):
    for folder in ("running_speech/librispeech", "noise/effects", "rooms", "speech_commands_logmel"):
        (tmp_path / folder).mkdir(parents=True)
    record(tmp_path / "noise/effects/piano.wav", seconds=1)
    recipe = parse_recipe(recipe_text(Wish(("alexa",)), ["elect"], tmp_path), "mine")
    kinds = [section.kind for section in recipe.corpora]
    assert kinds == ["speech", "logmel", "sentences", "running_speech", "background", "background"]
    assert recipe.corpora[4].without == ["piano"] and recipe.augmentation.rooms == "rooms"


def test_a_recipe_for_esphome_has_its_features_and_no_pictures(tmp_path):
    for folder in ("speech_commands", "speech_commands_logmel"):
        (tmp_path / folder).mkdir()
    wish = Wish(("alexa",), target="esphome")
    recipe = parse_recipe(recipe_text(wish, ["elect"], tmp_path), "mine")
    assert recipe.front.is_micro and wish.command() == 'make wake WORD="alexa" SIZE=20k FOR=esphome'
    assert [section.kind for section in recipe.corpora][:3] == ["speech", "speech_commands", "sentences"]
    assert not parse_recipe(recipe_text(Wish(("alexa",)), ["elect"], tmp_path), "mine").front.is_micro


def test_the_command_of_a_wish_is_one_for_a_shell():
    wish = Wish(("what's_up_doc", "alexa"), mine="/my sounds/it's me", language="de", text="/de.txt", name="kitchen")
    words = ["make", "wake", "WORD=what's up doc, alexa", "SIZE=20k", "NAME=kitchen"]
    assert shlex.split(wish.command()) == [*words, "LANGUAGE=de", "MINE=/my sounds/it's me", "TEXT=/de.txt"]


@pytest.mark.parametrize(("target", "groups"), [("", "voices"), ("esphome", "voices esphome")])
def test_make_wake_installs_its_own_groups(target, groups):
    said = subprocess.run(
        ["make", "-n", "wake", "WORD=alexa", f"FOR={target}"], cwd=ROOT, capture_output=True, text=True
    )
    assert f"WITH='{groups}' " in said.stdout.replace(" '", "'"), said


def test_a_target_that_is_unknown_is_refused():
    done = wake("--word", "alexa", "--for", "toaster")
    assert done.returncode == 1 and "FOR=toaster: esphome, or nothing for the C library" in done.stderr


def test_the_steps_for_esphome_end_with_its_files(monkeypatch):
    ran = []
    monkeypatch.setattr("export.wake.run", lambda *words, **settings: ran.append(words[0]) or "mine.toml\n")
    for words, last in (
        ([], "calibration.report"),
        (["--for", "esphome"], "export.esphome"),
        (["--for="], "calibration.report"),
    ):
        ran.clear()
        monkeypatch.setattr(sys, "argv", ["wake", "--word", "alexa", *words])
        wake_command()
        assert ran[:3] == ["train.wake", "train", "calibration.calibrate"] and ran[-1] == last


def test_a_step_that_a_signal_ended_is_told(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, -9))
    with pytest.raises(Failure, match="^train was ended by SIGKILL; the same command goes on$"):
        run("train")


def test_another_language_is_spoken_by_those_who_speak_it():
    wish = Wish(("guten_tag",), language="de", text="/tmp/de.txt")
    able = {"espeak-ng"} if Kokoro().lacking() else {"espeak-ng", "kokoro"}
    assert clips_per_word(wish) == dict.fromkeys(able, 300)
    recipe = parse_recipe(recipe_text(wish, ["tag"], ROOT), "mine")
    assert {section.language for section in recipe.corpora[:1]} == {"de"}


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    return tmp_path / "build"


def test_a_recipe_that_was_edited_is_used_as_it_is(build, optional):
    optional(Lexicon.lacking())
    first = wake("--word", "Hey Jerboa")
    path = build / "wake" / "hey-jerboa.toml"
    assert first.returncode == 0 and first.stdout == f"{path}\n", first.stderr
    assert "h A ʤ ə ɹ b O ə; 4 syllables" in first.stderr and "about " in first.stderr and " minutes" in first.stderr
    path.write_text(path.read_text().replace("epochs = 24", "epochs = 3"))
    again = wake("--word", "hey jerboa")
    assert "used as it is" in again.stderr and load_recipe(str(path)).training.epochs == 3
    other = wake("--word", "hey jerboa", "--size", "6k")
    assert other.returncode == 1 and "written for other wishes" in other.stderr
    small = "--word", "hey jerboa", "--size", "6k", "--name", "small"
    assert wake(*small).stdout == f"{build}/wake/small.toml\n"
    written = (build / "wake" / "small.toml").read_text()
    assert written.startswith('# make wake WORD="hey jerboa" SIZE=6k NAME=small\n')
    assert "used as it is" in wake(*small).stderr
    assert "used as it is" in wake("--word", "hey jerboa", "--name", "hey-jerboa").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--size", "7k"), "SIZE=7k: give one of 6k, 20k, 80k"),
        (("--language", "xx"), "LANGUAGE=xx: no synthesizer speaks it"),
        (("--language", "de"), "LANGUAGE=de: needs TEXT=file"),
        (("--name", "a/b"), "NAME=a/b: letters, digits"),
        (("--mine", "nowhere"), "/nowhere: no such folder; put recordings"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_one_line(build, words, message):
    done = wake("--word", "hey jerboa", *words)
    assert done.returncode == 1 and message in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (build / "wake").exists()


def test_a_text_that_is_too_short_is_refused_before_anything_is_made(build, tmp_path):
    text = tmp_path / "sentences.txt"
    text.write_text("\n".join(f"Das ist Satz Nummer {number}." for number in range(62)))
    done = wake("--word", "hallo", "--language", "de", "--text", str(text))
    assert done.returncode == 1 and f"{text}: 8 sentences" in done.stderr and "about 140 in all" in done.stderr
    assert not (build / "wake").exists()


# --- recordings of one's own


def test_own_recordings_are_described(tmp_path):
    record_word(tmp_path / "Hey Jerboa" / "ann_1.wav", (1, 1.6), (3, 3.6), seconds=5)
    record_word(tmp_path / "Hey Jerboa" / "bob_1.wav", (0.3, 0.9), seconds=1.5)
    (line,) = describe_own(tmp_path, ["hey_jerboa"])
    assert line.startswith("'hey jerboa' of your own: 3 utterances in 2 recordings (6 s) by 2 speakers, level -")
    for name in ("Ann_2", "ann-marie_1", "ann marie_1"):  # three speakers, as to training
        record_word(tmp_path / "Hey Jerboa" / f"{name}.wav", (0.3, 0.9), seconds=1.5)
    assert "by 4 speakers" in next(describe_own(tmp_path, ["hey_jerboa"]))
    assert line.endswith("none clipped")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"no recordings of a phrase; put them into .*/hey_jerboa/"),
        ("noise", "ann_1.wav: noise alone"),
        ("silence", "ann_1.wav: digital silence"),
    ],
)
def test_own_recordings_without_the_phrase_are_refused(tmp_path, content, message):
    if content:
        loud = () if content == "silence" else ((0, 3),)
        path = record_word(tmp_path / "hey_jerboa" / "ann_1.wav", *loud, seconds=3)
        if content == "silence":
            record(path, seconds=3, amplitude=0)
    with pytest.raises(ValueError, match=message):
        list(describe_own(tmp_path, ["hey_jerboa"]))


# --- what to expect


def test_the_stream_of_expectation_is_spoken_by_voices_of_no_recipe(build):
    description = description_of(load_recipe("hello"))
    spoken = {kind.keywords.synthesizer for kind in description.kinds.values() if kind.keywords}
    assert spoken and "flite" not in spoken and description.words == load_recipe("hello").keywords
    assert any(kind.sentences for kind in description.kinds.values())
