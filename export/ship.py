"""Copies what a clone needs of an exported recipe into firmware/models/RECIPE: python -m export.ship RECIPE

kws_model.h, kws_model.c, model.json, weights.npz (float), calibration.json, train.json, and README.md, the model card.
"""

import argparse
import sys

from calibration.detector import OperatingPoint
from calibration.models import load_calibration, load_model
from export.c_model import CModel
from firmware.files import read_json, write_json, write_whole
from firmware.paths import MODELS, build_folder
from train.recipe import load_recipe

WEIGHTS_BYTES_AT_MOST = 350 * 1024

SOURCES = {
    "logmel": "Google Speech Commands v0.02 as log-mel pictures",
    "speech_commands": "Google Speech Commands v0.02",
    "folder": "recordings of one's own",
    "speech": "synthetic speech (espeak-ng)",
    "background": "synthetic background noise",
}
ATTRIBUTION = {
    "logmel": "P. Warden / Google, arXiv:1804.03209, CC BY 4.0; converted to pictures by a third party",
    "speech_commands": "P. Warden / Google, arXiv:1804.03209, CC BY 4.0",
}


def share_table(c_model):
    """Markdown rows: bytes of flash by kind."""
    kinds = {
        "weights": ("_weights",),
        "biases": (".bias",),
        "scales": ("multiplier", "scaling"),
        "mel bands": ("mel.",),
        "labels and operating point": ("labels", "operating_point"),
    }
    sizes = {
        kind: sum(array.nbytes for name, array in c_model.arrays().items() if any(part in name for part in parts))
        for kind, parts in kinds.items()
    }
    sizes["gate tables"] = c_model.gate_table_bytes()
    sizes["hash and layer table"] = c_model.flash_bytes() - sum(sizes.values())
    return "\n".join(f"| {kind} | {size} | {size / c_model.flash_bytes():.1%} |" for kind, size in sizes.items())


def evaluation_line(recipe, about):
    """One sentence on the last evaluation of exactly this model, if there was one."""
    path = build_folder() / recipe.name / "evaluation.json"
    if path.exists():
        found = read_json(path, ("model_sha256", "clips", "accuracy"))
        if found["model_sha256"] == about["model_sha256"]:
            return (
                f"On {found['clips']} recordings of the test set (`make evaluate RECIPE={recipe.name} TEST=...`, integers): "
                f"accuracy {found['accuracy']:.4f} ({found['accuracy_low']:.4f} to {found['accuracy_high']:.4f}, 95 % Wilson), "
                f"streamed {found['accuracy_streamed']:.4f}, float {found['accuracy_float']:.4f}."
            )
    return "Not evaluated on test recordings."


def card(recipe, about, c_model, calibration, trained):
    """The model card, Markdown."""
    sources = "\n".join(
        f"- {SOURCES[section.kind]}" + (f": {ATTRIBUTION[section.kind]}" if section.kind in ATTRIBUTION else "")
        for section in recipe.corpora
    )
    seconds = sum(epoch["seconds"] for epoch in trained["history"])
    accuracy, clips, speakers = calibration["accuracy"], trained["clips"], trained["speakers"]
    units, frontend = " and ".join(map(str, about["units"])), about["frontend"]
    return f"""# {recipe.name}

Labels: {", ".join(about["labels"])}.
Cell: {about["cell"]}, {units} units, {frontend["bands"]} mel bands, a hop of {frontend["hop_ms"]} ms.
{about["flash_bytes"]:,} bytes of flash (weights, biases, scales, tables; no code), {about["ram_bytes"]:,} bytes of RAM.

Trained on {clips["training"]:,} clips of {speakers["training"]:,} speakers, chosen on {clips["validation"]:,} clips of
{speakers["validation"]:,} others; never on test speakers:
{sources}

Training took {seconds / 60:.0f} minutes on {trained["threads"]} thread(s), {len(trained["history"])} epochs; the weights
are those of epoch {trained["best_epoch"]}.

Validation ({accuracy["clips"]} clips, `make calibrate`): float {accuracy["float"]:.4f}, integers {accuracy["integer"]:.4f}.
{evaluation_line(recipe, about)}
Threshold {calibration["threshold"]:.3f}: on validation clips it accepts {calibration["false_accept_share"]:.2%} of those
without a keyword and misses {calibration["miss_share"]:.2%} of keywords.

| flash | bytes | share |
|---|---|---|
{share_table(c_model)}

| hash (SHA-256) | |
|---|---|
| recipe | `{trained["recipe_sha256"]}` |
| weights | `{about["weights_sha256"]}` |
| model | `{about["model_sha256"]}` |
"""


def ship(name):
    recipe = load_recipe(name)
    model, _ = load_model(recipe.name)
    exported = build_folder() / recipe.name / "firmware"
    about = read_json(exported / "model.json", ("weights_sha256", "model_sha256"))
    if about["weights_sha256"] != model.sha256():
        raise ValueError(f"{exported}: exported from other weights: run `make export RECIPE={recipe.name}`")
    calibration = load_calibration(recipe.name, model)
    trained = read_json(build_folder() / recipe.name / "train.json", ("history", "clips", "recipe_sha256"))
    folder = MODELS / recipe.name
    if model.float_bytes() > WEIGHTS_BYTES_AT_MOST:
        raise ValueError(f"{folder / 'weights.npz'}: over {WEIGHTS_BYTES_AT_MOST} bytes; use fewer units")
    model.save(folder / "weights.npz")
    for file in ("kws_model.h", "kws_model.c", "model.json"):
        write_whole(folder / file, (exported / file).read_bytes())
    write_json(folder / "calibration.json", calibration)
    write_json(folder / "train.json", trained)
    c_model = CModel(model.quantize(), OperatingPoint.of(calibration))
    write_whole(folder / "README.md", card(recipe, about, c_model, calibration, trained))
    print(f"{folder}: shipped {sum(path.stat().st_size for path in folder.iterdir())} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    ship(parser.parse_args().recipe)


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError) as error:
        sys.exit(f"ship: {error}")
