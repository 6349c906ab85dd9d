"""Running speech: what is said, by whom, and that it is the same every time."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from firmware.frontend import SAMPLE_RATE_HZ
from firmware.words import contains_keyword, words_in_text
from train.corpora.clips import FRAME_MS, RUNNING_SPEECH
from train.corpora.grammar import SOUNDS_LIKE, Grammar, read_vocabulary, unsayable
from train.corpora.lines import Lines
from train.corpora.sentences import (
    check,
    check_voices,
    load,
    speak_passages,
    voices_by_synthesizer,
)
from train.corpus_sections import SentencesSection
from train.recipe import load_recipe
from train.splits import TESTING, TRAINING, VALIDATION
from train.synthesizers.flite import SPLITS as FLITE
from train.synthesizers.flite import VOICES, Flite
from train.synthesizers.synthesizer import SynthesizerError, Utterance

COMMANDS = load_recipe("commands-20k").keywords
SPLITS = (TRAINING, VALIDATION, TESTING)


@pytest.mark.parametrize("split", SPLITS)
def test_no_sentence_holds_a_keyword_or_what_sounds_like_one(split):
    random, grammar = np.random.default_rng(0), Grammar(COMMANDS, split)
    said = {word for _ in range(2000) for word in words_in_text(grammar.sentence(random))}
    assert not said & (set(COMMANDS) | SOUNDS_LIKE["no"] | SOUNDS_LIKE["right"])
    assert len(said) > 700


def test_a_word_of_the_vocabulary_is_left_out_where_it_is_a_keyword():
    assert "window" in unsayable(["window"])
    assert "window" not in Grammar(["window"], TRAINING).words["noun"]


def test_keywords_that_leave_nothing_to_say_are_refused_at_once():
    every_modal = load_recipe("hello").model_copy(update={"keywords": read_vocabulary()["modal"]})
    with pytest.raises(ValueError, match="^keywords: they leave no modal in the vocabulary"):
        check(SentencesSection(kind="sentences", minutes=600), every_modal, None)


def test_no_sentence_says_a_keyword_of_several_words():
    random, plain = np.random.default_rng(0), Grammar((), TRAINING)
    said = [plain.sentence(random).split() for _ in range(50)]
    keywords = [f"{words[0].lower()}_{words[1].lower()}" for words in said]
    random, grammar = np.random.default_rng(0), Grammar(keywords, TRAINING)
    assert not any(contains_keyword(grammar.sentence(random), keywords) for _ in range(50))


def test_some_words_are_only_heard_in_tests():
    training, testing = (set(sum(Grammar(COMMANDS, split).words.values(), [])) for split in (TRAINING, TESTING))
    assert training < testing and 0.05 < len(testing - training) / len(testing) < 0.25


def test_the_vocabulary_has_each_word_once_a_part_of_speech():
    for part, words in read_vocabulary().items():
        assert len(set(words)) == len(words), part
        assert all(word.isalpha() and (word.islower() or part in ("name", "pronoun")) for word in words), part


def test_a_voice_is_in_one_split():
    voices = [{voice for _, names in voices_by_synthesizer(split, "en") for voice in names} for split in SPLITS]
    assert all(voices) and not (voices[0] & voices[1] or voices[0] & voices[2] or voices[1] & voices[2])
    assert set(FLITE) == set(VOICES) and set(FLITE.values()) == set(SPLITS)


def test_the_same_seed_speaks_the_same_passages():
    once, again = (speak_passages(VALIDATION, 1, COMMANDS, 3) for _ in range(2))
    assert [passage.text for passage in once] == [passage.text for passage in again]
    for passage, same in zip(once, again, strict=True):
        np.testing.assert_array_equal(passage.pcm, same.pcm)
    assert sum(len(passage.pcm) for passage in once) >= 60 * 16_000
    assert len({passage.text for passage in once}) == len(once)


def test_without_flite_it_speaks_all_the_same_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    check_voices(VALIDATION)
    assert "flite is not installed" in capsys.readouterr().err
    assert {passage.voice for passage in speak_passages(TESTING, 0.1, COMMANDS, 3)}.isdisjoint(VOICES)


def test_the_corpus_is_whole_passages_of_unknown_speech():
    recipe = load_recipe("commands-20k")
    clips = load(SentencesSection(kind="sentences", minutes=1, validation_minutes=1), recipe, None)
    clips.require_whole()
    for split in (TRAINING, VALIDATION):
        passages = speak_passages(split, 1, recipe.keywords, recipe.seed)
        frames = clips.frames[clips.split == split]
        np.testing.assert_array_equal(
            frames, [len(passage.pcm) // (SAMPLE_RATE_HZ * FRAME_MS // 1000) for passage in passages]
        )
        assert frames.sum() * FRAME_MS > 58_000 and frames.min() * FRAME_MS > 3000
    assert {recipe.label_of(word) for word in set(clips.word)} == {recipe.labels.index("unknown")}
    assert set(clips.word) == {RUNNING_SPEECH}
    np.testing.assert_array_equal(clips.span, [[0, frames] for frames in clips.frames])
    assert not set(clips.speaker[clips.split == TRAINING]) & set(clips.speaker[clips.split == VALIDATION])


# --- sentences of a file

GERMAN = [f"Am Morgen sehen {who} {what} im Garten." for who in ("wir", "die Kinder", "alle") for what in range(60)]


def german(tmp_path, lines=GERMAN):
    path = tmp_path / "german.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return SentencesSection(kind="sentences", minutes=1, validation_minutes=1, language="de", text=str(path))


def test_lines_of_a_file_are_spoken_and_some_are_for_tests_alone(tmp_path):
    recipe = load_recipe("hello")
    section = german(tmp_path, [*GERMAN, "Ein Jerboa sagt Stop.", "  ", "- - -"])
    check(section, recipe, None)
    training, testing = (
        set(Lines(Path(section.text), recipe.keywords, split).sentences) for split in (TRAINING, TESTING)
    )
    assert training | testing == set(GERMAN) and not training & testing and len(testing) >= 20
    assert set(load(section, recipe, None).synthesizer) == {"espeak-ng"}


def test_another_language_needs_a_text_and_a_voice(tmp_path):
    with pytest.raises(ValueError, match="language = de: needs text"):
        SentencesSection(kind="sentences", minutes=1, language="de")
    with pytest.raises(SynthesizerError, match="^espeak-ng: has no voice of this split for language xx"):
        check(german(tmp_path).model_copy(update={"language": "xx"}), load_recipe("hello"), None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory; give a text file"),
        ("grün".encode("latin-1"), "not UTF-8 text; give a text file"),
        (b"one line\n", "1 sentence of at most 300 letters .*; 20 are needed"),
    ],
)
def test_a_file_that_is_no_text_of_sentences_is_refused(tmp_path, content, message):
    section = german(tmp_path)
    if content is None:
        Path(section.text).unlink()
    else:
        Path(section.text).write_bytes(content)
    with pytest.raises(ValueError, match=f"^{section.text}: {message}"):
        check(section, load_recipe("hello"), None)


# --- flite


@pytest.fixture
def flite(tmp_path, monkeypatch):
    """flite(script) -> a Flite whose program is a shell script, with a BUILD of its own."""
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def make(script):
        program = tmp_path / "flite"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return Flite()

    return make


def test_of_flite_only_the_voices_that_it_has_are_used(flite):
    assert flite("echo Voices available: kal kal16 slt").voices() == ["kal", "slt"]


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("echo no sound >&2; exit 3", "ended with status 3 no sound"),
        ("while :; do :; done", "took more than 1 s of processor time"),
    ],
)
def test_what_flite_refuses_is_named(flite, monkeypatch, script, named):
    monkeypatch.setattr("train.synthesizers.synthesizer.CPU_LIMIT_S", 1)
    broken = flite(f'case "$1" in --version) ;; *) {script} ;; esac')
    with pytest.raises(SynthesizerError, match=f"^flite {named}.*: .*text='yes'"):
        broken.speak([Utterance("yes", "slt")])


def test_flite_speaks_once(flite, monkeypatch):
    if "slt" not in Flite().voices():
        pytest.skip("flite is not installed")
    first = Flite().speak([Utterance("yes", "slt")])
    monkeypatch.setattr(Flite, "_say", None)
    np.testing.assert_array_equal(first, Flite().speak([Utterance("yes", "slt")]))
