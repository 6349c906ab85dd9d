"""Words have one normal form everywhere; words that are no keywords are reported, and probable misspellings too."""

import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.listen.__main__ import set_thresholds
from firmware.paths import RECIPES
from firmware.words import contains_keyword, describe_other_words, keyword_of, normal_word
from tests.conftest import SMALL_RECIPE
from train.recipe import load_recipe, parse_recipe

HEY_JARVIS = ("hey_jarvis", "Hey Jarvis", "HEY-JARVIS", " hey  jarvis\t", "hey_-_jarvis", "hey–jarvis", "-hey jarvis-")


@pytest.mark.parametrize("written", HEY_JARVIS)
def test_case_space_hyphen_and_underscore_are_one(written):
    assert normal_word(written) == "hey_jarvis"


@pytest.mark.parametrize(
    "written, word",
    [
        ("What’s up", "what's_up"),
        ("what's-up", "what's_up"),
        (unicodedata.normalize("NFD", "GRÜSS Gott"), "grüss_gott"),
        ("grüß gott", "grüss_gott"),
        ("3 o'clock", "3_o'clock"),
        ("_Background_Noise_", "_background_noise_"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_letters_have_one_form(written, word):
    assert normal_word(written) == word


@given(st.text(max_size=30))
def test_a_normal_word_is_normal(text):
    assert normal_word(normal_word(text)) == normal_word(text)


@pytest.mark.parametrize(
    "written", ["yes!", "a/b", 'x"}; y', "", "--", "a\x00b", "_unknown_", "a" * 41, "да" * 16, "'"]
)
def test_what_cannot_be_a_keyword_is_refused_in_plain_words(written):
    with pytest.raises(ValueError, match="a keyword is one or several words of letters and digits of any language"):
        keyword_of(written)


def with_keywords(*keywords):
    return parse_recipe(
        SMALL_RECIPE.replace('"yes", "stop"', ", ".join(f'"{keyword}"' for keyword in keywords)), "mine"
    )


def test_keywords_are_written_as_people_write_them():
    recipe = with_keywords("Hey Jarvis", "what's up", "grüß gott", "3 o'clock", "я слушаю тебя")
    assert recipe.keywords == ["hey_jarvis", "what's_up", "grüss_gott", "3_o'clock", "я_слушаю_тебя"]
    assert {recipe.label_of(written) for written in HEY_JARVIS} == {0}
    assert recipe.label_of("_Unknown_") == recipe.label_of("jarvis") == recipe.labels.index("unknown")


def test_two_keywords_that_are_one_word_are_refused_with_both_names():
    with pytest.raises(ValueError, match="keywords: 'Hey Jarvis' and 'hey-jarvis' are the same word, hey_jarvis"):
        with_keywords("Hey Jarvis", "hey-jarvis")
    with pytest.raises(ValueError, match="'Silence' cannot be a keyword"):
        with_keywords("yes", "Silence")


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml") if path.stem != "machine"))
def test_shipped_recipes_are_written_in_normal_words(name):
    recipe = load_recipe(name)
    others = [word for section in recipe.corpora if section.kind == "speech" for word in section.other_words]
    text = (RECIPES / f"{name}.toml").read_text()
    assert all(f'"{word}"' in text for word in [*recipe.keywords, *others])


def test_a_sentence_says_a_keyword_of_several_words():
    assert contains_keyword("Well, HEY Jarvis!", ["hey_jarvis"]) and contains_keyword("it's 3 O’Clock", ["3_o'clock"])
    assert not contains_keyword("they jarvis, hey you", ["hey_jarvis"]) and not contains_keyword("yesterday", ["yes"])


@pytest.mark.parametrize(
    "sentence, keyword",
    [
        ("he said 'yes' twice", "yes"),
        ("they said ‘what’s up’", "what's_up"),
        ("नमस्ते दोस्त", "नमस्ते"),
        ("I was rockin' on", "rockin'"),
    ],
)
def test_a_keyword_is_found_in_quotation_marks_and_in_any_script(sentence, keyword):
    assert contains_keyword(sentence, [keyword_of(keyword)])


def test_what_is_no_keyword_is_counted_and_a_near_one_pointed_out():
    counts = {"yes": 9, "yess": 3, "banana": 2, "heyjarvis": 1, "one": 4}
    assert describe_other_words(counts, ["yes", "on", "hey_jarvis"], "counted as unknown") == [
        "not keywords, counted as unknown: banana 2, heyjarvis 1, one 4, yess 3 (10 clips)",
        "heyjarvis (1 clip): counted as unknown; did you mean hey_jarvis?",
        "yess (3 clips): counted as unknown; did you mean yes?",
    ]
    assert describe_other_words({"yes": 9}, ["yes"], "counted as unknown") == []
    (line,) = describe_other_words({f"word{n:03d}x": 1 for n in range(50)}, ["yes"], "counted as unknown")
    assert "word039x 1 and 10 more words (50 clips)" in line


def test_a_threshold_of_the_command_line_is_of_a_word_as_people_write_it():
    put = []
    model = SimpleNamespace(task="keywords")
    spotter = SimpleNamespace(model=model, set_threshold=lambda word, threshold: put.append((word, threshold)))
    set_thresholds(spotter, "", ["Hey-Jarvis=0.5", "YES=1"])
    assert put == [("hey_jarvis", 16384), ("yes", 32768)]
