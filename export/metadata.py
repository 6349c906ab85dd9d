"""The metadata of an exported graph: how sound becomes features, and which label each logit belongs to.

ONNX files carry it as metadata properties, model_tflite.h as a comment; docs/onnx.md explains each key.
"""

import json
from dataclasses import asdict

from firmware.frontend import ENERGY_FLOOR, FFT_POINTS, FRAME_SAMPLES, LOG_GAIN, SAMPLE_RATE_HZ


def description(model, model_sha256):
    """{key: text} of a model, values other than text as JSON; model_sha256 is the one in model.json."""
    values = {
        "recipe": model.recipe,
        "labels": model.labels,
        "keywords": model.keywords,
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "hop_samples": model.frontend.hop_samples,
        "frame_samples": FRAME_SAMPLES,
        "fft_points": FFT_POINTS,
        "bands": model.frontend.bands,
        "high_hz": model.frontend.high_hz,
        "level_gain": LOG_GAIN,
        "energy_floor": ENERGY_FLOOR,
        **asdict(model.features),
        "states": [state.name for state in model.states()],
        "model_sha256": model_sha256,
        "weights_sha256": model.sha256(),
    }
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
