"""Instructions of a hop by stage, counted on an emulated core while it hears the same PCM every time."""

import random

import numpy as np

from firmware.cost.count import count_calls
from firmware.cost.elf import function_addresses, layer_steps
from firmware.files import write_whole
from firmware.frontend import SAMPLE_RATE_HZ

FUNCTIONS = {
    "window": ("kws_window_frame",),
    "fft": ("kws_fft",),
    "mel": ("kws_power_spectrum", "kws_mel_features"),
    "log": ("kws_log_code",),
    "detector": ("kws_detector_hop",),
}
"""Which functions a stage is: it is what they execute and what they call, less the stages that they call."""

STAGES = ("window", "fft", "mel", "log", "cell", "classifier", "detector", "other")
"""cell: the steps of all layers but the last; other: kws_hop itself, the front end's history, the loop over layers."""

FRONTEND_STAGES = STAGES[:4]

SECONDS = 2
RESONANCES = ((1.84, 0.9025), (1.27, 0.81), (0.31, 0.7225))
"""(a, b) of y[n] = x[n] + a y[n - 1] - b y[n - 2]: about 240, 1,000 and 3,500 Hz."""


def speech_like(seconds=SECONDS):
    """PCM int16 [samples]: every 100 ms a vowel (pulses through two resonances), a hiss or a pause, at any level.

    Made by additions and products alone, which are the same on every machine.
    """
    chance, pcm = random.Random(0), []
    for piece in range(10 * seconds):
        level = (4000, 12, 900, 150, 16000)[piece % 5]
        period = 70 + 17 * (piece % 7)
        sounds = [0.0 if i % period else 8.0 for i in range(SAMPLE_RATE_HZ // 10)]
        if piece % 3 == 1:
            sounds = [chance.random() - 0.5 for _ in sounds]
        for a, b in (RESONANCES[piece % 3], RESONANCES[(piece + 1) % 3]):
            before = before_that = 0.0
            for i, sound in enumerate(sounds):
                before, before_that = sound + a * before - b * before_that, before
                sounds[i] = before
        pcm += [0.0 if piece % 6 == 5 else level * sound / 16 for sound in sounds]
    return np.clip(np.rint(pcm), -32768, 32767).astype(np.int16)


def stages_of(visits):
    """{stage: instructions} of one hop's visits; the last step of a layer is the classifier's."""
    stage_of = {name: stage for stage, names in FUNCTIONS.items() for name in names}
    steps = [place for place, (name, _) in enumerate(visits) if name not in stage_of and place > 0]
    spent = dict.fromkeys(STAGES, 0)
    for place, (name, instructions) in enumerate(visits):
        layer = "other" if place == 0 else "classifier" if place == steps[-1] else "cell"
        spent[stage_of.get(name, layer)] += instructions
    return spent


def count_hops(core, image):
    """[{stage: instructions, and total}] of each hop in which an image of spotter.c hears speech_like()."""
    steps = layer_steps(function_addresses(image))
    recording = f"{image.stem}.pcm"
    write_whole(image.parent / recording, speech_like().astype("<i2").tobytes())
    marked = [name for names in FUNCTIONS.values() for name in names]
    hops = []
    for visits in count_calls(core, image, "kws_hop", (*marked, *steps), [recording]):
        called = {name for name, _ in visits}
        absent = [name for name in marked if name not in called]
        if called.isdisjoint(steps):
            absent.append("a layer's kws_*_step")
        if absent:
            raise ValueError(f"{image}: a hop without a call of {', '.join(absent)}; see FUNCTIONS in {__file__}")
        spent = stages_of(visits)
        hops.append({**spent, "total": sum(spent.values())})
    return hops


def median_hop(hops):
    """The hop whose total is the median, so that its stages add up to it."""
    return sorted(hops, key=lambda hop: hop["total"])[len(hops) // 2]
