"""A hundred bad inputs to all commands: each ends with status 1 and one line that names the culprit, and changes no file."""

import re
import runpy
import sys

import numpy as np
import pytest

from firmware.paths import ROOT, build_folder
from tests.bad_inputs import (
    COMMANDS,
    RECIPE,
    SHIPPED,
    TONE,
    Bench,
    damaged,
    events,
    given,
    heard,
    mine,
    no_recipe,
    recipe,
    stream,
)

SILENT, SQUARE = np.zeros(16_000, np.int16), np.tile([20_000.0, -20_000.0], 8000).astype(np.float32)
CASES = [
    *(
        no_recipe(command)
        for command in COMMANDS
        if command not in ("monitor", "evaluate", "stream", "flash", "emulate")
    ),
    no_recipe("evaluate", "."),
    no_recipe("emulate", "a.wav"),
    no_recipe("flash", "microbit2"),
    # recipes
    recipe("a recipe that lacks a key", "units = 8\n", "", "own.toml: units"),
    recipe("no TOML", content=b"units = = 3", culprit="own.toml"),
    recipe("UTF-16", content=RECIPE.encode("utf-16"), culprit="own.toml"),
    recipe("nested 5,000 deep", content=b"a = " + b"[" * 5000, culprit="own.toml"),
    recipe("an integer of 5,000 digits", "units = 8", f"units = {'9' * 5000}", "own.toml"),
    recipe("a name", 'keywords = ["yes", "stop"]', 'name = "x"\nkeywords = ["yes"]', "name"),
    recipe("an unknown key", "units = 8", "units = 8\nunit = 8", "unit"),
    recipe("no keywords", '["yes", "stop"]', "[]", "keywords"),
    recipe("a keyword twice", '["yes", "stop"]', '["yes", "yes"]', "keywords"),
    recipe("a keyword that is no word", '["yes", "stop"]', '["yes", "  "]', "keywords"),
    recipe("a keyword with a control character", '["yes", "stop"]', '["yes", "a\\u0007b"]', "keywords"),
    recipe("a label as keyword", '["yes", "stop"]', '["yes", "unknown"]', "keywords"),
    recipe("too few units", "units = 8", "units = 1", "units"),
    recipe("units that are text", "units = 8", 'units = "many"', "units"),
    recipe("a seed of 40 digits", "units = 8", f"units = 8\nseed = {10**40}", "seed"),
    recipe("a learning rate of 1e30", "epochs = 1\n", "epochs = 1\nlearning_rate = 1e30\n", "learning_rate"),
    recipe("a learning rate of nan", "epochs = 1\n", "epochs = 1\nlearning_rate = nan\n", "learning_rate"),
    recipe("an SNR beyond float", "[training]", "[augmentation]\nsnr_db = [0, 1e308]\n[training]", "snr_db"),
    recipe("falling levels", "[training]", "[augmentation]\nlevel_db = [3, -3]\n[training]", "level_db"),
    recipe("a window of an hour", "[training]", "[mixing]\nwindow_ms = 3_600_000\n[training]", "window_ms"),
    recipe("an unknown cell", "units = 8", 'units = 8\ncell = "transformer"', "cell"),
    recipe("an unknown corpus", '"folder"', '"podcast"', "corpora"),
    recipe("a corpus that is not there", culprit="mine"),
    recipe("a corpus outside DATA", '"mine"', '"../mine"', "name"),
    recipe(
        "a background outside DATA",
        'kind = "folder"\nname = "mine"',
        'kind = "background"\nrecordings = "/etc"',
        "recordings",
    ),
    recipe(
        "a missing background",
        'kind = "folder"\nname = "mine"',
        'kind = "background"\nrecordings = "hum"',
        "hum",
    ),
    recipe(
        "missing running speech",
        'kind = "folder"\nname = "mine"',
        'kind = "running_speech"\nrecordings = "talk"',
        "talk",
    ),
    recipe(
        "a teacher that is not there",
        "[training]",
        '[teacher]\nrecipe = "sage"\n[training]',
        "recipe own: its teacher: .*sage",
    ),
    # a user's recordings
    mine("a recording of no bytes", "yes/zed_1.wav", content=b""),
    mine("a text called wav", "yes/zed_1.wav", content=b"hello"),
    mine("a header without samples", "yes/zed_1.wav", samples=TONE[:0]),
    mine("a recording of 10 ms", "yes/zed_1.wav", samples=TONE[:160]),
    mine("digital silence as a word", "yes/zed_1.wav", samples=SILENT),
    mine("float samples of int16's size", "yes/zed_1.wav", samples=SQUARE, subtype="FLOAT"),
    mine("a rate of 1 Hz", "yes/zed_1.wav", rate_hz=1),
    mine("a background of 10 ms", "_background_noise_/short.wav", samples=TONE[:160]),
    # recordings to be played
    *(
        case
        for command in ("emulate", "listen")
        for case in (
            heard(command, "no bytes", content=b""),
            heard(command, "text", content=b"RIFF, they said"),
            heard(command, "no samples", samples=TONE[:0]),
            heard(command, "10 ms", samples=TONE[:160]),
            heard(command, "float samples of int16's size", samples=SQUARE, subtype="FLOAT"),
            heard(command, "a rate of 1 Hz", rate_hz=1),
        )
    ),
    given("emulate", "no recording", SHIPPED, "", culprit="WAV="),
    given("emulate", "a missing recording", SHIPPED, "/nowhere/a.wav", culprit="/nowhere/a.wav"),
    given("emulate", "a folder", SHIPPED, str(ROOT), culprit=str(ROOT)),
    given(
        "emulate", "an unknown board", SHIPPED, __file__, "--board", "arduino", culprit=r"test_bad_inputs.py|arduino"
    ),
    given("listen", "a missing recording", SHIPPED, "--wav", "/nowhere/a.wav", culprit="/nowhere/a.wav"),
    heard("listen", "a threshold that is none")[:1]
    + ("listen", lambda bench: ([SHIPPED, "--wav", bench.recording("a.wav"), "--threshold", "yes=high"], "yes=high")),
    (
        "listen: an unknown word",
        "listen",
        lambda bench: ([SHIPPED, "--wav", bench.recording("a.wav"), "--threshold", "hi=1"], "hi"),
    ),
    (
        "listen: an unknown point",
        "listen",
        lambda bench: ([SHIPPED, "--wav", bench.recording("a.wav"), "--point", "bold"], "bold"),
    ),
    # test sets and streams
    given("evaluate", "no folder", SHIPPED, "", culprit="TEST="),
    given("evaluate", "a missing folder", SHIPPED, "/nowhere", culprit="/nowhere"),
    ("evaluate: an empty folder", "evaluate", lambda bench: ([SHIPPED, str(bench.data)], "data")),
    (
        "evaluate: a bad recording",
        "evaluate",
        lambda bench: (
            bench.recording("data/t/yes/a_1.wav", content=b"no") and [SHIPPED, str(bench.data / "t")],
            "a_1.wav",
        ),
    ),
    given("stream", "no stream", SHIPPED, "", culprit="STREAM="),
    given("stream", "a missing stream", SHIPPED, "nowhere", culprit="nowhere"),
    ("stream: a folder without kinds", "stream", lambda bench: ([SHIPPED, str(bench.data)], "data")),
    (
        "stream: a description that is no TOML",
        "stream",
        lambda bench: ([SHIPPED, bench.own(content=b"a = ")], "own.toml"),
    ),
    (
        "stream: a description of nothing",
        "stream",
        lambda bench: ([SHIPPED, bench.own(content=b'words = ["yes"]')], "own.toml"),
    ),
    stream("no columns", "path\tword\n"),
    stream("UTF-16", events(("talk/one.wav", 100, 600, "yes")).encode("utf-16")),
    stream("an unknown recording", events(("talk/two.wav", 100, 600, "yes"))),
    stream("a time that is none", events(("talk/one.wav", "soon", 600, "yes"))),
    stream("an end before its start", events(("talk/one.wav", 600, 100, "yes"))),
    stream("an end after the recording", events(("talk/one.wav", 100, 60_000, "yes")), r"events.tsv|one.wav"),
    stream("no word", events(("talk/one.wav", 100, 600, " "))),
    stream("a row too short", events(("talk/one.wav", 100))),
    # files in BUILD
    damaged("a model.json cut short", "firmware", "model.json"),
    damaged("a model.json of other keywords", "listen", "model.json", keywords=3, more=("--wav", "-")),
    damaged("a kws_model.h of no export", "package", "kws_model.h", content=b"#define KWS_MODEL_ID 1\n"),
    damaged("a stream.json cut short", "misses", "stream.json"),
    damaged("a stream.json of another kind", "misses", "stream.json", content=b"[]"),
    damaged("an evaluation.json cut short", "report", "evaluation.json"),
    damaged("a looks.json of another kind", "ship", "looks.json", content=b"{}"),
    damaged("a calibration.json cut short", "export", "calibration.json"),
    damaged("a calibration.json of wrong types", "export", "calibration.json", operating_points="none"),
    damaged("a checkpoint cut short", "export", "checkpoint.pt", content=b"PK\x03\x04"),
    damaged("a checkpoint of another kind", "calibrate", "checkpoint.pt", content=b"{}"),
    damaged("a train.json cut short", "ship", "train.json"),
    # the rest
    given("soak", "endless hours", SHIPPED, "--hours", "inf", culprit="HOURS=inf"),
    given("soak", "hours that are no number", SHIPPED, "--hours", "nan", culprit="HOURS=nan"),
    given("soak", "half an hour", SHIPPED, "--hours", "0.5", culprit="HOURS=0.5"),
    given("firmware", "an unknown core", SHIPPED, "m9", culprit="m9"),
    given("flash", "no board", SHIPPED, "", culprit="BOARD="),
    given("flash", "an unknown board", SHIPPED, "arduino", culprit="arduino"),
    given("monitor", "a port that is not there", "--port", "/dev/nowhere", culprit="/dev/nowhere"),
    given("monitor", "a file as port", "--port", __file__, culprit=__file__),
    given("ship", "what was not exported", "hello", culprit="hello"),
]


def files_below(*folders):
    """{path: (bytes, time)} of all files."""
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".git", "host"} & set(path.parts)
    }


@pytest.fixture
def bench(tmp_path, monkeypatch):
    bench = Bench(tmp_path)
    compiled = build_folder() / "host"  # for this machine, once for all cases
    compiled.mkdir(exist_ok=True)
    (bench.build / "host").symlink_to(compiled)
    monkeypatch.setenv("BUILD", str(bench.build))
    monkeypatch.setenv("DATA", str(bench.data))
    monkeypatch.chdir(tmp_path)
    return bench


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")  # runpy runs a module that is already imported
@pytest.mark.parametrize("command, case", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_input_is_one_line_that_names_it(bench, command, case, monkeypatch, capfd):
    argv, culprit = case(bench)
    before = files_below(bench.folder, ROOT / "firmware" / "models", ROOT / "train" / "recipes")
    monkeypatch.setattr(sys, "argv", [command, *argv])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(COMMANDS[command], run_name="__main__", alter_sys=True)
    line = str(ended.value.code)
    assert line.startswith(f"{command}: ") and re.search(culprit, line), line
    assert "\n" not in line, line
    assert files_below(bench.folder, ROOT / "firmware" / "models", ROOT / "train" / "recipes") == before


def test_there_are_a_hundred_of_them_over_all_commands():
    assert len(CASES) >= 100 and {case[1] for case in CASES} == set(COMMANDS)
