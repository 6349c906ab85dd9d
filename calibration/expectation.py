"""What to expect of a model of wake phrases:  python -m calibration.expectation RECIPE    writes BUILD/RECIPE/stream.json

Measures its C on a stream of voices, and on a synthesizer, that no recipe trains on, in quiet and in noise; on running speech, by
people where DATA has some; and on recordings of people in DATA/wake_words_people, if its phrases are among them.  Prints misses
and false accepts an hour at each operating point, and the commands that come next.
"""

import argparse

from calibration.benchmark.description import PEOPLE, READ_SPEECH
from calibration.streams.build import build
from calibration.streams.description import (
    Description,
    Kind,
    SpokenPassages,
    SpokenWords,
    SyntheticBed,
    UntranscribedSpeech,
)
from calibration.streams.measurement import measure
from calibration.streams.tables import points_table
from firmware.command import run_command
from firmware.files import write_json
from firmware.paths import build_folder, data_folder
from firmware.recipes import make_command
from train.corpora.folders import words_in
from train.recipe import load_recipe
from train.splits import TESTING
from train.synthesizers import SYNTHESIZERS

CLIPS_PER_WORD, PEOPLE_PER_WORD = 30, 300
KEYWORDS_PER_MINUTE = 6
QUIET, NOISY = (20.0, 40.0), (5.0, 15.0)
"""Ranges of SNR, dB."""
SPEECH_MINUTES = 60
BED = SyntheticBed(recordings=6)


def language_of(recipe):
    """(language, text file or nothing, {keyword: texts}) in which its keywords are spoken."""
    speech = next((section for section in recipe.corpora if section.kind == "speech"), None)
    sentences = next((section for section in recipe.corpora if section.kind == "sentences"), None)
    if speech is None:
        raise ValueError(f"recipe {recipe.name}: without corpus speech, nothing says how its words are spoken")
    return speech.language, sentences.text if sentences else "", speech.say


def spoken_by(language):
    """The names of the synthesizers with testing voices: the best and one that never trains; espeak-ng if there are none."""
    able = [name for name in ("kokoro", "pico") if SYNTHESIZERS[name]().voices_of(TESTING, language)]
    return able or ["espeak-ng"]


def with_words(keywords, count, snr_db):
    """The Kind of so many keywords in noise."""
    hours = count / KEYWORDS_PER_MINUTE / 60
    return Kind(
        hours=hours,
        keywords=keywords,
        keywords_per_minute=KEYWORDS_PER_MINUTE,
        bed=BED,
        bed_db=(-55.0, -40.0),
        snr_db=snr_db,
    )


def description_of(recipe):
    """The Description of the stream for a recipe."""
    language, text, say = language_of(recipe)
    words, quiet = recipe.keywords, dict(bed=BED, bed_db=(-70.0, -60.0))
    kinds = {}
    for name in spoken_by(language):
        spoken = SpokenWords(words=words, clips_per_word=CLIPS_PER_WORD, synthesizer=name, language=language, say=say)
        for where, snr_db in (("quiet", QUIET), ("noise", NOISY)):
            kinds[f"{name}-{where}"] = with_words(spoken, CLIPS_PER_WORD * len(words), snr_db)
    data = data_folder()
    if (data / PEOPLE).is_dir() and set(words) <= set(words_in(data / PEOPLE, tell=False)):
        for where, snr_db in (("quiet", QUIET), ("noise", NOISY)):
            kinds[f"people-{where}"] = with_words(PEOPLE, PEOPLE_PER_WORD * len(words), snr_db)
    passages = SpokenPassages(minutes=SPEECH_MINUTES, language=language, text=text)
    kinds["synthetic-speech"] = Kind(sentences=passages, **quiet)
    if (data / READ_SPEECH).is_dir():
        kinds["read-speech"] = Kind(sentences=UntranscribedSpeech(untranscribed=READ_SPEECH), **quiet)
    return Description(name=f"{recipe.name}-expectation", words=words, kinds=kinds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    recipe = load_recipe(parser.parse_args().recipe, ("keywords",))
    measured = measure(recipe.name, str(build(description_of(recipe))))
    write_json(build_folder() / recipe.name / "stream.json", measured)
    print(points_table(measured))
    print("next:")
    for goal, what in (
        ("listen", "hear yourself at the microphone"),
        ("page", "the same in a browser, and recordings of your own"),
        ("report", "one page about the model"),
        ("flash", "onto a board: BOARD=microbit2 and others"),
        ("package", "as a library for Arduino, PlatformIO, CMSIS, Zephyr"),
    ):
        print(f"  {make_command(goal, recipe.name)}   # {what}")


if __name__ == "__main__":
    run_command("expectation", main)
