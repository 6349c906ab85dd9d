"""The page of one or several models: one HTML file that listens and records in a browser."""

import json
from base64 import b64encode
from pathlib import Path

import jinja2

from firmware.compile.webassembly import build_webassembly
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import CERTAIN, NOTHING
from firmware.model_json import c_name, read_model_json

FOLDER = Path(__file__).parent
LOOK = FOLDER / "look.css"
"""The style that the report has too."""
STYLES = LOOK, FOLDER / "page.css"
SCRIPTS = (
    "page",
    "crc32",
    "spotter",
    "resampler",
    "microphone",
    "file",
    "sound",
    "zip",
    "picture",
    "listen",
    "takes",
    "record",
    "main",
)
"""In the order in which they stand in the page; all share one scope."""


def _about(folder):
    """What the scripts know about the exported model in a folder."""
    model = read_model_json(folder)
    return {
        "recipe": model.recipe,
        "name": c_name(folder),
        "words": model.words,
        "points": [point.model_dump() for point in model.operating_points],
        "bands": model.frontend.bands,
        "hop_ms": model.frontend.hop_ms,
        "hop_samples": model.frontend.hop_samples,
        "flash_bytes": model.flash_bytes,
        "wasm": b64encode(build_webassembly(folder)).decode(),
    }


def _joined(paths):
    return "\n".join(path.read_text().strip() for path in paths)


def page_of(folders):
    """The HTML text of a page about the exported models in folders."""
    models = [_about(folder) for folder in folders]
    template = jinja2.Environment(autoescape=True, trim_blocks=True).from_string((FOLDER / "page.html").read_text())
    return template.render(
        title=", ".join(model["recipe"] for model in models),
        rate_hz=SAMPLE_RATE_HZ,
        certain=CERTAIN,
        nothing=NOTHING,
        style=_joined(STYLES),
        script=_joined(FOLDER / "scripts" / f"{name}.js" for name in SCRIPTS),
        models=json.dumps(models, ensure_ascii=False).replace("<", "\\u003c"),
    )
