"""Tests a model of synthetic speech on an emulated core: python -m tests.measure.hear RECIPE [--core CORE]

Speaks twenty recordings by base voices of neither training nor validation, half of them keywords and half other words, each in
two seconds of soft noise.  A recording is right if the core detects its keyword once and nothing else, or nothing if it has no
keyword.  Ends with status 0 if at least seventeen are right.  The recordings stay in BUILD/RECIPE/recordings.
"""

import argparse
import sys

import numpy as np
import soundfile

from firmware.audio.recordings import one_second, rounded_pcm
from firmware.command import run_command
from firmware.compile.cores import CORES
from firmware.emulate.qemu import hear
from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.image.core_image import build_spotter
from firmware.paths import build_folder
from train.corpora.speech import speak_clips
from train.recipe import load_recipe
from train.splits import TESTING
from train.synthesizers.espeak import Espeak

RECORDINGS = 20
RIGHT_AT_LEAST = 17
SEED = 20
NOISE_RMS = 20


def speech_section(recipe):
    sections = [section for section in recipe.corpora if section.kind == "speech"]
    if not sections:
        raise ValueError(
            f"recipe {recipe.name} is not trained on synthetic speech; "
            "`make emulate WAV=file` and `make evaluate TEST=folder` hear recordings"
        )
    return sections[0]


def make_recordings(recipe):
    """[(word, voice, PCM int16 of two seconds)], keywords and other words in turn."""
    section = speech_section(recipe)
    random = np.random.default_rng(SEED)
    synthesizer = Espeak()
    others = [word for word in section.other_words if word not in recipe.keywords]
    words = [
        word
        for pair in zip(
            np.resize(recipe.keywords, RECORDINGS // 2),
            random.choice(others, RECORDINGS // 2, replace=len(others) < RECORDINGS // 2),
            strict=True,
        )
        for word in map(str, pair)
    ]
    spoken = speak_clips(random, synthesizer, words, synthesizer.voices_of(TESTING, section.language))
    around = CLIP_SAMPLES // 2
    return [
        (
            clip.word,
            clip.utterance.voice,
            rounded_pcm(np.pad(one_second(clip.pcm), around) + random.normal(0, NOISE_RMS, 2 * CLIP_SAMPLES)),
        )
        for clip in spoken
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--core", choices=CORES, default="m4")
    arguments = parser.parse_args()
    recipe, core = load_recipe(arguments.recipe, ("keywords",)), CORES[arguments.core]
    image = build_spotter([recipe.name], core)
    folder = build_folder() / recipe.name / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    right = 0
    for number, (word, voice, pcm) in enumerate(make_recordings(recipe), start=1):
        soundfile.write(folder / f"{number:02d}-{word}-{voice.replace(' ', '-')}.wav", pcm, SAMPLE_RATE_HZ)
        lines = hear(core, image, [pcm])
        heard = [line.split()[1] for line in lines if line.startswith("Heard ")]
        correct = heard == ([word] if word in recipe.keywords else [])
        right += correct
        print(f"{'right' if correct else 'WRONG'}  {voice:>12} says {word:<8}  {'; '.join(lines) or '-'}", flush=True)
    print(f"an emulated {core.name} heard {right} of {RECORDINGS} recordings right (at least {RIGHT_AT_LEAST} wanted)")
    sys.exit(right < RIGHT_AT_LEAST)


if __name__ == "__main__":
    run_command("hear", main)
