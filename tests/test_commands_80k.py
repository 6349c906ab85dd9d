"""The shipped model that heard real people: its accuracy, its drop from float, and what an emulated core hears of it."""

import subprocess
import sys

import numpy as np
import pytest

from calibration.evaluate import evaluate
from firmware.audio import one_second, read_recording
from firmware.build import CORES, build_image
from firmware.emulate import run_image
from firmware.host import SpotterC
from firmware.paths import MODELS, ROOT

RECIPE = "commands-80k"
PROOF = ROOT / "tests" / "emulated" / "proof.c"


@pytest.fixture(scope="module")
def evaluation(corpus):
    return evaluate(RECIPE, corpus("speech_commands_test_dev"))


def test_accuracy_on_recordings_of_test_speakers(evaluation):
    assert evaluation["accuracy"] >= 0.92


def test_streaming_and_integers_cost_less_than_a_point(evaluation):
    assert abs(evaluation["accuracy_streamed"] - evaluation["accuracy"]) <= 0.01
    assert abs(evaluation["accuracy_float"] - evaluation["accuracy"]) <= 0.01


def test_an_emulated_core_computes_the_logits_that_were_evaluated(corpus, tmp_path):
    folder = corpus("speech_commands_test_dev")
    files = sorted(folder.glob("*/*.flac"))[::400]
    pcm = np.concatenate([one_second(read_recording(path)) for path in files])
    model, core = MODELS / RECIPE, CORES["m0"]
    image = build_image(core, model, PROOF, tmp_path / core.name)
    (tmp_path / "input").write_bytes(pcm.tobytes())
    run_image(core, image, "hear", tmp_path / "input", tmp_path / "output")
    trace = SpotterC(model).hear(pcm)
    found = (tmp_path / "output").read_bytes()
    hop = len(found) // len(trace.codes)
    wanted = b"".join(array.tobytes() for step in range(len(trace.codes))
                      for array in (trace.codes[step], trace.states[step], trace.logits[step], trace.smoothed[step],
                                    trace.detected[step : step + 1]))
    assert hop * len(trace.codes) == len(found) and found == wanted


def test_the_emulate_command_prints_what_it_heard(corpus):
    recording = sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0]
    done = subprocess.run([sys.executable, "-m", "firmware.emulate", RECIPE, recording], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("Heard "), done.stdout + done.stderr


def test_a_missing_recording_is_an_error_that_names_it():
    done = subprocess.run([sys.executable, "-m", "firmware.emulate", RECIPE, "nowhere.wav"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "nowhere.wav" in done.stderr and "Traceback" not in done.stderr
