"""What every package holds, whatever the ecosystem: the library with a model in it, and what is to be known of both.

src/Jerboa.h is the header that users include; all else lies one folder deeper, src/kws/, so that names like layer.h
meet no one else's on an include path.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import jinja2

from firmware.compile.library import LIBRARY_SOURCES
from firmware.files import parse_toml
from firmware.model_json import MODEL_C, c_name, read_model_json
from firmware.paths import LIBRARY, MODELS, ROOT

NAME = "Jerboa"
TEMPLATES = Path(__file__).parent / "templates"
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=lambda name: name.endswith(".pdsc"),
)


@dataclass(frozen=True)
class Contents:
    """One recipe's package, before an ecosystem shapes it."""

    recipe: str
    c_name: str  # of the model, commands_20k
    version: str
    homepage: str  # empty where the project has none
    labels: tuple
    keywords: tuple
    model: Path
    card: str

    @property
    def sentence(self):
        return "Keyword spotting in a few kilobytes: 16 kHz samples in, detected words out, bit-exact integers."

    def sources(self):
        """{path: bytes} of src/: the header, the library and the model."""
        headers = [path.name for path in sorted(LIBRARY.glob("*.h"))]
        files = {f"src/kws/{name}": (LIBRARY / name).read_bytes() for name in (*headers, *LIBRARY_SOURCES)}
        files |= {f"src/kws/{name}": (self.model / name).read_bytes() for name in MODEL_C}
        return {"src/Jerboa.h": (TEMPLATES / "Jerboa.h").read_bytes(), **files}

    def compiled(self):
        """Paths of what is compiled, in one order."""
        return sorted(path for path in self.sources() if path.endswith((".c", ".S")))

    def files(self):
        """{path: text or bytes} of what every package holds."""
        return {
            **self.sources(),
            "LICENSE": (ROOT / "LICENSE").read_bytes(),
            "MODEL.md": self.card,
            "README.md": self.fill("README.md"),
        }

    def fill(self, template, **more):
        """A template's text for this recipe."""
        return _templates.get_template(template).render(name=NAME, contents=self, **more)


def model_card(recipe, model, about):
    """The shipped model's card where this is that model, byte for byte; else the little that model.json tells."""
    shipped = MODELS / recipe
    if (shipped / "README.md").exists() and (shipped / "kws_model.c").read_bytes() == (
        model / "kws_model.c"
    ).read_bytes():
        return (shipped / "README.md").read_text()
    digest = hashlib.sha256((model / "kws_model.c").read_bytes()).hexdigest()
    return _templates.get_template("MODEL.md").render(recipe=recipe, about=about, digest=digest)


def read_contents(recipe, model):
    """The Contents of a recipe whose exported model is in a folder."""
    about = read_model_json(model)
    project = parse_toml((ROOT / "pyproject.toml").read_bytes(), "pyproject.toml")["project"]
    return Contents(
        recipe=recipe,
        c_name=c_name(model),
        version=project["version"],
        homepage=project.get("urls", {}).get("Homepage", ""),
        labels=about.labels,
        keywords=about.words,
        model=model,
        card=model_card(recipe, model, about),
    )
