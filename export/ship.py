"""Copies what a clone needs of an exported recipe into firmware/models/RECIPE: python -m export.ship RECIPE [--into FOLDER]

kws_model.h, kws_model.c, model.json, weights.npz (float), calibration.json, train.json, the log of looks at test
recordings, the seeds it was chosen among, and README.md, the model card.  What was trained on share-alike recordings goes
into a folder of its own outside of the tree, FOLDER/RECIPE.
"""

import argparse
import sys
from pathlib import Path

from calibration.detector import Detector
from calibration.evaluate import with_look
from calibration.models import load_calibration, load_model
from export.c_model import CModel
from export.licences import licence_text, share_alike
from firmware.files import read_json, write_json, write_whole
from firmware.paths import MODELS, ROOT, build_folder
from train.recipe import load_recipe

WEIGHTS_BYTES_AT_MOST = 350 * 1024

SOURCES = {
    "logmel": "Google Speech Commands v0.02 as log-mel pictures",
    "speech_commands": "Google Speech Commands v0.02",
    "folder": "recordings of one's own",
    "speech": "synthetic speech (espeak-ng)",
    "sentences": "synthetic running speech (espeak-ng; flite where it was installed) of words and a grammar of our own",
    "wake_words": "WUW Corpus II: wake words alone and in sentences by telephone, of its sessions those that do not test",
    "background": "synthetic background noise",
}
ATTRIBUTION = {
    "logmel": "P. Warden / Google, arXiv:1804.03209, CC BY 4.0; converted to pictures by a third party",
    "speech_commands": "P. Warden / Google, arXiv:1804.03209, CC BY 4.0",
    "wake_words": "V. Kepuska, CC BY-SA 4.0; share alike: publish apart",
}


def source_line(section):
    """What a corpus is, and whom to attribute."""
    source, attribution = SOURCES[section.kind], ATTRIBUTION.get(section.kind)
    if getattr(section, "recordings", ""):
        source = f"background noise, cut from the recordings in {section.recordings}"
        attribution = ATTRIBUTION["speech_commands"] if section.recordings.startswith("speech_commands/") else None
    return f"- {source}" + (f": {attribution}" if attribution else "")


def folder_for(recipe, into):
    """Where a recipe's model is copied to; ValueError where a share-alike one would lie in the tree."""
    folder = Path(into).resolve() / recipe.name if into else MODELS / recipe.name
    licence = share_alike(recipe)
    if licence and folder.is_relative_to(ROOT):
        raise ValueError(
            f"{recipe.name} was trained on share-alike recordings ({licence}) and is kept apart from the tree: say where to "
            f"with `make ship RECIPE={recipe.name} INTO=folder`, a folder outside of {ROOT}"
        )
    return folder


def share_table(c_model):
    """Markdown rows: bytes of flash by kind."""
    kinds = {
        "weights": ("_weights",),
        "biases": (".bias",),
        "scales": ("multiplier", "scaling"),
        "mel bands": ("mel.",),
        "labels and operating points": ("labels", "points", "rule"),
    }
    sizes = {
        kind: sum(array.nbytes for name, array in c_model.arrays().items() if any(part in name for part in parts))
        for kind, parts in kinds.items()
    }
    sizes["gate tables"] = c_model.gate_table_bytes()
    sizes["hash and layer table"] = c_model.flash_bytes() - sum(sizes.values())
    return "\n".join(f"| {kind} | {size} | {size / c_model.flash_bytes():.1%} |" for kind, size in sizes.items())


def pairs_text(against):
    return "; ".join(
        f"{mode} {pairs['lost']} lost, {pairs['gained']} gained, p = {pairs['p']:.2f}"
        for mode, pairs in against.items()
    )


def looks_table(looks, about):
    """Every look at test recordings by a candidate of this recipe, oldest first."""
    if not looks:
        return "No model of this recipe has heard test recordings."
    rows = [
        f"| {'**this one**' if look['model_sha256'] == about['model_sha256'] else ''} `{look['model_sha256'][:12]}` | "
        f"{look['test']} | {look['clips']} | {look['errors']} | {look['accuracy']:.4f} | {look['accuracy_streamed']:.4f} | "
        f"{look['accuracy_float']:.4f} | {pairs_text(look['against'])} |"
        for look in looks
    ]
    return "\n".join(
        [
            "| model | test | clips | errors | accuracy | streamed | float | clip by clip, exact McNemar |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
        ]
    )


def points_table(points):
    """Each operating point and what it does on each kind of validation stream."""
    rows = [
        "| point | thresholds | stream | missed | false accepts an hour | other words accepted |",
        "|---|---|---|---|---|---|",
    ]
    for point in points:
        thresholds = f"{min(point['thresholds'].values()):.3f} to {max(point['thresholds'].values()):.3f}"
        for kind, of in point["validation"].items():
            missed = f"{of['misses'] / of['keywords']:.1%} of {of['keywords']}" if of["keywords"] else "-"
            accepted = f"{of['others_accepted'] / of['others']:.1%} of {of['others']}" if of["others"] else "-"
            rate = f"{of['fa_per_hour']:.1f} ({of['low']:.1f} to {of['high']:.1f} in {of['hours']:.1f} h)"
            rows.append(f"| {point['name']} | {thresholds} | {kind} | {missed} | {rate} | {accepted} |")
    return "\n".join(rows)


MODES = ("reset", "streamed", "float")


def seeds_table(seeds):
    """The seeds that were trained, on validation clips."""
    rows = [
        f"| {run['seed']}{', ships' if run['seed'] == seeds['best'] else ''} | {run['reset']:.4f} | {run['streamed']:.4f} | "
        f"{run['float']:.4f} |"
        for run in seeds["runs"]
    ]
    means = [sum(run[mode] for run in seeds["runs"]) / len(rows) for mode in MODES]
    rows.append("| mean | " + " | ".join(f"{mean:.4f}" for mean in means) + " |")
    spreads = [max(run[mode] for run in seeds["runs"]) - min(run[mode] for run in seeds["runs"]) for mode in MODES]
    rows.append("| greatest less least | " + " | ".join(f"{spread:.4f}" for spread in spreads) + " |")
    return "\n".join(["| seed | reset | streamed | float |", "|---|---|---|---|", *rows])


def card(recipe, about, c_model, calibration, trained, looks, seeds):
    """The model card, Markdown."""
    sources = "\n".join(source_line(section) for section in recipe.corpora)
    seconds = sum(epoch["seconds"] for epoch in trained["history"])
    accuracy, clips, speakers = calibration["accuracy"], trained["clips"], trained["speakers"]
    units, frontend = ", ".join(map(str, about["units"])), about["frontend"]
    return f"""# {recipe.name}

Labels: {", ".join(about["labels"])}.
Cell: {about["cell"]}, {units} units, {frontend["bands"]} mel bands, a hop of {frontend["hop_ms"]} ms.
{about["flash_bytes"]:,} bytes of flash (weights, biases, scales, tables; no code), {about["ram_bytes"]:,} bytes of RAM.

Trained on {clips["training"]:,} clips of {speakers["training"]:,} speakers, chosen on {clips["validation"]:,} clips of
{speakers["validation"]:,} others; never on test speakers:
{sources}

{licence_text(recipe)}

Training took {seconds / 60:.0f} minutes on {trained["threads"]} thread(s), {len(trained["history"])} epochs; the weights
are those of epoch {trained["best_epoch"]}.

Validation ({accuracy["clips"]} clips, `make calibrate`): float {accuracy["float"]:.4f}, integers {accuracy["integer"]:.4f}.
{f"Chosen among seeds on validation clips (`make seeds RECIPE={recipe.name}`, C library):" if seeds else ""}

{seeds_table(seeds) if seeds else "No comparison of seeds is at hand."}

Looks at test recordings that are on record (`make evaluate RECIPE={recipe.name} TEST=...`, C library):

{looks_table(looks, about)}

Operating points, chosen on validation streams (`make calibrate`; false accepts an hour, of how many hours):

{points_table(calibration["operating_points"])}

| flash | bytes | share |
|---|---|---|
{share_table(c_model)}

| hash (SHA-256) | |
|---|---|
| recipe | `{trained["recipe_sha256"]}` |
| weights | `{about["weights_sha256"]}` |
| model | `{about["model_sha256"]}` |
"""


def optional(path):
    return read_json(path) if path.exists() else None


def looks_of(recipe):
    """Looks shipped before, then those of BUILD that are not among them."""
    shipped, new = (optional(folder / recipe / "looks.json") or [] for folder in (MODELS, build_folder()))
    for look in new:
        shipped = with_look(shipped, look)
    return shipped


def seeds_of(recipe, model):
    """The comparison of seeds that this model came from: BUILD's, else the shipped one, else None."""
    for folder in (build_folder(), MODELS):
        seeds = optional(folder / recipe / "seeds.json")
        if seeds and any(
            run["seed"] == seeds["best"] and run["weights_sha256"] == model.sha256() for run in seeds["runs"]
        ):
            return seeds
    return None


def ship(name, into=None):
    recipe = load_recipe(name)
    folder = folder_for(recipe, into)
    model, _ = load_model(recipe.name)
    exported = build_folder() / recipe.name / "firmware"
    about = read_json(exported / "model.json", ("weights_sha256", "model_sha256"))
    if about["weights_sha256"] != model.sha256():
        raise ValueError(f"{exported}: exported from other weights: run `make export RECIPE={recipe.name}`")
    calibration = load_calibration(recipe.name, model)
    c_model = CModel(model.quantize(), Detector.of(calibration))
    if about["model_sha256"] != c_model.sha256():
        raise ValueError(f"{exported}: not the calibrated model: run `make export RECIPE={recipe.name}`")
    trained = read_json(build_folder() / recipe.name / "train.json", ("history", "clips", "recipe_sha256"))
    looks, seeds = looks_of(recipe.name), seeds_of(recipe.name, model)
    if model.float_bytes() > WEIGHTS_BYTES_AT_MOST:
        raise ValueError(f"{folder / 'weights.npz'}: over {WEIGHTS_BYTES_AT_MOST} bytes; use fewer units")
    model.save(folder / "weights.npz")
    for file in ("kws_model.h", "kws_model.c", "model.json"):
        write_whole(folder / file, (exported / file).read_bytes())
    write_json(folder / "calibration.json", calibration)
    write_json(folder / "train.json", trained)
    write_json(folder / "looks.json", looks)
    (folder / "seeds.json").unlink(missing_ok=True)
    if seeds:
        write_json(folder / "seeds.json", seeds)
    write_whole(folder / "README.md", card(recipe, about, c_model, calibration, trained, looks, seeds))
    print(f"{folder}: shipped {sum(path.stat().st_size for path in folder.iterdir())} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--into", help="the folder that gets the model's, instead of firmware/models")
    arguments = parser.parse_args()
    ship(arguments.recipe, arguments.into)


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError) as error:
        sys.exit(f"ship: {error}")
