"""The report's sections, one function each: a Section from the files of a recipe, or the command that makes what is missing."""

from dataclasses import dataclass, field

from calibration.plots import confusion_matrix, learning_curves
from calibration.report.drawings import as_png, as_svg, error_by_layer, time_line
from calibration.report.layers import error_of_layers
from calibration.streams.plot import det_curves
from calibration.streams.tables import COLUMNS, point_rows
from firmware.recipes import make_command


@dataclass
class Section:
    id: str
    title: str
    text: str = ""
    missing: str = ""
    svg: str = ""
    png: str = ""
    alt: str = ""
    tables: list = field(default_factory=list)
    source: str = ""


def operating_points(files):
    section = Section("points", "Misses and false accepts")
    if not files.stream:
        section.missing = f"Not measured yet: {make_command('stream', files.recipe, 'STREAM=test')}"
        return section
    section.text = (
        f"Stream {files.stream.stream}, hop by hop through the C library, nothing ever reset. Kinds of sound are never "
        "pooled; in brackets 95 % intervals (Wilson, Poisson)."
    )
    section.tables = [[COLUMNS, *point_rows(files.stream)]]
    section.svg, section.alt = (
        as_svg(det_curves(files.stream)),
        "misses against false accepts an hour, one curve a kind",
    )
    return section


def recall(files):
    section = Section("recall", "Who is heard")
    if not files.stream:
        section.missing = f"Not measured yet: {make_command('stream', files.recipe, 'STREAM=test')}"
        return section
    section.text = "Recall at the operating point that is in force at the start."
    for kind, groups in files.stream.recall.items():
        for column, values in groups.items():
            rows = [
                (value, f"{found.share:.3f}", f"{found.low:.3f} to {found.high:.3f}", found.keywords)
                for value, found in values.items()
            ]
            section.tables.append([(f"{kind}, {column}", "recall", "95 %", "said"), *rows])
    return section


def seen(stretch):
    right = sum(right for *_, right in stretch.heard)
    return Section(
        "time",
        "A stretch of stream",
        f"From {stretch.origin}: {len(stretch.heard)} detections, {right} of them of a word that was said there (green); "
        "dotted lines are thresholds.",
        png=as_png(time_line(stretch)),
        alt="spectrogram, smoothed posteriors and detections over time",
    )


def learning(files):
    section = Section("learning", "Learning")
    if files.trained_in is None:
        section.missing = f"No train.json: {make_command('train', files.recipe)}"
        return section
    section.svg, section.alt = (
        as_svg(learning_curves(files.recipe, files.trained_in)),
        "loss and validation errors by epoch",
    )
    return section


def confusion(files):
    section = Section("confusion", "What is taken for what")
    if not files.evaluation:
        section.missing = (
            f"Not evaluated yet: {make_command('evaluate', files.recipe, 'TEST=data/speech_commands_test')}"
        )
        return section
    section.text = f"{files.evaluation.clips} clips, the state reset for each; {files.evaluation.errors} errors."
    section.svg, section.alt = as_svg(confusion_matrix(files.recipe, files.evaluation)), "confusion matrix"
    return section


def layers(model, codes):
    return Section(
        "layers",
        "Float against integers",
        "The output of each layer over the stretch above, both from the same features and with their own states carried.",
        svg=as_svg(error_by_layer(error_of_layers(model, codes))),
        alt="error of each layer's output",
    )


def cost(files):
    section = Section("cost", "What a hop costs", "Instructions counted in the emulator; bytes compiled for each core.")
    if not files.cost:
        section.missing = "Not counted: the model is none of those that ship, which make cost counts"
        return section
    stages = list(next(iter(files.cost.values()))["instructions_per_hop"])
    head = ("core", "code", "tables", "model", "state", "scratch", "stack", *stages)
    rows = [
        (core, *(f"{value:,}" for part in ("flash", "ram", "instructions_per_hop") for value in entry[part].values()))
        for core, entry in files.cost.items()
    ]
    section.tables = [[head, *rows]]
    return section


def looks(files):
    rows = [
        (look.model_sha256[:12], look.test, look.clips, look.errors, f"{look.accuracy:.4f}") for look in files.looks
    ]
    text = "" if rows else "No model of this recipe has heard test recordings."
    return Section(
        "looks", "Looks at test recordings", text, tables=[[("model", "test", "clips", "errors", "accuracy"), *rows]]
    )


def hashes(files):
    return Section("hashes", "Hashes", "SHA-256.", tables=[[("of", "hash"), *files.hashes()]])


def recipe(files):
    return Section("recipe", "Recipe", source=files.recipe_text)
