"""The model card, README.md in a shipped model's folder: size, training data, licence, accuracy, hashes."""

import re

import numpy as np

from firmware.markdown import table
from firmware.words import counted

SOURCES = {
    "logmel": "Google Speech Commands v0.02 as log-mel pictures",
    "speech_commands": "Google Speech Commands v0.02",
    "folder": "own recordings",
    "speech": "synthetic speech",
    "sentences": "synthetic running speech (espeak-ng, and flite if installed), sentences by Jerboa's own grammar",
    "running_speech": "running speech of people",
    "background": "background noise",
}
SPEECH_COMMANDS = "P. Warden / Google, arXiv:1804.03209, CC BY 4.0"
NOISE = (
    "remvze/blanket, IBM MAX audio samples, librosa examples, FelixChenFY: CC0, CC BY or public domain, file by file"
)
ATTRIBUTION = {
    "logmel": f"{SPEECH_COMMANDS}; converted to pictures by a third party",
    "speech_commands": SPEECH_COMMANDS,
    "speech_commands/_background_noise_": SPEECH_COMMANDS,
    "running_speech/librispeech": "LibriSpeech, V. Panayotov, CC BY 4.0",
    "running_speech/spoken_commands": "Picovoice speech-to-intent-benchmark, Apache-2.0",
    "noise/household": NOISE,
    "noise/effects": NOISE,
    "rooms": "GoogleChromeLabs web-audio-samples, Apache-2.0",
}
"""Of a kind of corpus, or of a folder in DATA."""

LICENCE = "Licence: MIT, like all of Jerboa. The recordings keep their own licences; attribute them as listed above."


def attributed(source, origin):
    """A list item for a source, with the attribution of its origin, if there is one."""
    return f"- {source}" + (f": {ATTRIBUTION[origin]}" if origin in ATTRIBUTION else "")


def source_lines(settings):
    """A list item for each corpus and for the rooms of the settings that a model was trained with, as train.json has them."""
    for section in settings["corpora"]:
        source, recordings = SOURCES[section["kind"]], section.get("recordings", "")
        if recordings:
            yield attributed(f"{source}, from the recordings in {recordings}", recordings)
        elif section["kind"] == "background":
            yield f"- {section['minutes']} minutes of {section['made']}, made by the toolchain"
        else:
            yield attributed(source, section["kind"])
    if rooms := settings["augmentation"]["rooms"]:
        yield attributed(f"measured impulse responses of rooms, from {rooms}", rooms)


KINDS = {
    "weights": ("_weights",),
    "biases": (".bias",),
    "scales": (".multiplier", ".scaling"),
    "mel bands": ("mel.",),
    "labels and operating points": ("labels", "thresholds"),
}
"""Kind of content: parts of the names that CModel.arrays() gives it."""


def share_table(c_model):
    """Bytes of flash by kind of content."""
    sizes = dict.fromkeys(KINDS, 0)
    for name, array in c_model.arrays().items():
        (kind,) = (kind for kind, parts in KINDS.items() if any(part in name for part in parts))
        sizes[kind] += array.nbytes
    sizes["gate tables"] = c_model.gate_table_bytes()
    sizes["hashes and layer table"] = c_model.flash_bytes() - sum(sizes.values())
    rows = [(kind, size, f"{size / c_model.flash_bytes():.1%}") for kind, size in sizes.items()]
    return table(["flash", "bytes", "share"], rows)


def pairs_text(against):
    return "; ".join(
        f"{mode} {pairs.lost} lost, {pairs.gained} gained, p = {pairs.p:.2f}" for mode, pairs in against.items()
    )


def shortened(model_sha256):
    """The first letters of a model's hash; what stands in its place for a model that was not kept, whole."""
    return f"`{model_sha256[:12]}`" if re.fullmatch("[0-9a-f]{64}", model_sha256) else model_sha256


def looks_table(looks, about):
    """Every recorded look at test recordings by a model of this recipe, oldest first."""
    if not looks:
        return "No model of this recipe was evaluated on test recordings."
    rows = [
        (
            f"{'**this one** ' if look.model_sha256 == about.model_sha256 else ''}{shortened(look.model_sha256)}",
            look.test,
            look.clips,
            look.errors,
            *(f"{share:.4f}" for share in (look.accuracy, look.accuracy_streamed, look.accuracy_float)),
            pairs_text(look.against),
        )
        for look in looks
    ]
    header = ["model", "test", "clips", "errors", "accuracy", "streamed", "float", "lost and gained, exact McNemar"]
    return table(header, rows)


def points_text(points):
    """The operating points, and what they do on validation streams; of a voice, which has none, on validation clips."""
    if any(point.validation for point in points):
        where = "streams (`make calibrate`); false accepts with their 95 % interval and the hours of\naudio"
        return f"Operating points, chosen on validation {where}:\n\n{points_table(points)}"
    rows = [
        (point.name, *(f"{threshold:.3f}" for threshold in point.thresholds.values()), point.criterion)
        for point in points
    ]
    told = table(["point", "threshold", "what it does"], rows)
    return f"Operating points, chosen on validation clips (`make calibrate`):\n\n{told}"


def points_table(points):
    """A row for each operating point and kind of validation stream."""
    rows = []
    for point in points:
        thresholds = f"{min(point.thresholds.values()):.3f} to {max(point.thresholds.values()):.3f}"
        if not point.validation:
            rows.append((point.name, thresholds, point.criterion, "-", "-", "-"))
        for kind, figures in point.validation.items():
            missed = f"{figures.misses / figures.keywords:.1%} of {figures.keywords}" if figures.keywords else "-"
            accepted = f"{figures.others_accepted / figures.others:.1%} of {figures.others}" if figures.others else "-"
            rate = f"{figures.fa_per_hour:.1f} ({figures.low:.1f} to {figures.high:.1f} in {figures.hours:.1f} h)"
            rows.append((point.name, thresholds, kind, missed, rate, accepted))
    header = ["point", "thresholds", "stream", "missed", "false accepts an hour", "other words accepted"]
    return table(header, rows)


MODES = ("reset", "streamed", "float")


def seeds_table(seeds):
    """Accuracy of each seed on validation clips."""
    accuracies = np.array([[getattr(run, mode) for mode in MODES] for run in seeds.runs])
    names = [f"{run.seed}, ships" if run.seed == seeds.best else str(run.seed) for run in seeds.runs]
    names += ["mean", "largest minus smallest"]
    rows = zip(names, [*accuracies, accuracies.mean(axis=0), np.ptp(accuracies, axis=0)], strict=True)
    return table(["seed", *MODES], [(name, *(f"{accuracy:.4f}" for accuracy in row)) for name, row in rows])


def seeds_text(recipe, seeds):
    """The comparison of seeds; seeds: a Seeds, or None."""
    if not seeds:
        return "No comparison of seeds is on record."
    return f"Seeds compared on validation clips (`make seeds RECIPE={recipe.name}`, C library):\n\n{seeds_table(seeds)}"


def card(recipe, about, c_model, calibration, trained, looks, seeds):
    """The model card as Markdown."""
    sources = "\n".join(source_lines(trained.settings))
    seconds = sum(epoch.seconds for epoch in trained.history)
    accuracy, clips, speakers = calibration.accuracy, trained.clips, trained.speakers
    units, frontend = ", ".join(map(str, about.units)), about.frontend
    hashes = {"recipe": trained.recipe_sha256, "weights": about.weights_sha256, "model": about.model_sha256}
    return f"""# {recipe.name}

Labels: {", ".join(about.labels)}.
Cells: {about.cell}, {units} units; {frontend.bands} mel bands; a hop of {frontend.hop_ms} ms.
Size: {about.flash_bytes:,} bytes of flash (weights, biases, scales, tables; no code), {about.ram_bytes:,} bytes of RAM.

Training: {clips["training"]:,} clips of {speakers["training"]:,} speakers. Validation: {clips["validation"]:,} clips of
{speakers["validation"]:,} other speakers. No test speaker is in either. Sources:

{sources}

{LICENCE}

Training took {seconds / 60:.0f} minutes for {counted(len(trained.history), "epoch")} ({counted(trained.threads, "thread")}).

Validation accuracy ({accuracy.clips:,} clips, `make calibrate`): float {accuracy.float:.4f}, integers {accuracy.integer:.4f}.

{seeds_text(recipe, seeds)}

All recorded looks at test recordings (`make evaluate RECIPE={recipe.name} TEST=...`, C library):

{looks_table(looks, about)}

{points_text(calibration.operating_points)}

{share_table(c_model)}

{table(["hash of", "SHA-256"], [(name, f"`{sha256}`") for name, sha256 in hashes.items()])}
"""
