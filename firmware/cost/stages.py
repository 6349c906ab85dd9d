"""Instructions of a hop by stage, counted on an emulated core while it hears the same PCM every time."""

import random

import numpy as np

from firmware.cost.count import count_calls
from firmware.cost.elf import function_addresses, layer_steps
from firmware.files import write_whole
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.gate import AWAKE_S

FUNCTIONS = {
    "window": ("kws_window_10ms", "kws_window_20ms"),
    "fft": ("kws_fft",),
    "mel": ("kws_power_spectrum", "kws_power_spectrum_wide", "kws_mel_features"),
    "log": ("kws_log_code", "kws_log_codes"),
    "detector": ("kws_posteriors", "kws_surprise", "kws_detector_hop"),
}
"""The functions of a stage, of which an image has those that its models use: what they execute and what they call, less the
stages that they call."""

HOP = ("kws_frontend_hop", "kws_hop", "kws_anomaly_hop", "kws_gated_hop")
"""What a hop executes outside of these is the program's, not the library's; an image has those that its models use."""

OPEN = {"kws_frontend_hop": FUNCTIONS["window"], "kws_gated_hop": ("kws_hop",)}
"""What each function that has a gate calls first while it is open."""
GATES = "kws_gate_hop", "kws_gated_hop"
"""Functions of an image with a gate."""

STAGES = ("window", "fft", "mel", "log", "cell", "classifier", "detector", "other")
"""cell: the steps of all layers but the last; other: the functions of a hop themselves, the front end's history, the loop
over layers."""

FRONTEND_STAGES = STAGES[:4]

SECONDS = 2
RESONANCES = ((1.84, 0.9025), (1.27, 0.81), (0.31, 0.7225))
"""(a, b) of y[n] = x[n] + a y[n - 1] - b y[n - 2]: about 240, 1,000 and 3,500 Hz."""


def speech_like():
    """PCM int16 [samples]: every 100 ms a vowel (pulses through two resonances), a hiss or a pause, at any level.

    Made by additions and products alone, which are the same on every machine.
    """
    chance, pcm = random.Random(0), []
    for piece in range(10 * SECONDS):
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


def faint_noise(seconds):
    """PCM int16 [samples]: what a microphone makes of a quiet room."""
    chance = random.Random(0)
    return np.array([chance.randint(-6, 6) for _ in range(seconds * SAMPLE_RATE_HZ)], np.int16)


def stages_of(visits):
    """{stage: instructions} of one hop's visits; the step before the detector is the classifier's."""
    stage_of = {name: stage for stage, names in FUNCTIONS.items() for name in names} | dict.fromkeys(HOP, "other")
    spent = dict.fromkeys(STAGES, 0)
    for (name, instructions), (following, _) in zip(visits[1:], [*visits[2:], ("", 0)], strict=True):
        layer = "classifier" if following in FUNCTIONS["detector"] else "cell"
        spent[stage_of.get(name, layer)] += instructions
    return spent


def _stages_in(image):
    """({stage: its functions in an image}, the layers' steps in it)."""
    known = function_addresses(image)
    return {stage: [name for name in names if name in known] for stage, names in FUNCTIONS.items()}, layer_steps(known)


def hop_functions(image):
    """Those of HOP that are in an image."""
    known = function_addresses(image)
    return [name for name in HOP if name in known]


def sleeps(visits):
    """Whether a gate is closed in a hop with these visits."""
    names = [name for name, _ in visits]
    return any(
        following not in OPEN.get(name, (following,)) for name, following in zip(names, [*names[1:], ""], strict=True)
    )


def _visits(core, image, pcm):
    """For each hop in which an image of spotter.c hears PCM, the functions visited and their instructions."""
    stages, steps = _stages_in(image)
    recording = f"{image.stem}.pcm"
    write_whole(image.parent / recording, pcm.astype("<i2").tobytes())
    names = [*hop_functions(image), *(name for names in stages.values() for name in names), *steps]
    return count_calls(core, image, "listeners_hop", names, [recording])


def count_hops(core, image):
    """[{stage: instructions, and total}] of each hop in which an image of spotter.c hears speech_like() and does not sleep."""
    stages, steps = _stages_in(image)
    hops = []
    for visits in _visits(core, image, speech_like()):
        if sleeps(visits):
            continue
        called = {name for name, _ in visits}
        absent = [stage for stage, names in stages.items() if called.isdisjoint(names)]
        absent += ["cell"] if called.isdisjoint(steps) else []
        if absent:
            raise ValueError(f"{image}: a hop without the stages {', '.join(absent)}; see FUNCTIONS in {__file__}")
        spent = stages_of(visits)
        hops.append({**spent, "total": sum(spent.values())})
    return hops


def count_asleep(core, image):
    """The instructions of the median hop in which an image of spotter.c sleeps; None if it has no gate."""
    if function_addresses(image).keys().isdisjoint(GATES):
        return None
    visits = _visits(core, image, faint_noise(AWAKE_S + 1))
    spent = [sum(count for _, count in hop[1:]) for hop in visits if sleeps(hop)]
    return sorted(spent)[len(spent) // 2]


def median_hop(hops):
    """The hop whose total is the median, so that its stages add up to it."""
    return sorted(hops, key=lambda hop: hop["total"])[len(hops) // 2]
