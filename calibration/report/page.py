"""The report page of a recipe: its files, the key figures at the top, the sections."""

from dataclasses import dataclass
from pathlib import Path

import jinja2

from calibration.looks import looks_of
from calibration.models import open_exported
from calibration.records import BenchmarkFigures, Evaluation, SearchFigures, StreamFigures
from calibration.report import sections
from calibration.report.excerpt import excerpt_of
from firmware.cost.budget import load_budget
from firmware.files import read_json, read_json_if_there
from firmware.model_json import MODEL_JSON, ModelJson
from firmware.page.page import LOOK
from firmware.paths import MODELS, build_folder
from firmware.recipes import recipe_file, recipe_name
from train.train_json import TrainJson

PAGE = Path(__file__).with_name("page.html")
STYLES = LOOK, Path(__file__).with_name("page.css")


@dataclass(frozen=True)
class Files:
    """The files about a recipe's model; None or empty if a file does not exist or belongs to another model.

    The looks and the search are of all models of the recipe.
    """

    recipe: str
    recipe_text: str
    about: ModelJson
    stream: StreamFigures | None
    benchmark: BenchmarkFigures | None
    search: SearchFigures | None
    evaluation: Evaluation | None
    trained_in: Path | None
    looks: list
    cost: dict

    @classmethod
    def of(cls, recipe, path, about):
        built, shipped = build_folder() / recipe, MODELS / recipe
        searched = build_folder() / "search" / recipe / "front.json"

        def own(name, kind, folder=built):
            """The record in a file of a folder, or None if it belongs to another model."""
            found = read_json_if_there(folder / name, kind)
            return found if found and found.model_sha256 == about.model_sha256 else None

        trained = [folder for folder in (built, shipped) if (folder / "train.json").exists()]
        measured = load_budget().cost if own(MODEL_JSON, ModelJson, shipped) else {}
        return cls(
            recipe,
            path.read_text(encoding="utf-8") if path.is_file() else "",
            about,
            own("stream.json", StreamFigures),
            own("benchmark.json", BenchmarkFigures),
            read_json_if_there(searched, SearchFigures),
            own("evaluation.json", Evaluation),
            trained[0] if trained else None,
            looks_of(recipe),
            {core: entries[recipe] for core, entries in measured.items() if recipe in entries},
        )

    def hashes(self):
        """Rows (name, SHA-256)."""
        yield "model (front end, layers, labels)", self.about.model_sha256
        yield "float weights", self.about.weights_sha256
        if self.trained_in:
            yield "recipe", read_json(self.trained_in / "train.json", TrainJson).recipe_sha256
        if self.evaluation:
            yield "names and order of the evaluated clips", self.evaluation.order_sha256


def figures(files):
    """The key figures at the top of the page."""

    def figure(value, name, source):
        return {"value": value, "name": name, "source": source}

    if files.evaluation:
        found = files.evaluation
        yield figure(
            f"{found.accuracy:.1%}",
            f"accuracy ({found.accuracy_low:.1%} to {found.accuracy_high:.1%}); streamed {found.accuracy_streamed:.1%}",
            "make evaluate",
        )
    if files.stream:
        for point in files.stream.operating_points:
            if point.name == files.about.operating_points[0].name and point.keywords:
                interval = f"{point.low:.1f} to {point.high:.1f}"
                yield figure(
                    f"{point.misses / point.keywords:.1%} missed",
                    f"{point.kind}: {point.fa_per_hour:.1f} false accepts an hour ({interval})",
                    f"make stream, {point.name}",
                )
    yield figure(f"{files.about.flash_bytes:,} bytes", "of flash for the model", "make export")
    yield figure(f"{files.about.ram_bytes:,} bytes", "of RAM for one stream and scratch memory", "make export")
    if "m4" in files.cost:
        yield figure(
            f"{files.cost['m4']['instructions_per_hop']['total']:,}", "instructions a hop on an M4", "make cost"
        )


def report(recipe):
    """The page of a recipe (a name or a .toml file) as HTML text."""
    name = recipe_name(recipe)
    model, spotter, origin = open_exported(name)
    files = Files.of(name, recipe_file(recipe), spotter.model)
    excerpt = excerpt_of(spotter, files.stream and files.stream.stream)
    page = jinja2.Environment(autoescape=True, trim_blocks=True).from_string(PAGE.read_text())
    return page.render(
        style="\n".join(path.read_text().strip() for path in STYLES),
        recipe=name,
        about=spotter.model,
        origin=origin.replace(str(build_folder()), "build").replace(str(MODELS), "firmware/models"),
        figures=list(figures(files)),
        sections=[
            sections.operating_points(files),
            sections.stream_excerpt(excerpt),
            sections.benchmark(files),
            sections.recall(files),
            sections.confusion(files),
            sections.learning(files),
            sections.search(files),
            sections.layers(model, excerpt.codes),
            sections.cost(files),
            sections.looks(files),
            sections.hashes(files),
            sections.recipe(files),
        ],
    )
