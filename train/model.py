"""A trained model as numpy: what the recipe fixed, and the weights.  No torch is needed to use it."""

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from firmware.files import write_whole
from firmware.frontend import Frontend
from firmware.integers import Scaling, requantize
from train.cells import CELLS
from train.cells.rows import accumulator_bound, bias_codes, choose_scaling, exact_product, row_scales, weight_codes


class FloatOps:
    """The operators of a cell's graph in float numpy; `activations` collects every named result where given."""

    def __init__(self, linear_maps, activations=None):
        self.linear_maps, self.activations = linear_maps, activations

    def _named(self, name, value):
        if self.activations is not None:
            self.activations.setdefault(name, []).append((float(value.min()), float(value.max())))
        return value

    def linear(self, name, x):
        weights, bias = self.linear_maps[name]
        return self._named(name, x @ weights.T + bias)

    def sigmoid(self, name, x):
        return self._named(name, 1 / (1 + np.exp(-x)))

    def tanh(self, name, x):
        return self._named(name, np.tanh(x))

    def add(self, name, a, b):
        return self._named(name, a + b)

    def subtract(self, name, a, b):
        return self._named(name, a - b)

    def multiply(self, name, a, b):
        return self._named(name, a * b)


@dataclass(frozen=True)
class Features:
    """How levels enter the network: x = (level - mean_level) * 2^-right_shift."""

    mean_level: int
    right_shift: int

    def real(self, codes):
        """Codes int8 [..., bands] -> network input, float32."""
        return (np.asarray(codes, np.float32) + (128 - self.mean_level)) * np.float32(2.0**-self.right_shift)


@dataclass(frozen=True)
class Model:
    """A cell, a linear classifier on its state, and what they were trained for.

    classifier_weights float [labels, units], classifier_bias float [labels].
    """

    recipe: str
    cell_kind: str
    labels: tuple
    keywords: int
    frontend: Frontend
    features: Features
    decision_hops: int
    cell: object
    classifier_weights: np.ndarray
    classifier_bias: np.ndarray

    def linear_maps(self):
        """Float weights and bias of every linear map of the step."""
        return {**self.cell.linear_maps(), "logits": (self.classifier_weights, self.classifier_bias)}

    def step(self, ops, x, h):
        """The whole step as a graph: features x, state h -> logits, next state."""
        h_out = type(self.cell).step(ops, x, h)
        return ops.linear("logits", h_out), h_out

    def run(self, codes, state=None, activations=None):
        """Float logits [clips, hops, labels] and last state of features int8 [clips, hops, bands]."""
        ops = FloatOps(self.linear_maps(), activations)
        x = self.features.real(codes)
        h = np.zeros((len(x), self.cell.units), np.float32) if state is None else state
        logits = []
        for hop in range(x.shape[1]):
            out, h = self.step(ops, x[:, hop], h)
            logits.append(out)
        return np.stack(logits, axis=1), h

    def quantize(self):
        """The integers of the whole model."""
        return IntegerModel.quantize(self)

    def _arrays(self):
        return {
            **{f"cell.{name}": value for name, value in asdict(self.cell).items()},
            "classifier.weights": self.classifier_weights,
            "classifier.bias": self.classifier_bias,
        }

    def float_bytes(self):
        """Bytes of all weights in float32."""
        return 4 * sum(np.size(value) for value in self._arrays().values())

    def sha256(self):
        """A hash of the weights."""
        digest = hashlib.sha256()
        for name, value in sorted(self._arrays().items()):
            digest.update(name.encode() + np.ascontiguousarray(value, "<f4").tobytes())
        return digest.hexdigest()

    def save(self, path):
        """Write weights.npz: the arrays in float32 and the rest as JSON in `about`."""
        about = {
            "recipe": self.recipe,
            "cell": self.cell_kind,
            "labels": list(self.labels),
            "keywords": self.keywords,
            "frontend": asdict(self.frontend),
            "features": asdict(self.features),
            "decision_hops": self.decision_hops,
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
            cell = {name.removeprefix("cell."): arrays.pop(name) for name in list(arrays) if name.startswith("cell.")}
            return cls(
                about["recipe"],
                about["cell"],
                tuple(about["labels"]),
                about["keywords"],
                Frontend(**about["frontend"]),
                Features(**about["features"]),
                about["decision_hops"],
                CELLS[about["cell"]](**cell),
                arrays["classifier.weights"],
                arrays["classifier.bias"],
            )
        except FileNotFoundError:
            raise
        except Exception as error:  # numpy raises zipfile, zlib, OS and value errors for a damaged file
            raise ValueError(
                f"{path}: not a whole weights file ({error}); train it again or restore it from git"
            ) from error


@dataclass(frozen=True)
class IntegerModel:
    """What the device computes, in numpy: the reference for the C library's cell and classifier.

    weights int8 [labels, units], bias int [labels], multiplier int [labels]; scale float [labels].
    """

    cell: object
    weights: np.ndarray
    bias: np.ndarray
    multiplier: np.ndarray
    scaling: Scaling
    scale: np.ndarray

    @classmethod
    def quantize(cls, model):
        cell = model.cell.quantize(model.features.right_shift, model.features.mean_level)
        scale = row_scales(model.classifier_bias, model.classifier_weights)
        codes = weight_codes(model.classifier_weights, scale)
        bias = bias_codes(model.classifier_bias, scale)
        bound = accumulator_bound(bias, np.abs(codes).sum(axis=1) * 32768)
        multiplier, scaling = choose_scaling(bound, scale * 2.0 ** (10 - 15))
        return cls(cell, codes.astype(np.int8), bias + (1 << scaling.accumulator_shift - 1), multiplier, scaling, scale)

    def step(self, codes, state):
        """Features int8 [clips, bands], state int [clips, units] -> logits Q5.10 [clips, labels], next state."""
        state = self.cell.step(codes, state)
        accumulator = exact_product(state, self.weights) + self.bias
        return requantize(accumulator, self.multiplier, self.scaling), state

    def run(self, codes, state=None):
        """Logits int [clips, hops, labels], Q5.10, and the last state of features int8 [clips, hops, bands]."""
        state = np.zeros((len(codes), self.cell.units), np.int64) if state is None else state
        logits = []
        for hop in range(codes.shape[1]):
            out, state = self.step(codes[:, hop], state)
            logits.append(out)
        return np.stack(logits, axis=1), state

    def linear_maps(self):
        """Codes int8 and scales [rows] of every linear map of the step."""
        return {**self.cell.linear_maps(), "logits": (self.weights, self.scale)}
