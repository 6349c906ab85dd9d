"""The README's commands with the shipped models that were trained on real speech; nothing is trained here."""

import re
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from calibration.detector import Detector, detect, smooth
from calibration.records import Evaluation, Look
from calibration.streams.build import build
from calibration.streams.description import load_description
from calibration.streams.events import read_stream
from firmware.audio.recordings import one_second, read_recording
from firmware.compile.cores import CORES
from firmware.emulate.qemu import run_image
from firmware.files import read_json
from firmware.host.binding import NOTHING, SpotterC
from firmware.image.board import known_boards
from firmware.image.core_image import build_image
from firmware.paths import MODELS, ROOT, build_folder
from tests.test_model_folder import NO_SUCH
from train.model import Model

FLOORS = {"commands-6k": 0.94, "commands-20k": 0.96, "commands-80k": 0.97}
"""Least accuracy on recordings of test speakers; the models' cards have the measured ones."""

RECIPE = "commands-80k"
FIVE_MINUTES_SAMPLES = 300 * 16_000
PROOF = ROOT / "tests" / "emulated" / "proof.c"


def make(target, **variables):
    """Run make in this environment; returns the finished process."""
    words = [f"{name}={value}" for name, value in {"RECIPE": RECIPE, "VENV": sys.prefix, **variables}.items()]
    return subprocess.run(["make", target, *words], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module", params=FLOORS)
def evaluation(request, corpus):
    done = make("evaluate", RECIPE=request.param, TEST=corpus("speech_commands_test_dev"))
    assert done.returncode == 0, done.stderr
    return read_json(build_folder() / request.param / "evaluation.json", Evaluation)


def test_accuracy_on_recordings_of_test_speakers(evaluation):
    assert evaluation.accuracy >= FLOORS[evaluation.recipe]


def test_streaming_and_integers_cost_little_or_nothing_that_can_be_told(evaluation):
    for mode, pairs in evaluation.against.items():
        assert abs(pairs.lost - pairs.gained) <= 0.005 * evaluation.clips or pairs.p > 0.05, (mode, pairs)


def test_the_readme_and_the_card_have_the_figures_that_the_command_prints(evaluation):
    readme, card = (path.read_text() for path in (ROOT / "README.md", MODELS / evaluation.recipe / "README.md"))
    row = next(line for line in readme.splitlines() if line.startswith(f"| [`{evaluation.recipe}`]"))
    for key in ("accuracy", "accuracy_streamed", "accuracy_float"):
        assert f"{getattr(evaluation, key):.4f}" in row, f"{key} {getattr(evaluation, key):.4f}"
        assert f"{getattr(evaluation, key):.4f}" in card, f"{key} {getattr(evaluation, key):.4f}"


def test_the_log_of_looks_has_this_one(evaluation):
    looks = read_json(MODELS / evaluation.recipe / "looks.json", list[Look])
    assert any(look.model_sha256 == evaluation.model_sha256 and look.errors == evaluation.errors for look in looks)


def test_an_emulated_core_computes_the_logits_that_were_evaluated(corpus, tmp_path):
    files = sorted(corpus("speech_commands_test_dev").glob("*/*.flac"))[::400]
    pcm = np.concatenate([one_second(read_recording(path)) for path in files])
    model, core = MODELS / RECIPE, CORES["m0"]
    image = build_image(core, PROOF, tmp_path / core.name, [model])
    (tmp_path / "input").write_bytes(pcm.tobytes())
    run_image(core, image, "hear", "input", "output", folder=tmp_path)
    trace = SpotterC(model).hear(pcm)
    hops = zip(trace.memory, trace.smoothed, trace.detected, strict=True)
    wanted = b"".join(memory.tobytes() + smoothed.tobytes() + bytes([detected]) for memory, smoothed, detected in hops)
    assert (tmp_path / "output").read_bytes() == wanted


def test_five_minutes_are_the_same_detections_in_numpy_in_c_and_on_an_m4(tmp_path):
    """A built stream of words, noise and running speech, hop by hop, from PCM."""
    recordings = [path for kind in read_stream(build(load_description("small"))).values() for path, _ in kind]
    pcm = np.resize(np.concatenate([read_recording(path) for path in recordings]), FIVE_MINUTES_SAMPLES)
    folder, core = MODELS / "commands-20k", CORES["m4"]
    spotter, model = SpotterC(folder), Model.load(folder / "weights.npz")
    trace, detector = spotter.hear(pcm), Detector.of(spotter.model, spotter.model.words)
    (tmp_path / "input").write_bytes(pcm.tobytes())
    run_image(core, build_image(core, PROOF, tmp_path, [folder]), "hear", "input", "output", folder=tmp_path)
    hop_bytes = 2 * spotter.memory_codes + 2 * model.keywords + 1
    on_m4 = np.frombuffer((tmp_path / "output").read_bytes(), np.uint8).reshape(-1, hop_bytes)[:, -1]
    logits, _ = model.quantize().run(trace.codes[None])
    smoothed = smooth(logits, model.keywords, detector.rule.smoothing_shift)[0]
    in_numpy = detect(smoothed, detector.points[0].thresholds, detector.rule)
    assert len(trace.detected) == 15_000 and (trace.detected != NOTHING).sum() >= 5
    np.testing.assert_array_equal(trace.detected, in_numpy)
    np.testing.assert_array_equal(trace.detected, on_m4)


def test_make_emulate_prints_what_it_heard(corpus):
    recording = sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0]
    done = make("emulate", WAV=recording)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"(Heard [a-z]+ \(\d\.\d\d\) @ \d+ ms\n)+|Heard nothing\n", done.stdout)


def test_make_firmware_builds_an_image_for_every_core_and_every_board():
    done = make("firmware")
    assert done.returncode == 0, done.stderr
    assert all((build_folder() / RECIPE / core / "spotter.elf").exists() for core in CORES)
    for board in known_boards():
        made = {path.suffix for path in (build_folder() / RECIPE / board).glob("application.*")}
        assert made - {".uf2"} == {".elf", ".map", ".bin", ".hex"} and (".uf2" in made) == (board == "pico")


def test_make_firmware_builds_for_one_board_alone():
    done = make("firmware", RECIPE="commands-6k", BOARD="microbit2")
    assert re.fullmatch(
        r"\S+/microbit2/application.elf: \d+ bytes of flash, \d+ of RAM without the stack\n", done.stdout
    )


def test_make_emulate_runs_a_boards_application(corpus):
    recording = sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0]
    done = make("emulate", RECIPE="commands-6k", WAV=recording, BOARD="b_l475e")
    assert re.fullmatch(
        r"Jerboa on b_l475e\nself-test( [0-9a-f]{8}){3}: ok\n((Heard [a-z]+ \(\d\.\d\d\) @ \d+ ms\n)+|Heard nothing\n)",
        done.stdout,
    )


def test_a_board_that_hears_nothing_says_so(tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(1600, np.int16), 16_000)
    done = make("emulate", RECIPE="commands-6k", WAV=tmp_path / "silence.wav", BOARD="nano33ble")
    assert done.stdout.splitlines()[2:] == ["Heard nothing"]


@pytest.mark.parametrize(
    "target, variables, message",
    [
        ("emulate", {"WAV": "nowhere.wav"}, "nowhere.wav: no such file"),
        ("emulate", {"WAV": ""}, "no recording; give one as WAV="),
        ("emulate", {"WAV": "nowhere.wav", "BOARD": "teapot"}, "emulate: no board teapot; give one of"),
        ("firmware", {"BOARD": "teapot"}, "firmware: no core or board teapot; there are m0, m0plus, m3"),
        ("flash", {}, "flash: BOARD= is missing; give one of b_l475e, microbit2, nano33ble, pico"),
        ("firmware", {"RECIPE": "", "BOARD": "pico"}, "RECIPE= is empty: give a name in train/recipes"),
        ("listen", {"WAV": "nowhere.wav"}, "listen: nowhere.wav: no such file"),
        ("wake", {"QUICK": "yes"}, "QUICK=yes: give QUICK=1, or leave it out"),
        ("cost", {"BUDGET": "writ e"}, "BUDGET=writ e: give BUDGET=write, or leave it out"),
        ("evaluate", {"TEST": "nowhere"}, "no such folder; give a folder of test recordings as TEST="),
        *(
            (
                target,
                {"RECIPE": recipe, "BOARD": "pico", "TEST": "docs", "STREAM": "small"},
                f"nonesuch.toml: {NO_SUCH}",
            )
            for recipe, targets in (
                ("nonesuch", ("train", "export", "evaluate", "stream", "listen")),
                ("commands-6k nonesuch", ("firmware", "flash", "emulate", "cost")),
            )
            for target in targets
        ),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_one_line(target, variables, message):
    done = make(target, **variables)
    assert done.returncode != 0 and message in done.stderr and "Traceback" not in done.stderr, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1 and not done.stdout, done.stderr
