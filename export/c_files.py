"""The firmware files of a model: kws_model.h, kws_model.c and model.json."""

from dataclasses import asdict

import numpy as np

from export.c_model import CModel
from export.c_text import header_text, source_text
from firmware.files import whole_folder, write_json, write_whole
from firmware.host.binding import UNIT
from firmware.model_json import MODEL_JSON, ModelJson, Point


def describe(model, c_model, detector):
    """The ModelJson of a Model, its CModel and its Detector."""
    unit = UNIT[model.task]
    points = tuple(
        Point(name=point.name, thresholds={w: t / unit for w, t in zip(model.words, point.thresholds, strict=True)})
        for point in detector.points
    )
    return ModelJson(
        recipe=model.recipe,
        task=model.task,
        cell=model.cell_kind,
        units=tuple(cell.units for cell in model.cells),
        labels=model.labels,
        keywords=model.keywords,
        frontend=model.frontend,
        threshold=float(np.mean(list(points[0].thresholds.values()))),
        operating_points=points,
        **asdict(detector.rule),
        flash_bytes=c_model.flash_bytes(),
        ram_bytes=c_model.ram_bytes(),
        multiplications=int(c_model.multiplications()),
        model_id=c_model.export_id(),
        model_sha256=c_model.sha256(),
        weights_sha256=model.sha256(),
    )


def write_c(model, integers, detector, folder):
    """Replace a folder by exactly kws_model.h, kws_model.c and model.json, atomically; returns the ModelJson."""
    c_model = CModel(integers, detector)
    about = describe(model, c_model, detector)
    with whole_folder(folder) as made:
        write_whole(made / "kws_model.h", header_text(c_model))
        write_whole(made / "kws_model.c", source_text(c_model))
        write_json(made / MODEL_JSON, about)
    return about
