"""Several models in one image: each detects what it detects alone, and those with the same features share a front end."""

import re
import shutil

import numpy as np
import pytest

from firmware.audio.recordings import read_recording
from firmware.compile.cores import CORES
from firmware.cost.count import count_calls
from firmware.cost.footprint import flash_bytes, frontend_bytes, ram_bytes
from firmware.cost.measure import build_counted
from firmware.emulate.qemu import hear, run_image
from firmware.host.binding import NOTHING, SpotterC
from firmware.image.core_image import build_image
from firmware.image.models_c import read_models
from firmware.listen.listener import Detection
from firmware.model_json import read_model_json
from firmware.paths import EMULATED, MODELS, ROOT
from firmware.recipes import recipe_name, recipe_names
from tests.netduinoplus2 import NETDUINOPLUS2, build_application, running
from train.recipe import load_recipe

SHIPPED = [MODELS / "commands-6k", MODELS / "commands-20k"]
PROOF = ROOT / "tests" / "emulated" / "proof.c"
SECONDS = 10


@pytest.fixture(scope="module")
def three(exported):
    """Two with the same features, and between them one of half the hop, another cell and other bands."""
    *_, dense = exported(units=7, bands=80, hop_ms=10)
    return [SHIPPED[0], dense, SHIPPED[1]]


def records(folder, pcm):
    """What proof.c writes of each hop of a model alone, uint8 [hops, bytes]."""
    trace = SpotterC(folder).hear(pcm)
    parts = (trace.memory, trace.smoothed, trace.detected[:, None])
    return np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in parts], axis=1)


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_every_bit_of_each_is_as_it_is_alone(core, three, sound, tmp_path):
    pcm = sound(SECONDS)
    image = build_image(core, PROOF, tmp_path / core.name, three)
    (tmp_path / "input").write_bytes(pcm.tobytes())
    run_image(core, image, "hear", "input", "output", folder=tmp_path)
    first, dense, second = (records(folder, pcm) for folder in three)
    hops = len(pcm) // 320
    wanted = np.concatenate([first[:hops], second[:hops], dense[: 2 * hops].reshape(hops, -1)], axis=1)
    assert (tmp_path / "output").read_bytes() == wanted.tobytes()


def lines_alone(folder, pcm):
    """(time, line) of what a model detects alone."""
    spotter, model = SpotterC(folder), read_model_json(folder)
    trace, hop_ms = spotter.hear(pcm), model.frontend.hop_ms
    for hop, label in enumerate(trace.detected):
        if label != NOTHING:
            detection = Detection(spotter.labels[label], int(trace.smoothed[hop, label]), hop_ms * (hop + 1))
            yield detection.time_ms, f"{detection} by {model.recipe}"


@pytest.mark.parametrize("core", ["m4", "m0plus"])
def test_the_detections_are_those_of_each_alone(core, three, corpus, tmp_path):
    said = [min((corpus("speech_commands_test_dev") / word).iterdir()) for word in ("yes", "left", "stop", "go", "no")]
    pcm = np.concatenate([read_recording(path) for path in said])
    wanted = sorted(line for folder in three for _, line in lines_alone(folder, pcm))
    image = build_image(CORES[core], EMULATED / "spotter.c", tmp_path, three)
    assert len({line.split(" by ")[1] for line in wanted}) > 1
    assert sorted(hear(CORES[core], image, [pcm])) == wanted


@pytest.mark.parametrize("core", ["m4", "m0plus"])
def test_a_front_end_is_shared_in_time_and_memory(core, tmp_path):
    core = CORES[core]
    images = [build_counted(core, [folder], tmp_path / folder.name) for folder in SHIPPED]
    both = build_counted(core, SHIPPED, tmp_path / "both")
    alone = [ram_bytes([folder], image) for folder, image in zip(SHIPPED, images, strict=True)]
    ram, frontend = ram_bytes(SHIPPED, both), frontend_bytes(read_model_json(SHIPPED[0]).frontend)
    assert ram["state"] == sum(each["state"] for each in alone) - frontend
    assert ram["scratch"] == max(each["scratch"] for each in alone)
    flash = [flash_bytes(image) for image in (*images, both)]
    assert flash[2]["code"] == flash[1]["code"] and flash[2]["tables"] == flash[1]["tables"]
    assert flash[2]["model"] < flash[0]["model"] + flash[1]["model"] - 256, "the mel bands are there once"
    (tmp_path / "both" / "pcm").write_bytes(bytes(640 * 3))
    for visits in count_calls(core, both, "listeners_hop", ("kws_frontend_hop", "kws_hop"), ["pcm"]):
        assert [name for name, _ in visits] == ["listeners_hop", "kws_frontend_hop", "kws_hop", "kws_hop"]


def test_the_application_names_the_model(three, sound, tmp_path):
    pcm = sound(4)
    wanted = [line for folder in three for _, line in lines_alone(folder, pcm)]
    with running(build_application(NETDUINOPLUS2, three, tmp_path), pcm, tmp_path) as board:
        tests = board.until("self-test")[1:] + board.until("self-test") + board.until("self-test")
        assert [line.split(" by ")[1] for line in tests] == ["commands-6k: ok", "commands-20k: ok", "random: ok"]
        assert board.until("Heard")[-1] in wanted
        listed = board.ask("model", "threshold word9")
        assert [line.split(" by ")[1] for line in listed if line.startswith("model")] == [
            "commands-6k",
            "commands-20k",
            "random",
        ]
        board.send("threshold yes 0.75")
        for _ in range(2):
            assert board.until("threshold")[-1] == "threshold yes 0.7500", "both have this keyword"
        assert board.ask("model", "threshold word9").count("threshold yes 0.7500") == 2


def test_two_models_of_one_name_are_refused(tmp_path):
    copy = shutil.copytree(SHIPPED[0], tmp_path / "copy")
    said = f"{SHIPPED[0]} and {copy}: two models of the image are called commands_6k; export one under another name"
    with pytest.raises(ValueError, match=re.escape(said)):
        read_models([*SHIPPED, copy])


def test_recipes_are_named_side_by_side(tmp_path):
    own = tmp_path / "my own.toml"
    own.write_text("")
    assert recipe_names("commands-6k  commands-20k") == ["commands-6k", "commands-20k"]
    assert recipe_names(str(own)) == ["my-own"]
    with pytest.raises(ValueError, match="a recipe is named twice"):
        recipe_names("hello hello")


@pytest.mark.parametrize("take_one", [recipe_name, load_recipe])
def test_a_command_for_one_recipe_refuses_several(take_one):
    with pytest.raises(
        ValueError,
        match="RECIPE=hello commands-6k: name one recipe; only firmware, flash, emulate, page, cost and benchmark",
    ):
        take_one("hello commands-6k")
