"""The sections of the report, one function each; a section without its file gives the command that writes it."""

from dataclasses import dataclass, field

from calibration.benchmark.plot import det_figure
from calibration.benchmark.rates import HEADER, MEANS_HEADER, cells, mean_rows
from calibration.plots import confusion_matrix, learning_curves
from calibration.report.drawings import as_png, as_svg, error_by_layer, time_line
from calibration.report.layers import error_of_layers
from calibration.search_front import front_figure, front_rows
from calibration.streams.plot import det_curves
from calibration.streams.tables import COLUMNS, point_rows
from firmware.recipes import make_command
from firmware.words import counted


@dataclass
class Section:
    """What page.html shows of a section; empty fields are left out.  tables: lists of rows, the header first."""

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
        f"Stream {files.stream.stream} through the C library, hop by hop and never reset. In brackets: 95 % intervals "
        "(Wilson, Poisson)."
    )
    section.tables = [[COLUMNS, *point_rows(files.stream)]]
    section.svg, section.alt = (
        as_svg(det_curves(files.stream)),
        "misses against false accepts an hour, a curve for each kind",
    )
    return section


def benchmark(files):
    section = Section("benchmark", "Wake words of people")
    if not files.benchmark:
        section.missing = (
            f"Not measured: {make_command('benchmark', files.recipe)} (wake words of DATA/wake_words_people)"
        )
        return section
    section.text = (
        "Recordings of people, in quiet and in household noise at 10 dB, by the method of the public benchmark."
    )
    section.svg = as_svg(det_figure(files.benchmark.curves))
    section.alt = "misses at 10 dB against false accepts an hour of read English, a curve for each system"
    section.tables = [
        [MEANS_HEADER, *mean_rows(files.benchmark.rows)],
        [HEADER, *map(cells, files.benchmark.rows)],
    ]
    return section


def recall(files):
    section = Section("recall", "Recall by word and speaker")
    if not files.stream:
        section.missing = f"Not measured yet: {make_command('stream', files.recipe, 'STREAM=test')}"
        return section
    section.text = "Recall at the default operating point."
    for kind, groups in files.stream.recall.items():
        for column, values in groups.items():
            rows = [
                (value, f"{found.share:.3f}", f"{found.low:.3f} to {found.high:.3f}", found.keywords)
                for value, found in values.items()
            ]
            section.tables.append([(f"{kind}, {column}", "recall", "95 %", "said"), *rows])
    return section


def stream_excerpt(excerpt):
    right = sum(right for *_, right in excerpt.heard)
    return Section(
        "time",
        "An excerpt of the stream",
        f"From {excerpt.origin}: {counted(len(excerpt.heard), 'detection')}, {right} correct (green). Dotted lines: thresholds.",
        png=as_png(time_line(excerpt)),
        alt="features, smoothed posteriors and detections over time",
    )


def learning(files):
    section = Section("learning", "Training")
    if files.trained_in is None:
        section.missing = f"No train.json: {make_command('train', files.recipe)}"
        return section
    section.svg, section.alt = (
        as_svg(learning_curves(files.recipe, files.trained_in)),
        "loss and validation errors by epoch",
    )
    return section


def confusion(files):
    section = Section("confusion", "Confusion matrix")
    if not files.evaluation:
        section.missing = (
            f"Not evaluated yet: {make_command('evaluate', files.recipe, 'TEST=data/speech_commands_test')}"
        )
        return section
    section.text = f"{files.evaluation.clips:,} clips, the state reset for each; {files.evaluation.errors} errors."
    section.svg, section.alt = as_svg(confusion_matrix(files.recipe, files.evaluation)), "confusion matrix"
    return section


def search(files):
    section = Section("search", "Recipes beside this one")
    if not files.search:
        section.missing = f"Not searched: {make_command('search', files.recipe)}"
        return section
    section.text = (
        "The front of a search: recipes that no other beats in every figure. Errors: float model, validation clips."
    )
    section.svg = as_svg(front_figure(files.search))
    section.alt = "validation accuracy against flash, a dot for each recipe that was trained to its end"
    section.tables = [front_rows(files.search)]
    return section


def layers(model, codes):
    return Section(
        "layers",
        "Float against integers",
        "The output of each layer over the excerpt above, from the same features, each with its own state carried.",
        svg=as_svg(error_by_layer(error_of_layers(model, codes))),
        alt="error of each layer's output",
    )


def cost(files):
    section = Section("cost", "Cost of a hop", "Flash and RAM in bytes, by core; instructions counted in the emulator.")
    if not files.cost:
        section.missing = "Not measured: make cost measures shipped models only."
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
    text = "" if rows else "No model of this recipe was evaluated on test recordings."
    return Section(
        "looks", "Looks at test recordings", text, tables=[[("model", "test", "clips", "errors", "accuracy"), *rows]]
    )


def hashes(files):
    return Section("hashes", "Hashes", tables=[[("hash of", "SHA-256"), *files.hashes()]])


def recipe(files):
    section = Section("recipe", "Recipe", source=files.recipe_text)
    if not files.recipe_text:
        section.missing = f"No train/recipes/{files.recipe}.toml: give the recipe's .toml file as RECIPE="
    return section
