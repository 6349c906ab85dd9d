"""Damaged, forged or mismatched files of a model are refused with a line that names them."""

import json
import shutil
import zipfile

import numpy as np
import pytest

from calibration.models import load_calibration
from firmware.host.binding import SpotterC
from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import MODELS
from firmware.recipes import model_folder
from train.model import Model

SHIPPED = MODELS / "commands-6k"


@pytest.fixture
def copied(tmp_path):
    """The shipped model's folder, to be changed."""
    return shutil.copytree(SHIPPED, tmp_path / "commands-6k")


def change(path, **keys):
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def with_points_of(count, labels=None):
    """Keys of a model.json whose first labels, its own or others, are the keywords."""
    about = json.loads((SHIPPED / MODEL_JSON).read_text())
    labels = labels or about["labels"]
    words = labels[:count]
    points = [{"name": p["name"], "thresholds": dict.fromkeys(words, 0.5)} for p in about["operating_points"]]
    return {"labels": labels, "keywords": count, "operating_points": points}


@pytest.mark.parametrize(
    "keys",
    [
        with_points_of(3),
        with_points_of(11),
        {"frontend": {"hop_ms": 10, "bands": 40, "high_hz": 4000}},
        {"frontend": {"hop_ms": 20, "bands": 20, "high_hz": 4000}},
        with_points_of(10, [*"abcdefghijkl"]),
    ],
    ids=["fewer keywords", "more keywords", "hop", "bands", "labels"],
)
def test_a_model_json_that_does_not_describe_its_c_is_refused(copied, keys):
    change(copied / MODEL_JSON, **keys)
    with pytest.raises(ValueError, match=rf"^{copied}: model\.json .* does not describe kws_model\.c"):
        SpotterC(copied)


def test_files_of_two_exports_are_refused_wherever_a_model_is_looked_up(exported, tmp_path, monkeypatch):
    """An interrupted copy leaves such files."""
    monkeypatch.setenv("BUILD", str(tmp_path))
    ours, theirs = exported(units=13)[-1], exported(units=8)[-1]
    ids = [read_model_json(folder).model_id for folder in (ours, theirs)]
    for foreign in (*MODEL_C, MODEL_JSON):
        folder = tmp_path / "mixed" / "firmware"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ours, folder)
        shutil.copy(theirs / foreign, folder)
        with pytest.raises(ValueError, match=f"^{folder}: .*({'|'.join(ids)}).*export the model again"):
            model_folder("mixed")


@pytest.mark.parametrize("missing", [*MODEL_C, MODEL_JSON])
def test_an_incomplete_export_is_ignored(copied, missing, monkeypatch):
    monkeypatch.setenv("BUILD", str(copied.parent))
    shutil.move(copied, copied.parent / "mine" / "firmware")
    (copied.parent / "mine" / "firmware" / missing).unlink()
    with pytest.raises(FileNotFoundError, match="no exported model of recipe mine"):
        model_folder("mine")


# --- weights


def rewrite(path, about=None, **arrays):
    """weights.npz with some keys of `about`, and some arrays, replaced."""
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files}
    told = {**json.loads(str(kept["about"])), **(about or {})}
    np.savez(path, **{**kept, "about": np.array(json.dumps(told)), **arrays})


def layers(**changes):
    told = json.loads(str(np.load(SHIPPED / "weights.npz")["about"]))["layers"]
    return [{**told[0], **changes}, *told[1:]]


CODE = '"}; __attribute__((constructor)) static void run(void) {} char s[] = {"'


@pytest.mark.parametrize(
    "about, reason",
    [
        ({"labels": [CODE, *"bcdefghijkl"]}, "labels.0"),
        ({"labels": ["a\\n", *"bcdefghijkl"]}, "labels.0"),
        ({"labels": ["\x9b2J", *"bcdefghijkl"]}, "labels.0"),
        ({"labels": ["\u202e", *"bcdefghijkl"]}, "labels.0"),
        ({"labels": [f"label {place}" for place in range(256)]}, "labels"),
        ({"labels": [*"aacdefghijkl"]}, "must differ"),
        ({"labels": [*"abc"], "keywords": 2}, "12 outputs, but 3 are wanted"),
        ({"keywords": 12}, "at least one must not be a keyword"),
        ({"keywords": -1}, "keywords"),
        ({"recipe": "*/ int code; /*"}, "recipe"),
        ({"layers": layers(name="x[0]; int y")}, "layers.0.name"),
        ({"layers": layers(kind="os.system")}, "layers.0.kind"),
        ({"layers": layers(settings={"units": 1e300, "path": "/etc"})}, "layers.0.settings"),
        ({"frontend": {"hop_ms": 7, "bands": 40, "high_hz": 4000}}, "frontend"),
        ({"features": {"mean_level": 85}}, "features.right_shift"),
        ({"more": 1}, "more"),
    ],
)
def test_weights_are_checked_by_the_rules_of_their_writer(copied, about, reason):
    path = copied / "weights.npz"
    rewrite(path, about)
    with pytest.raises(ValueError, match=rf"^{path}: not a complete weights file \(.*{reason}"):
        Model.load(path)


@pytest.mark.parametrize("kind", [np.complex64, np.int16, bool])
def test_a_weight_that_is_no_real_number_is_refused(copied, kind):
    path = copied / "weights.npz"
    with np.load(path) as file:
        changed = {"logits.bias": file["logits.bias"].astype(kind)}
    rewrite(path, **changed)
    with pytest.raises(ValueError, match=f"^{path}: .*logits.bias has values of type {np.dtype(kind)}, not float32"):
        Model.load(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_not_finite_is_refused(copied, value):
    path = copied / "weights.npz"
    with np.load(path) as file:
        bias = file["logits.bias"].copy()
    bias.ravel()[3] = value
    rewrite(path, **{"logits.bias": bias})
    with pytest.raises(ValueError, match=rf"^{path}: .*logits.bias has a weight that is not finite"):
        Model.load(path)


def test_weights_of_another_shape_are_refused(copied):
    path = copied / "weights.npz"
    rewrite(path, **{"logits.input_weights": np.zeros((1, 12, 7), np.float32)})
    with pytest.raises(ValueError, match=f"^{path}: not a complete weights file"):
        Model.load(path)


def test_code_as_the_name_of_an_operating_point_is_refused(copied, monkeypatch):
    monkeypatch.setenv("BUILD", str(copied.parent))
    path = copied / "calibration.json"
    points = json.loads(path.read_text())["operating_points"]
    change(path, operating_points=[{**points[0], "name": "a 1\n#error"}])
    with pytest.raises(ValueError, match=rf"^{path}: operating_points.0.name: String should match"):
        load_calibration("commands-6k", Model.load(SHIPPED / "weights.npz"))


@pytest.mark.parametrize(
    "keys, reason",
    [
        ({"ranges": {"features": [5.0, -5.0]}}, "range of features: 5.0 is above -5.0"),
        ({"ranges": {"features": [0.0, 1e308]}}, "ranges.features.1"),
        ({"operating_points": "twice"}, "operating points balanced, balanced, .* must differ in their names"),
    ],
)
def test_an_invalid_calibration_is_refused(copied, monkeypatch, keys, reason):
    monkeypatch.setenv("BUILD", str(copied.parent))
    path = copied / "calibration.json"
    if keys.get("operating_points"):
        points = json.loads(path.read_text())["operating_points"]
        keys = {"operating_points": [points[0], *points]}
    change(path, **keys)
    with pytest.raises(ValueError, match=f"^{path}: {reason}"):
        load_calibration("commands-6k", Model.load(SHIPPED / "weights.npz"))


def test_weights_that_unpack_to_more_than_any_model_are_refused_at_once(copied):
    path = copied / "weights.npz"
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file, file.open("more.npy", "w") as member:
        for _ in range(257):
            member.write(bytes(1 << 20))
    with pytest.raises(ValueError, match=rf"^{path}: not a complete weights file \(unpacks to 257 MB\)"):
        Model.load(path)
