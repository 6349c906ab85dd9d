"""A trained model in numpy, without torch: its weights and the settings it was trained with."""

import hashlib
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, ValidationError, model_validator

from firmware.files import MOST_BYTES, Record, first_problem, write_whole
from firmware.frontend import CODE_ZERO_POINT, Frontend
from firmware.model_json import Label, RecipeName, Task, outputs_of, require_labels
from firmware.sensor import Sensor
from train.integer_model import IntegerModel
from train.layers import CELLS, KINDS, kind_of
from train.layers.layer import CodeFormat, dealt
from train.layers.ops import FloatOps, LayerOps, full_name


@dataclass(frozen=True)
class Features:
    """The network input of a feature: x = (log_mel - mean_level) * 2^-right_shift, log_mel 0..255."""

    mean_level: int
    right_shift: int

    @property
    def format(self):
        """The CodeFormat of features: codes int8."""
        return CodeFormat(self.right_shift, -CODE_ZERO_POINT - self.mean_level, 128)

    def real(self, codes):
        """Codes int8 [..., bands] -> network input, float32."""
        return self.format.real(codes)

    def codes(self, real):
        """Network input float32 [..., bands] of whole log-mel values -> codes int8."""
        return np.rint(real * 2.0**self.right_shift + self.mean_level + CODE_ZERO_POINT).astype(np.int8)


@dataclass(frozen=True)
class Model:
    """layers: {name: Layer} from features to logits; the labels, of which the first `keywords` are keywords.

    task: `anomaly` where the last layer predicts the output of the second at the next hop.
    """

    recipe: str
    labels: tuple
    keywords: int
    frontend: Sensor | Frontend
    features: Features
    layers: dict
    task: str = "keywords"

    @property
    def outputs(self):
        """Values of the last layer."""
        return outputs_of(self)

    @property
    def words(self):
        """The keywords: the first labels."""
        return self.labels[: self.keywords]

    @property
    def cells(self):
        """The recurrent cells among the layers."""
        return [layer for layer in self.layers.values() if type(layer) in CELLS.values()]

    @property
    def cell_kind(self):
        return kind_of(self.cells[0])

    def linear_maps(self):
        """{name: (float weights, bias)} of every linear map of the step."""
        return {
            full_name(name, part): value
            for name, layer in self.layers.items()
            for part, value in layer.linear_maps().items()
        }

    def formats(self):
        """{layer: CodeFormat of its input}."""
        found, source = {}, self.features.format
        for name, layer in self.layers.items():
            found[name] = source
            source = layer.output_format(source)
        return found

    def states(self):
        """Every State in the order of the step, with its full name and its format."""
        formats = self.formats()
        return [
            replace(state, name=full_name(name, state.name), format=state.format or formats[name])
            for name, layer in self.layers.items()
            for state in layer.states()
        ]

    def step(self, ops, x, states):
        """The step as a graph built by ops: features x and the values of states() -> logits, next states."""
        following = []
        for name, layer, own in dealt(self.layers, states):
            x, own = layer.step(LayerOps(ops, name), x, own)
            following += own
        return x, following

    def run(self, codes, states=None, activations=None):
        """Features int8 [clips, hops, bands] -> float logits [clips, hops, labels] and the last states."""
        ops = FloatOps(self.linear_maps(), activations)
        x = self.features.real(codes)
        if states is None:
            states = [np.zeros((len(x), state.size), np.float32) for state in self.states()]
        logits = []
        for hop in range(x.shape[1]):
            out, states = self.step(ops, x[:, hop], states)
            logits.append(out)
        return np.stack(logits, axis=1), states

    def quantize(self):
        """The IntegerModel."""
        formats = self.formats()
        rows = {name: layer.quantize(formats[name]) for name, layer in self.layers.items()}
        return IntegerModel(self, rows)

    def _arrays(self):
        return {
            f"{name}.{field}": value for name, layer in self.layers.items() for field, value in layer.arrays().items()
        }

    def float_bytes(self):
        """Size of all weights in float32, bytes."""
        return 4 * sum(np.size(value) for value in self._arrays().values())

    def sha256(self):
        """A hash of the layers and their weights."""
        digest = hashlib.sha256(json.dumps(self._layers_about()).encode())
        for name, value in sorted(self._arrays().items()):
            digest.update(name.encode() + np.ascontiguousarray(value, "<f4").tobytes())
        return digest.hexdigest()

    def _layers_about(self):
        return [
            {"name": name, "kind": kind_of(layer), "settings": layer.settings()} for name, layer in self.layers.items()
        ]

    def save(self, path):
        """Write weights.npz: the arrays in float32, and About as JSON in the array `about`."""
        about = About(
            recipe=self.recipe,
            labels=self.labels,
            keywords=self.keywords,
            frontend=self.frontend,
            features=self.features,
            layers=tuple(LayerAbout(**layer) for layer in self._layers_about()),
            task=self.task,
        )
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about.model_dump(mode="json"))), **self._arrays())
        write_whole(path, buffer.getvalue())

    @classmethod
    def load(cls, path):
        """Read weights.npz; ValueError naming the file if it is damaged or does not describe a model."""
        path = Path(path)
        try:
            with np.load(path, allow_pickle=False) as file:
                unpacked = sum(member.file_size for member in file.zip.infolist())
                if unpacked > MOST_BYTES:
                    raise ValueError(f"unpacks to {unpacked >> 20} MB")
                arrays = {name: file[name] for name in file.files}
            about = About.model_validate_json(str(arrays.pop("about")))
            layers = {layer.name: _layer_of(layer, arrays) for layer in about.layers}
            model = cls(**{**dict(about), "layers": layers})
            model.require_usable()
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as error:  # numpy raises zipfile, zlib, OS, memory and value errors for a damaged file
            reason = first_problem(error) if isinstance(error, ValidationError) else error
            raise ValueError(
                f"{path}: not a complete weights file ({reason}); train the model again or restore the file from git"
            ) from error
        return model

    def require_usable(self):
        """ValueError if a weight is no finite number, or the layers do not fit each other and the labels."""
        for name, value in self._arrays().items():
            if value.dtype.kind != "f":
                raise ValueError(f"{name} has values of type {value.dtype}, not float32")
            if not np.isfinite(value).all():
                raise ValueError(f"{name} has a weight that is not finite")
        logits, _ = self.run(np.zeros((1, 1, self.frontend.bands), np.int8))
        if logits.shape[2] != self.outputs:
            raise ValueError(f"{logits.shape[2]} outputs, but {self.outputs} are wanted")
        if self.task == "anomaly" and [layer.units for layer in self.layers.values()][1] != self.outputs:
            raise ValueError(f"the second layer does not have the {self.outputs} outputs that the last predicts")


class LayerAbout(Record):
    """A layer in About; its name becomes part of names in C."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    kind: Literal[tuple(KINDS)]
    settings: dict[str, int | float | bool]


class About(Record):
    """The description in a weights file: the fields of Model without arrays."""

    recipe: RecipeName
    labels: tuple[Label, ...] = Field(min_length=2, max_length=255)
    keywords: int = Field(ge=1)
    frontend: Sensor | Frontend
    features: Features
    layers: tuple[LayerAbout, ...] = Field(min_length=2)
    task: Task = "keywords"

    @model_validator(mode="after")
    def labels_fit(self):
        require_labels(self.labels, self.keywords)
        return self


def _layer_of(about, arrays):
    """The Layer that a LayerAbout and the arrays of a weights file describe."""
    prefix = f"{about.name}."
    own = {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
    return KINDS[about.kind](**own, **about.settings)
