"""Models of voice: recipe, labels, thresholds; the gate that one is for the others of an image, the same bits everywhere."""

import re
from dataclasses import replace

import numpy as np
import pytest

from calibration.detector import Detector, DetectorRule, detect, smooth
from calibration.voice_points import FEW, choose_voice_points
from export.c_files import write_c
from firmware.compile.cores import CORES
from firmware.cost.elf import function_addresses
from firmware.cost.measure import build_counted, measure
from firmware.emulate.qemu import run_image
from firmware.gate import AWAKE_S, held_open
from firmware.host.binding import CERTAIN, NOTHING, SpotterC
from firmware.image.core_image import build_image
from firmware.image.models_c import header, read_models, source
from firmware.paths import MODELS, ROOT
from tests.conftest import random_model
from tests.gated import GatedSpotter
from tests.measure.voice import errors
from train import training
from train.corpora.clips import FRAME_MS, RUNNING_SPEECH, Clip, Clips
from train.corpora.spans import spoken_frames
from train.recipe import TASKS, load_recipe
from train.splits import TRAINING
from train.voice import SILENCE, VOICE, VoiceLoss, spoken_in
from train.windows import Composer

PROOF = ROOT / "tests" / "emulated" / "proof.c"
SECOND = 50
"""Hops of 20 ms."""


def write_voice(name, folder):
    """The C of a lively model of voice."""
    model = replace(random_model(6, task="voice", cell="ssm", depthwise_frames=3), recipe=name)
    write_c(model, model.quantize(), Detector.with_one_threshold(CERTAIN // 2, 1), folder)
    return folder


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """The folder of a lively model of voice."""
    return write_voice("voice", tmp_path_factory.mktemp("voice") / "c")


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """(model, the folder of its C) of two layers with memories of several kinds, and the features of `voice`."""
    model = random_model(20, cell="ssm", layers=2, depthwise_frames=3)
    folder = tmp_path_factory.mktemp("words") / "c"
    write_c(model, model.quantize(), Detector.with_one_threshold(9000, model.keywords, DetectorRule(2, 5)), folder)
    return model, folder


def noises_and_pauses(sound):
    """PCM of 16 s with pauses of 2 s of digital silence, so that a gate opens and closes."""
    pcm = sound(16)
    pcm.reshape(-1, 32000)[1::2] = 0
    return pcm


def test_a_gate_stays_open_for_a_second_after_the_last_hop_that_opened_it():
    opened = np.zeros(300, bool)
    opened[[60, 62, 200]] = True
    open_at = held_open(opened, random_model(8).frontend)
    assert not open_at[:60].any() and open_at[60 : 62 + SECOND].all() and not open_at[62 + SECOND : 200].any()
    assert open_at.sum() == 2 + 2 * SECOND and AWAKE_S == 1


def test_a_gated_stream_in_c_is_the_references(voice, words, sound):
    model, folder = words
    gated, pcm = GatedSpotter(SpotterC(folder), SpotterC(voice)), noises_and_pauses(sound)
    gated.reset()
    pieces = [gated.hear(piece) for piece in np.split(pcm, [64000, 70400])]
    logits, smoothed, detected, awake, memory, codes = (
        np.concatenate([getattr(trace, name) for trace in pieces])
        for name in ("logits", "smoothed", "detected", "awake", "memory", "codes")
    )
    heard = SpotterC(voice).hear(pcm)
    opened = heard.smoothed[:, 0] >= CERTAIN // 2
    np.testing.assert_array_equal(awake, held_open(opened, model.frontend))
    assert 0 < awake.mean() < 1 and 1 < np.abs(np.diff(awake)).sum()
    np.testing.assert_array_equal(logits[awake], model.quantize().run(codes[awake][None])[0][0])
    asleep = np.flatnonzero(~awake[1:]) + 1
    np.testing.assert_array_equal(memory[asleep, 40:], memory[asleep - 1, 40:])
    wanted = np.zeros_like(smoothed)
    for run in np.split(np.arange(len(awake)), np.flatnonzero(np.diff(awake)) + 1):
        if awake[run[0]]:
            wanted[run] = smooth(logits[run][None], model.keywords, 2)[0]
    np.testing.assert_array_equal(smoothed, wanted)
    np.testing.assert_array_equal(detected, detect(smoothed, [9000] * model.keywords, DetectorRule(2, 5)))
    np.testing.assert_array_equal(gated.detect(logits, awake), detected)
    assert (detected[~awake] == NOTHING).all() and (detected != NOTHING).any()


@pytest.mark.parametrize("core", ["m0plus", "m4", "m55"])
def test_every_core_gates_as_the_host(core, voice, words, sound, tmp_path):
    pcm, parts = noises_and_pauses(sound), []
    image = build_image(CORES[core], PROOF, tmp_path / core, [words[1], voice])
    (tmp_path / "input").write_bytes(pcm.tobytes())
    run_image(CORES[core], image, "hear", "input", "output", folder=tmp_path)
    for trace in (SpotterC(voice).hear(pcm), GatedSpotter(SpotterC(words[1]), SpotterC(voice)).hear(pcm)):
        parts += [trace.memory, trace.smoothed, trace.detected[:, None]]
    wanted = np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in parts], axis=1)
    assert (tmp_path / "output").read_bytes() == wanted.tobytes()


def test_a_model_of_voice_comes_first_and_gates_the_others(voice, words):
    models = read_models([MODELS / "commands-6k", words[1], voice])
    assert [model.name for model in models] == ["voice", "commands_6k", "random"]
    assert "#define GATED 1" in header(models) and source(models).count("{&stream_voice.kws, 0}") == 2
    assert "#define GATED 0" in header(models[1:]) and "#define GATED 0" in header(models[:1])
    assert source(models).count(".gate = NULL") == 1


def test_a_machine_is_heard_while_nobody_speaks(voice, words, tmp_path):
    machine = replace(random_model(6, task="anomaly"), recipe="machine")
    write_c(machine, machine.quantize(), Detector.with_one_threshold(9000, 1), tmp_path / "machine")
    text = source(read_models([voice, words[1], tmp_path / "machine"]))
    assert text.count("{&stream_voice.kws, 0}") == 1 and text.count(".gate = NULL") == 2


def test_there_is_a_training_of_each_task():
    assert set(training.TRAININGS) == set(TASKS)


def test_two_models_of_voice_are_refused(voice, tmp_path):
    with pytest.raises(
        ValueError, match=f"^{re.escape(str(voice))} and .*other: two models of voice in an image; leave one"
    ):
        read_models([voice, MODELS / "commands-6k", write_voice("other", tmp_path / "other")])


def test_without_a_model_of_voice_nothing_of_the_gate_is_linked(words, tmp_path):
    image = build_counted(CORES["m4"], [words[1]], tmp_path / "image")
    assert "kws_gated_hop" not in function_addresses(image)


def test_the_cost_of_an_image_is_told_awake_and_asleep(voice, words, tmp_path):
    models = [voice, words[1]]
    both = measure(CORES["m4"], models, build_counted(CORES["m4"], models, tmp_path / "both"))
    alone = [
        measure(CORES["m4"], [model], build_counted(CORES["m4"], [model], tmp_path / model.parent.name))
        for model in models
    ]
    first, second = (each["instructions_per_hop"] for each in alone)
    front = sum(first[stage] for stage in ("window", "fft", "mel", "log"))
    awake = both["instructions_per_hop"]["total"]
    assert awake == pytest.approx(first["total"] + second["total"] - front, rel=0.03)
    assert both["instructions_asleep"] == pytest.approx(first["total"], rel=0.03)
    assert both["ram"]["state"] == alone[0]["ram"]["state"] + alone[1]["ram"]["state"] - (8 + 2 * (40 + 160)) + 8


def running_clip(split=TRAINING):
    """A Clip of 3 s whose middle second alone is loud, with a pause of 100 ms in it."""
    codes = np.full((300, 40), -120, np.int8)
    codes[100:200] = 60
    codes[140:150] = -120
    return Clip.throughout(codes, RUNNING_SPEECH, "eve", split)


def test_somebody_speaks_in_loud_frames_and_in_the_pauses_within_words():
    level_db = np.repeat([20.0, 60, 20, 60, 20, 45], [100, 40, 10, 50, 100, 5])
    spoken = spoken_frames(level_db, FRAME_MS)
    np.testing.assert_array_equal(np.flatnonzero(np.diff(spoken)) + 1, [100, 200, 300])


@pytest.fixture
def clips():
    codes = np.full((60, 40), 30, np.int8)
    word = Clip(codes, "yes", "ann", TRAINING, (20, 45))
    return Clips.of([word, running_clip(), Clip.throughout(codes, "silence", "fan", TRAINING)])


def test_labels_are_of_the_clean_clips(clips):
    spoken = spoken_in(clips, load_recipe("voice-2k").labels_of(clips.word))
    np.testing.assert_array_equal(np.flatnonzero(np.diff(spoken)) + 1, [20, 45, 160, 260])


def test_the_loss_is_least_where_every_hop_is_told_right(clips):
    import torch

    recipe = load_recipe("voice-2k")
    labels = recipe.labels_of(clips.word)
    layout = Composer(recipe, clips, labels).draw(8, np.random.default_rng(0))
    loss_of = VoiceLoss(clips, labels)
    spoken = layout.sounds & loss_of.spoken[layout.source]
    assert 0 < spoken.mean() < 1
    right = torch.zeros((*spoken.shape, 2))
    right[:, :, VOICE], right[:, :, SILENCE] = (torch.from_numpy(chosen * 9.0) for chosen in (spoken, ~spoken))
    assert loss_of(right, layout) < 0.001 < 0.6 < loss_of(0 * right, layout) < 0.7 < 8 < loss_of(-right, layout)


def test_thresholds_are_chosen_by_the_share_of_hops():
    random = np.random.default_rng(0)
    spoken = np.arange(20_000) % 2 == 0
    smoothed = np.clip(random.normal(np.where(spoken, 20_000, 12_000), 3_000), 0, CERTAIN).astype(int)
    points = {
        point.name: point.thresholds["voice"] * CERTAIN for point in choose_voice_points(smoothed, spoken, "voice")
    }
    missed = {name: (smoothed[spoken] < threshold).mean() for name, threshold in points.items()}
    taken = {name: (smoothed[~spoken] >= threshold).mean() for name, threshold in points.items()}
    assert points["eager"] < points["balanced"] < points["strict"]
    assert missed["balanced"] == pytest.approx(taken["balanced"], abs=0.002)
    assert FEW - 0.002 < missed["eager"] <= FEW and FEW - 0.002 < taken["strict"] <= FEW


def test_errors_are_shares_of_the_hops_with_and_without_a_voice():
    spoken = np.array([1, 1, 1, 1, 0, 0], bool)
    assert errors(np.array([1, 1, 1, 0, 0, 1], bool), spoken) == (0.25, 0.5)


def test_a_recipe_of_voice_has_one_keyword_which_every_word_is(recipe):
    voice = load_recipe("voice-2k")
    assert voice.labels == ("voice", "silence")
    assert [voice.label_of(word) for word in ("yes", "voice", RUNNING_SPEECH, "_silence_")] == [0, 0, 0, 1]
    with pytest.raises(ValueError, match='with task = "voice" there is one'):
        recipe('task = "voice"')


def test_a_voice_has_no_features_of_esphome(recipe):
    with pytest.raises(ValueError, match="frontend.kind = micro: ESPHome hears keywords alone, not a voice; remove it"):
        recipe('task = "voice"\nfrontend = { kind = "micro" }')
