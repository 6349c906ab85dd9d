"""The report in a real browser: complete, with the figures of its files, nothing fetched, no wider than a phone's screen."""

import html
import os
import re
import shutil
import subprocess

import pytest

from calibration.looks import looks_of, note_look
from calibration.records import Confusion, SearchCandidate, SearchFigures
from calibration.report import sections
from calibration.report.page import Files, report
from firmware.files import write_json
from firmware.model_json import read_model_json
from firmware.paths import MODELS, RECIPES
from tests.records import evaluation, measured_point, stream_figures
from tests.test_streams import det_of

RECIPE = "commands-6k"
BROWSER = shutil.which("chromium")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-logging=stderr --v=0"
).split()
PROBE = """<script>
const fetched = performance.getEntriesByType("resource").filter(entry => !entry.name.startsWith("data:")).length;
const whole = [...document.images].every(image => image.naturalWidth);
document.title = [document.documentElement.scrollWidth, whole, fetched].join(" ");
</script>"""
SECTIONS = (
    "points",
    "time",
    "benchmark",
    "recall",
    "confusion",
    "learning",
    "search",
    "layers",
    "cost",
    "looks",
    "hashes",
    "recipe",
)
CANDIDATES = [
    SearchCandidate(
        recipe=f"{RECIPE}-{place}",
        values={"units": 20 + place},
        errors=0.2 - place / 100,
        missed=0.3,
        flash_bytes=5000 + 100 * place,
        ram_bytes=900,
        instructions=20_000,
        on_front=place > 0,
        as_it_is=place == 0,
    )
    for place in range(3)
]


def browse(folder, path, width):
    """(the page as the browser renders it, lines of the browser's console)."""
    if BROWSER is None:
        message = "chromium is not installed"
        pytest.fail(message) if os.environ.get("ALL_DATA") else pytest.skip(message)
    options = [*QUIET, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--dump-dom"]
    done = subprocess.run([BROWSER, *options, path.as_uri()], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """(folder, page) of a shipped model that was streamed and evaluated."""
    build = tmp_path_factory.mktemp("build")
    about = read_model_json(MODELS / RECIPE)
    counts = tuple(tuple(int(row == column) * 9 for column in range(12)) for row in range(12))
    known = {"recipe": RECIPE, "model_sha256": about.model_sha256}
    confusion = Confusion(labels=about.labels, counts=counts)
    evaluated = evaluation(**known, clips=108, errors=7, accuracy=0.9352, confusion=confusion, order_sha256="ab" * 32)
    stream = stream_figures({"words": det_of()}, [measured_point("balanced", "words")], **known, stream="none")
    write_json(build / RECIPE / "evaluation.json", evaluated)
    write_json(build / RECIPE / "stream.json", stream)
    write_json(
        build / "search" / RECIPE / "front.json", SearchFigures(core="m4", tried=9, candidates=tuple(CANDIDATES))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILD", str(build))
        text = report(RECIPE)
        assert report(RECIPE) == text, "the same files, the same bytes"
    (build / "report.html").write_text(text.replace("</body>", f"{PROBE}</body>"))
    return build, text


@pytest.mark.parametrize("width", [1280, 500])
def test_the_browser_shows_the_whole_page_and_fetches_nothing(page, width):
    build, _ = page
    seen, complaints = browse(build, build / "report.html", width)
    assert complaints == []
    for section in SECTIONS:
        assert f'<h2 id="{section}">' in seen
    across, whole, fetched = re.search(r"<title>(\d+) (\w+) (\d+)</title>", seen).groups()
    assert int(across) <= width and whole == "true" and fetched == "0"


def test_its_figures_are_those_of_the_files(page):
    _, text = page
    text, about = html.unescape(text), read_model_json(MODELS / RECIPE)
    for figure in (f"{about.flash_bytes:,} bytes", f"{about.ram_bytes:,} bytes", "93.5%", "25.0% missed"):
        assert f"<b>{figure}</b>" in text, figure
    assert about.model_sha256 in text and "ab" * 32 in text and "gender" in text and "units = 25" in text
    assert f"{RECIPE}-0, as it is: not on the front" in text and "5,200" in text
    assert 'src="http' not in text and 'href="http' not in text and "url(" not in text.replace("url(#", "")


def test_a_missing_measurement_is_named_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    about = read_model_json(MODELS / RECIPE)
    write_json(tmp_path / RECIPE / "evaluation.json", evaluation())
    text = report(RECIPE)
    assert f"make stream RECIPE={RECIPE} STREAM=test" in text and f"make evaluate RECIPE={RECIPE}" in text
    assert f"{about.flash_bytes:,}" in text


def test_a_model_without_a_recipe_in_the_tree_has_a_report(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    shutil.copytree(MODELS / RECIPE, tmp_path / "mine" / "firmware")
    files = Files.of("mine", RECIPES / "mine.toml", read_model_json(MODELS / RECIPE))
    assert sections.recipe(files).missing == "No train/recipes/mine.toml: give the recipe's .toml file as RECIPE="


def files_of(model_sha256):
    """The Files about a model of RECIPE that has this hash."""
    about = read_model_json(MODELS / RECIPE).model_copy(update={"model_sha256": model_sha256})
    return Files.of(RECIPE, RECIPES / f"{RECIPE}.toml", about)


def test_a_new_look_stands_after_those_that_ship(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    shipped = files_of("c" * 64).looks
    note_look(evaluation(model_sha256="c" * 64), "mine", tmp_path / RECIPE / "looks.json")
    looks = files_of("c" * 64).looks
    assert looks == looks_of(RECIPE) and looks[:-1] == shipped and looks[-1].test == "mine"


def test_the_cost_is_that_of_the_shipped_model_and_of_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD", str(tmp_path))
    assert "m4" in files_of(read_model_json(MODELS / RECIPE).model_sha256).cost
    assert files_of("c" * 64).cost == {}
