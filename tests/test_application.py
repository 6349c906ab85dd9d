"""The application as a board runs it, on the emulated board that has a serial port: what it says on that port."""

import re
import subprocess
import sys

import numpy as np
import pytest

from firmware.audio.recordings import read_recording
from firmware.compile.compiler import host_compiler, run_compiler
from firmware.cost.elf import symbols
from firmware.cost.stack import deepest_path, path_bytes
from firmware.host.binding import NOTHING, SpotterC
from firmware.image.models_c import write_models
from firmware.image.selftest import expected
from firmware.image.selftest import sound as selftest_sound
from firmware.listen.listener import Detection
from firmware.paths import APPLICATION, BOARDS, LIBRARY, MODELS, ROOT
from tests.application_c import load_with_model
from tests.netduinoplus2 import NETDUINOPLUS2, build_application, running

HOP_SAMPLES = 320


@pytest.fixture(scope="module")
def model(exported):
    return exported(units=13)[-1]


@pytest.fixture(scope="module")
def image(model, tmp_path_factory):
    return build_application(NETDUINOPLUS2, [model], tmp_path_factory.mktemp("application"), ("-fstack-usage",))


def detections(model, pcm):
    """The lines of what the host hears."""
    spotter = SpotterC(model)
    trace = spotter.hear(pcm)
    return [
        str(Detection(spotter.labels[label], int(trace.smoothed[hop, label]), 20 * (hop + 1)))
        for hop, label in enumerate(trace.detected)
        if label != NOTHING
    ]


# --- hearing


def test_it_starts_with_the_hosts_self_test_and_hears_what_the_host_hears(image, model, sound, tmp_path):
    pcm = sound(4)
    wanted = detections(model, pcm)
    with running(image, pcm, tmp_path) as board:
        hashes = " ".join(f"{value:08x}" for value in expected(model))
        assert board.until("self-test") == ["Jerboa on netduinoplus2", f"self-test {hashes}: ok"]
        assert len(wanted) >= 3 and board.until(wanted[-1]) == wanted
        (stats,) = board.ask("stats", "stats")
        assert stats.endswith(" 0 missed")


def test_it_says_so_where_the_model_is_damaged(image, tmp_path):
    """One bit of the model's table, in the image."""
    damaged, content = tmp_path / "damaged.elf", bytearray(image.read_bytes())
    place = content.index(b"unknown\0silence\0")
    content[place] ^= 1
    damaged.write_bytes(content)
    with running(damaged, np.zeros(0), tmp_path) as board:
        assert board.until("the model")[-1] == "the model is damaged: flash the image again"


def test_it_says_so_where_the_program_goes_astray(model, tmp_path):
    """As on every board: what startup.c calls in a fault."""
    write_models([model], tmp_path)
    include = (f"-I{folder}" for folder in (LIBRARY, APPLICATION, tmp_path))
    sources = (ROOT / "tests" / "host" / "fault.c", BOARDS / "halt.c")
    run_compiler([*host_compiler(), *include, "-o", tmp_path / "fault", *sources])
    assert run_compiler([tmp_path / "fault"]) == "\nfault: the program went where it should not; reset the board\n"


def test_it_hears_yes(corpus, tmp_path):
    recipe = MODELS / "commands-6k"
    pcm = read_recording(sorted((corpus("speech_commands_test_dev") / "yes").glob("*.flac"))[0])
    with running(build_application(NETDUINOPLUS2, [recipe], tmp_path), pcm, tmp_path) as board:
        board.until("self-test")
        (heard,) = board.until("Heard")
        assert re.fullmatch(r"Heard yes \(\d\.\d\d\) @ \d+ ms", heard)


def test_the_self_test_is_the_same_sound_in_c_and_python_and_fails_where_a_bit_differs(model, tmp_path):
    ffi, library = load_with_model(["selftest.c", "crc32.c"], ["selftest.h"], model, tmp_path)
    made, hop = ffi.new("struct selftest_sound *"), np.empty(HOP_SAMPLES, np.int16)
    for wanted in selftest_sound().reshape(-1, HOP_SAMPLES):
        library.selftest_hop(made, ffi.cast("int16_t *", ffi.from_buffer(hop)))
        np.testing.assert_array_equal(hop, wanted)
    for bit in (None, 0, 31):
        for part in range(3):
            values = list(expected(model))
            values[part] ^= 0 if bit is None else 1 << bit
            assert library.selftest_is_expected(0, ffi.new("struct selftest_result *", values)) == (bit is None)


def test_the_self_tests_sound_moves_all_that_it_is_to_test():
    trace = SpotterC(MODELS / "commands-6k").hear(selftest_sound())
    moved = np.ptp(trace.memory.astype(int), axis=0)
    assert moved.min() > 0 and moved[: trace.bands].min() > 40 and moved[-trace.outputs :].min() > 1024


@pytest.mark.parametrize(
    "recipe, status, said",
    [("commands-6k", 0, r"self-test( [0-9a-f]{8}){3}\n"), ("hello", 1, "selftest: no exported model")],
)
def test_the_module_prints_the_hosts_result(recipe, status, said):
    command = [sys.executable, "-m", "firmware.image.selftest", recipe]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == status and re.match(said, done.stdout + done.stderr)


# --- commands


def test_commands_are_answered_and_rubbish_changes_nothing(image, tmp_path):
    silence = np.zeros(HOP_SAMPLES, np.int16)
    with running(image, silence, tmp_path) as board:
        board.until("self-test")
        assert board.ask("help", "reset") == documented("<!-- what `help` prints -->", "<!-- to here -->")
        before = board.ask("model", "threshold word9")
        assert before[0].endswith("on netduinoplus2, points balanced strict")
        for rubbish in ("threshold word1 2.0", "point sharp", "launch", "x" * 300, b"\xff\x00\x07\n", "capture"):
            (refused,) = board.ask(rubbish, "refused")
        assert board.ask("model", "threshold word9") == before
        assert board.ask("threshold word3 0.8125", "threshold") == ["threshold word3 0.8125"]
        assert board.ask("point strict", "point") == ["point strict"]
        assert board.ask("model", "threshold word9")[4] == f"threshold word3 {20000 / 32768:.4f}"
        assert board.ask("reset", "reset") == ["reset"]
        assert board.ask("model", "threshold word9") == before
        (again,) = board.ask("selftest", "self-test")
        assert again.endswith(": ok")
        (stats,) = board.ask("stats", "stats")
        assert re.fullmatch(r"stats: load \d+\.\d%, worst hop \d+\.\d\d ms, \d+ hops heard, 0 missed", stats)


def documented(start, end):
    """The lines that stand in docs/application.md between two others."""
    page = (ROOT / "docs" / "application.md").read_text()
    return [line.strip() for line in page.partition(f"{start}\n")[2].partition(end)[0].splitlines()]


def test_the_page_has_the_self_test_of_commands_20k():
    hashes = " ".join(f"{value:08x}" for value in expected(MODELS / "commands-20k"))
    assert documented("    Jerboa on microbit2", "    Heard") == [f"self-test {hashes}: ok"]


# --- what it takes


def test_the_stack_is_bounded_and_has_room(image):
    path = deepest_path(image, "main")
    ends = {symbol.name: symbol.address for symbol in symbols(image)}
    room = ends["image_stack_top"] - ends["image_bss_end"]
    assert path[0][0] == "main" and 300 < path_bytes(path) < 1500 < room
