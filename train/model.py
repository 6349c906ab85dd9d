"""A trained model as numpy: what the recipe fixed, and the weights.  No torch is needed to use it."""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from firmware.files import write_whole
from firmware.frontend import Frontend
from train.integer_model import IntegerModel
from train.layers import CELLS, KINDS, kind_of
from train.layers.layer import CodeFormat, dealt
from train.layers.ops import FloatOps, LayerOps, full_name


@dataclass(frozen=True)
class Features:
    """How levels enter the network: x = (level - mean_level) * 2^-right_shift."""

    mean_level: int
    right_shift: int

    @property
    def format(self):
        """The CodeFormat of features, codes int8 = level - 128."""
        return CodeFormat(self.right_shift, 128 - self.mean_level, 128)

    def real(self, codes):
        """Codes int8 [..., bands] -> network input, float32."""
        return self.format.real(codes)


@dataclass(frozen=True)
class Model:
    """Layers by name, from features to logits, and what they were trained for."""

    recipe: str
    labels: tuple
    keywords: int
    frontend: Frontend
    features: Features
    decision_hops: int
    layers: dict

    @property
    def cells(self):
        """The recurrent cells among the layers."""
        return [layer for layer in self.layers.values() if type(layer) in CELLS.values()]

    @property
    def cell_kind(self):
        return kind_of(self.cells[0])

    def linear_maps(self):
        """Float weights and bias of every linear map of the step."""
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
        """Every State of the step, in its order, named in full and with its format."""
        formats = self.formats()
        return [
            replace(state, name=full_name(name, state.name), format=state.format or formats[name])
            for name, layer in self.layers.items()
            for state in layer.states()
        ]

    def step(self, ops, x, states):
        """The whole step as a graph: features x, the values of states() -> logits, next states."""
        following = []
        for name, layer, own in dealt(self.layers, states):
            x, own = layer.step(LayerOps(ops, name), x, own)
            following += own
        return x, following

    def run(self, codes, states=None, activations=None):
        """Float logits [clips, hops, labels] and last states of features int8 [clips, hops, bands]."""
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
        """The integers of the whole model."""
        formats = self.formats()
        rows = {name: layer.quantize(formats[name]) for name, layer in self.layers.items()}
        return IntegerModel(self, rows)

    def _arrays(self):
        return {
            f"{name}.{field}": value for name, layer in self.layers.items() for field, value in layer.arrays().items()
        }

    def float_bytes(self):
        """Bytes of all weights in float32."""
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
        """Write weights.npz: the arrays in float32 and the rest as JSON in `about`."""
        about = {
            "recipe": self.recipe,
            "labels": list(self.labels),
            "keywords": self.keywords,
            "frontend": asdict(self.frontend),
            "features": asdict(self.features),
            "decision_hops": self.decision_hops,
            "layers": self._layers_about(),
        }
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(about)), **self._arrays())
        write_whole(path, buffer.getvalue())

    @classmethod
    def load(cls, path):
        """Read weights.npz; ValueError naming the file where it is not whole."""
        path = Path(path)
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            about = json.loads(str(arrays.pop("about")))
            return cls(
                about["recipe"],
                tuple(about["labels"]),
                about["keywords"],
                Frontend(**about["frontend"]),
                Features(**about["features"]),
                about["decision_hops"],
                {layer["name"]: _layer_of(layer, arrays) for layer in about["layers"]},
            )
        except FileNotFoundError:
            raise
        except Exception as error:  # numpy raises zipfile, zlib, OS and value errors for a damaged file
            raise ValueError(
                f"{path}: not a whole weights file ({error}); train it again or restore it from git"
            ) from error


def _layer_of(about, arrays):
    """A layer from its part of a weights file."""
    prefix = f"{about['name']}."
    own = {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
    return KINDS[about["kind"]](**own, **about["settings"])
