"""A model for ESPHome: the component's decision, the cutoff, the manifest, and the files that `make esphome` writes."""

import importlib.util
import io
import json
import os
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from pydantic import ValidationError

from calibration.ranges import activation_ranges
from calibration.streams.events import Event
from calibration.streams.scoring import Said
from calibration.streams.sweep import Heard
from export.esphome import __main__ as esphome
from export.esphome.component import cutoff_of, detected_hops, share_of, sums_of
from export.esphome.cutoff import CUTOFFS, choose_cutoff, is_deaf
from export.esphome.graph import streaming_graph
from export.esphome.hearing import MicroGraph
from export.esphome.manifest import Manifest
from export.tflite_file import TfliteUnavailable, schema
from firmware.audio.recordings import BadRecording
from firmware.command import Failure
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import build_folder
from tests.test_micro import MICRO_TOY
from tests.toy import toy_clips, toy_recipe, trained
from train.network import model_of
from train.recipe import load_recipe


@pytest.fixture(scope="module")
def tflite_micro():
    try:
        schema()
    except TfliteUnavailable as missing:
        pytest.fail(str(missing)) if os.environ.get("ALL_DATA") else pytest.skip(str(missing))


@pytest.fixture(scope="module")
def toy():
    """(Recipe, Clips, Model, activation ranges) of a toy whose words are loud bands of noise."""
    recipe, clips = toy_recipe("epochs = 4", "epochs = 6", MICRO_TOY), toy_clips()
    model = model_of(recipe, trained(recipe, clips).averaged)
    codes = np.random.default_rng(0).integers(-128, 128, (2, 200, 40)).astype(np.int8)
    return recipe, clips, model, activation_ranges(model, codes)


@pytest.fixture(scope="module")
def command(toy):
    """command(*arguments): runs `make esphome` for the toy and returns what it prints."""
    recipe, clips, model, ranges = toy
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(esphome, "load_recipe", lambda name, tasks: recipe)
        patch.setattr(esphome, "load_model", lambda name: (model, "the toy"))
        patch.setattr(esphome, "load_calibration", lambda *of: SimpleNamespace(ranges=ranges))
        patch.setattr(esphome, "load_corpora", lambda recipe: clips)

        def run(*arguments):
            patch.setattr(sys, "argv", ["esphome", "toy", *arguments])
            with redirect_stdout(io.StringIO()) as said:
                esphome.main()
            return said.getvalue()

        yield run


@pytest.fixture(scope="module")
def front_end_lacks():
    return "" if importlib.util.find_spec("pymicro_features") else "pymicro-features is not installed"


@pytest.fixture(scope="module")
def written(command, tflite_micro, sound, front_end_lacks, tmp_path_factory):
    """(folder, text) of the command; it hears a recording if the front end is installed."""
    recording = tmp_path_factory.mktemp("recording") / "noise.wav"
    soundfile.write(recording, sound(3), SAMPLE_RATE_HZ)
    heard = () if front_end_lacks else ("--wav", str(recording))
    said = command("--author", "Ann", "--website", "https://example.org", *heard)
    return build_folder() / "toy" / "esphome", said


def by_the_frame(probabilities, cutoff, window, stride):
    """The component's decision as it runs, frame by frame, from its description."""
    recent, quiet, found = [0] * window, -100, []
    for frame in range(len(probabilities) * stride):
        hop = frame // stride
        if frame % stride == stride - 1:
            recent = [*recent[1:], int(probabilities[hop])]
        if recent[-1] < cutoff:
            quiet = min(quiet + 1, 0)
        if quiet >= 0 and sum(recent) > cutoff * window:
            found.append(hop)
            recent, quiet = [0] * window, -100
    return found


@pytest.mark.parametrize("stride", [1, 2])
def test_the_decision_is_that_of_the_component_as_it_runs(stride):
    random = np.random.default_rng(0)
    for _ in range(20):
        rises = np.cumsum(random.normal(0, 30, 600)) % 512
        probabilities = np.abs(rises - 256).clip(0, 255).astype(int)
        cutoff = int(random.integers(60, 250))
        found, wanted = (rule(probabilities, cutoff, 5, stride) for rule in (detected_hops, by_the_frame))
        assert len(found) == len(wanted) and np.abs(np.subtract(found, wanted)).max(initial=0) <= 1


def test_nothing_is_detected_in_the_first_second_and_a_long_word_counts_once():
    loud = np.r_[np.zeros(20), np.full(20, 255), np.zeros(200), np.full(100, 255), np.zeros(100), np.full(10, 255)]
    assert detected_hops(loud.astype(int), 200, 5, 2) == [243, 443]


def test_the_window_sums_the_newest_probabilities():
    np.testing.assert_array_equal(sums_of(np.array([1, 2, 3, 4, 5]), 3), [1, 3, 6, 9, 12])


def test_the_component_reads_the_cutoff_that_was_chosen():
    for cutoff in range(1, 255):
        assert cutoff_of(share_of(cutoff)) == cutoff and cutoff_of(json.loads(json.dumps(share_of(cutoff)))) == cutoff


def heard_on(probabilities, events, kind="noise"):
    return {kind: (probabilities, Heard(probabilities, 20, ("yes",), Said.of(events, ("yes",))))}


def test_the_least_cutoff_that_keeps_both_criteria_is_chosen():
    """A word of 250, a false accept of 150 in 20 s of noise, and another word of 180 among few."""
    noise = np.zeros(1000, int)
    noise[200:220], noise[600:620] = 250, 150
    words = np.zeros(1000, int)
    words[200:220], words[600:620] = 250, 180
    yes, other = Event(3900, 4300, "yes"), Event(11_900, 12_300, "no")
    heard = {**heard_on(noise, [yes]), **heard_on(words, [yes, other], "words")}
    chosen = choose_cutoff(heard, 5, 2)
    assert chosen.kept and 180 <= chosen.cutoff < 183 + CUTOFFS.step and not is_deaf(chosen)
    assert chosen.scores["noise"].misses == 0 and chosen.line().startswith(
        "noise 0 false accepts in 0.0 h, 0.0% missed"
    )


def test_without_such_a_cutoff_the_highest_is_chosen():
    probabilities = np.zeros(1000, int)
    probabilities[[*range(200, 220), *range(600, 620)]] = 255
    chosen = choose_cutoff(heard_on(probabilities, []) | heard_on(probabilities, [], "words"), 5, 2)
    assert not chosen.kept and chosen.cutoff == CUTOFFS[-1] and is_deaf(chosen)


MANIFEST = {
    "type": "micro",
    "wake_word": "yes",
    "author": "Jerboa",
    "model": "yes.tflite",
    "trained_languages": ["en"],
    "version": 2,
    "micro": {
        "probability_cutoff": 0.9,
        "feature_step_size": 10,
        "sliding_window_size": 5,
        "tensor_arena_size": 20_000,
        "minimum_esphome_version": "2024.7.0",
    },
}
"""What version 2 requires, by the schema in ESPHome's components/micro_wake_word/__init__.py."""


def test_a_manifest_has_what_version_2_requires():
    assert json.loads(Manifest.model_validate_json(json.dumps(MANIFEST)).content()) == MANIFEST


@pytest.mark.parametrize(
    ("key", "value"),
    [("version", 1), ("model", "a/yes.tflite"), ("website", "here"), ("trained_languages", []), ("wake_word", "")],
)
def test_a_wrong_manifest_is_refused(key, value):
    with pytest.raises(ValidationError, match=key):
        Manifest.model_validate_json(json.dumps({**MANIFEST, key: value}))


def test_the_command_writes_a_graph_and_a_manifest_for_each_keyword(written):
    folder, said = written
    wanted = {f"{word}.{kind}" for word in ("yes", "stop") for kind in ("tflite", "json")}
    assert {path.name for path in folder.iterdir()} == wanted
    manifest = json.loads((folder / "stop.json").read_text())
    micro, expected = manifest.pop("micro"), {key: value for key, value in MANIFEST.items() if key != "micro"}
    own = {"wake_word": "stop", "model": "stop.tflite", "author": "Ann", "website": "https://example.org"}
    assert manifest == {**expected, **own}
    assert micro.keys() == MANIFEST["micro"].keys() and micro["feature_step_size"] == 10
    assert micro["sliding_window_size"] == 5 and 4000 < micro["tensor_arena_size"] < 40_000
    assert "warning" not in said and said.count("TFLite Micro against the integers over") == 2
    for word in ("yes", "stop"):
        assert MicroGraph((folder / f"{word}.tflite").read_bytes()).stride == 2


def test_a_recording_is_heard_by_the_front_end_itself(written, front_end_lacks, optional):
    optional(front_end_lacks)
    _, said = written
    for word in ("yes", "stop"):
        assert f"Heard {word} @" in said or f"Heard nothing; the highest probability of {word} is" in said


def test_what_is_wrong_is_said_before_the_long_work(command, tflite_micro, monkeypatch):
    with pytest.raises(ValueError, match="WEBSITE=here: give an address that begins with https://"):
        command("--website", "here")
    monkeypatch.setattr("export.esphome.hearing.importlib.util.find_spec", lambda name: None)
    with pytest.raises((Failure, TfliteUnavailable), match="not installed"):
        command("--wav", "none.wav")


def test_a_recording_that_is_not_there_is_named(command, tflite_micro, front_end_lacks, optional):
    optional(front_end_lacks)
    with pytest.raises(BadRecording, match="none.wav: no such file"):
        command("--wav", "none.wav")


def test_a_recipe_of_other_features_is_refused(recipe):
    with pytest.raises(Failure, match='recipe small: ESPHome hears other features.*kind = "micro"'):
        esphome.require_micro(recipe())


def test_a_word_whose_arena_is_not_found_leaves_both_files_of_before(written, command, monkeypatch):
    folder, _ = written
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fails(path):
        raise Failure("TFLite Micro ended with 1")

    (folder / "yes.tflite").write_bytes(b"of before")
    monkeypatch.setattr(esphome, "arena_bytes_of", fails)
    with pytest.raises(Failure, match="TFLite Micro ended with 1"):
        command()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {**before, "yes.tflite": b"of before"}
    (folder / "yes.tflite").write_bytes(before["yes.tflite"])


def test_a_recipe_of_another_task_is_refused(tflite_micro, monkeypatch):
    monkeypatch.setattr(esphome, "load_recipe", load_recipe)
    monkeypatch.setattr(sys, "argv", ["esphome", "voice-2k"])
    with pytest.raises(ValueError, match="task = voice: this command is for keywords"):
        esphome.main()


def test_a_graph_that_computes_something_else_is_not_written(toy, tflite_micro):
    _, _, model, ranges = toy
    content = streaming_graph(model, model.quantize(), ranges, 0, 2)
    codes = np.random.default_rng(1).integers(-128, 128, (50, 40)).astype(np.int8)
    with pytest.raises(Failure, match="of 256 from that of the integers: not written"):
        esphome.compare(content, codes, np.full(50, 128))
