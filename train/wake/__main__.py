"""Checks wake phrases and writes a recipe for them: python -m train.wake --word "hey jerboa, good night"

Says what will happen and how each phrase sounds, then prints the path of the recipe, BUILD/wake/NAME.toml.  A recipe that is
there already is used as it is, if it was written for the same wishes.
"""

import argparse
import re
import sys
from pathlib import Path

from firmware.command import run_command
from firmware.files import write_whole
from firmware.paths import build_folder, data_folder
from firmware.words import counted
from firmware.workers import cores
from train.corpora import check_corpora
from train.corpora.grammar import read_vocabulary
from train.corpora.lines import Lines
from train.recipe import load_recipe
from train.splits import TESTING, TRAINING, VALIDATION
from train.synthesizers import SYNTHESIZERS, Espeak
from train.wake.lexicon import Lexicon
from train.wake.own import describe_own
from train.wake.phrases import COMMON_WORDS, check_phrase, other_words, phrases_of
from train.wake.recipe_text import ESPHOME, FEATURES, SIZES, Wish, clips_per_word, recipe_text

MINUTES_TO_TRAIN = {"6k": 0.4, "20k": 0.65, "80k": 1.2}
"""Minutes of an epoch on one core."""
KOKORO_CLIPS_A_MINUTE = 50
"""Of one core."""
MEGABYTES = 600


def say(line):
    print(line, file=sys.stderr)


def require_language(wish):
    """ValueError if no synthesizer speaks the language, or if it has too few sentences."""
    if wish.language == "en":
        return
    if not Espeak().accents(wish.language):
        raise ValueError(f"LANGUAGE={wish.language}: no synthesizer speaks it; give a code such as de, fr or es")
    if not wish.text:
        raise ValueError(f"LANGUAGE={wish.language}: needs TEXT=file, sentences of that language, one in each line")
    for split in (TRAINING, VALIDATION, TESTING):
        Lines(Path(wish.text), wish.phrases, split)


def minutes_of(wish, epochs):
    """About how long it takes on this machine."""
    clips = clips_per_word(wish).get("kokoro", 0) * 1.2 * (len(wish.phrases) + max(2, len(wish.phrases)))
    return clips / KOKORO_CLIPS_A_MINUTE / cores() + epochs * MINUTES_TO_TRAIN[wish.size] + 5


def words_against(wish):
    """The other words of the recipe; says how each phrase sounds, if there is a lexicon."""
    if wish.language != "en":
        say("the phrase is not checked: the pronouncing lexicon is English")
    elif lacking := Lexicon.lacking():
        say(f"the phrase is not checked: {lacking}")
    else:
        lexicon = Lexicon()
        for phrase in wish.phrases:
            for line in check_phrase(lexicon, phrase).lines():
                say(line)
        return other_words(lexicon, wish.phrases)
    words = sorted({word.lower() for words in read_vocabulary().values() for word in words if len(word) > 3})
    parts = [part for phrase in wish.phrases for part in phrase.split("_") if part not in wish.phrases]
    return [*dict.fromkeys(parts), *words[:: len(words) // COMMON_WORDS]]


def tell(wish, recipe):
    epochs = recipe.training.epochs
    say(
        f"about {minutes_of(wish, epochs):.0f} minutes: speak {counted(len(wish.phrases), 'phrase')} and words that are none by "
        f"{', '.join(clips_per_word(wish))}, train {epochs} epochs, choose thresholds, export, measure; up to {MEGABYTES} MB in "
        f"{build_folder()}"
    )
    for name in ("kokoro", "flite"):
        if lacking := name not in clips_per_word(wish) and SYNTHESIZERS[name]().lacking():
            say(f"without {name} ({lacking}) fewer people will be heard")


def name_of(phrases):
    return "-and-".join(re.sub(r"[^\w]+", "", phrase).replace("_", "-") for phrase in phrases)[:60].strip("-")


def write_recipe(wish, name):
    """The path of the recipe of this name; ValueError if there is one for other wishes."""
    path, head = build_folder() / "wake" / f"{name}.toml", f"# {wish.command()}\n"
    if path.exists():
        if not path.read_text(encoding="utf-8").startswith(head):
            raise ValueError(f"{path}: written for other wishes, in its first line; remove it, or give another NAME=")
        say(f"{path}: used as it is")
        return path
    text = recipe_text(wish, words_against(wish), data_folder())
    write_whole(path, text.encode())
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word", required=True)
    parser.add_argument("--size", default="20k")
    parser.add_argument("--name", default="")
    parser.add_argument("--mine", default="", help="a folder of own recordings")
    parser.add_argument("--language", default="en")
    parser.add_argument("--text", default="", help="a file of sentences, for a language other than English")
    parser.add_argument("--quick", default="", help="1: few clips and epochs")
    parser.add_argument("--for", dest="target", default="", help="esphome: a model for its component micro_wake_word")
    given = parser.parse_args()
    size = given.size or "20k"
    if size not in SIZES:
        raise ValueError(f"SIZE={size}: give one of {', '.join(SIZES)}")
    if given.target not in FEATURES:
        raise ValueError(f"FOR={given.target}: {ESPHOME}, or nothing for the C library")
    mine, text = (str(Path(path).resolve()) if path else "" for path in (given.mine, given.text))
    phrases = tuple(phrases_of(given.word))
    usual = name_of(phrases) + f"-{given.target}" * bool(given.target)
    name = given.name or usual
    own_name = name if name != usual else ""
    wish = Wish(phrases, size, given.quick == "1", mine, given.language or "en", text, given.target, own_name)
    require_language(wish)
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"NAME={name}: letters, digits, - and _ alone")
    for line in describe_own(Path(mine), phrases) if mine else ():
        say(line)
    path = write_recipe(wish, name)
    recipe = load_recipe(str(path))
    tell(wish, recipe)
    check_corpora(recipe)
    print(path)


if __name__ == "__main__":
    run_command("wake", main)
