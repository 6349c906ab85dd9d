"""All exported files of a model: C arrays, ONNX, TFLite, the TFLite Micro header, and agreement.json."""

import numpy as np

from calibration.detector import Detector
from calibration.models import load_calibration, load_model
from export.agreement import agreement, check_contract
from export.c_files import write_c
from export.metadata import description
from export.onnx_graphs import FILES as ONNX_FILES
from export.onnx_graphs import write_onnx_graphs
from export.tflite_convert import FILES as TFLITE_FILES
from export.tflite_file import TfliteUnavailable
from export.tflite_graphs import write_tflite_graphs
from export.tflite_lstm import FILE as FUSED_FILE
from export.tflite_lstm import is_one_lstm, write_fused_lstm
from export.tflm import write_tflite_header
from firmware.audio.recordings import rounded_pcm
from firmware.command import Failure
from firmware.files import write_json
from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.host.binding import UNIT, FrontendC
from firmware.paths import build_folder
from firmware.recipes import make_command

CLIPS, STREAM_STEPS = 10, 1000
"""The features that the graphs are compared on: clips from a zero state, and one stream of so many hops."""


def comparison_features(model):
    """(clips int8 [CLIPS, hops, bands], stream int8 [STREAM_STEPS, bands]) of synthetic sound through the C front end.

    The sound is bursts of noise and pulses with moving resonances, the same on every machine.
    """
    random = np.random.default_rng(0)
    frontend = FrontendC(model.frontend)
    samples = STREAM_STEPS * model.frontend.hop_samples
    pcm = np.concatenate([_burst(random, CLIP_SAMPLES // 8) for _ in range(-(-samples * 8 // CLIP_SAMPLES))])[:samples]
    stream = frontend.features(pcm)
    hops = model.frontend.clip_hops
    return stream[: CLIPS * hops].reshape(CLIPS, hops, -1), stream


def _burst(random, length):
    """PCM int16 [length] at a random level: noise or a pulse train through two resonances, like a vowel."""
    time = np.arange(length)
    source = (
        random.normal(size=length)
        if random.random() < 0.3
        else np.modf(time * random.uniform(80, 250) / SAMPLE_RATE_HZ)[0] - 0.5
    )
    bins = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    gain = sum(1 / (1 + ((bins - random.uniform(200, 3500)) / 150) ** 2) for _ in range(2))
    sound = np.fft.irfft(np.fft.rfft(source) * gain, length)
    return rounded_pcm(sound / sound.std() * np.exp(random.uniform(2, 8)))


def write_graphs(model, integers, ranges, folder, model_sha256):
    """Write every graph and agreement.json; ContractBroken when a graph does not follow the integer reference."""
    about = description(model, model_sha256)
    for name in (*TFLITE_FILES.values(), "model_tflite.h", FUSED_FILE):
        (folder / name).unlink(missing_ok=True)
    write_onnx_graphs(folder, model, integers, ranges, about)
    written = [*ONNX_FILES.values()]
    try:
        write_tflite_graphs(folder, model, integers, ranges)
        write_tflite_header(folder / "model_tflite.h", folder / TFLITE_FILES[16], about)
        written += [*TFLITE_FILES.values(), "model_tflite.h"]
        if is_one_lstm(model):
            write_fused_lstm(folder / FUSED_FILE, model, ranges)
            written.append(FUSED_FILE)
    except TfliteUnavailable as missing:
        print(f"TFLite files skipped: {missing} (`make setup TFLITE=1` installs it)")
    print(f"{folder}: {', '.join(written)}")
    value = agreement(folder, model, integers, *comparison_features(model))
    write_json(folder / "agreement.json", value)
    for artefact, against in value.items():
        figures = against["reference"]["stream"]
        print(
            f"{artefact}: mean {figures['mean']:.4f}, 99th percentile {figures['p99']:.4f}, agreement {figures['agree']:.4f} "
            f"with the integers over {figures['steps']} steps"
        )
    check_contract(value)


def export(recipe):
    """Write every file of a recipe's newest model into BUILD/recipe; recipe is a name."""
    model, origin = load_model(recipe)
    if model.frontend.is_micro:
        raise Failure(
            f"recipe {recipe}: the features of frontend.kind = micro are ESPHome's, which this firmware does not compute; run "
            f"`{make_command('esphome', recipe)}`"
        )
    print(f"exporting {origin}")
    calibration = load_calibration(recipe, model)
    integers = model.quantize()
    folder = build_folder() / recipe
    about = write_c(model, integers, Detector.of(calibration, model.words, UNIT[model.task]), folder / "firmware")
    print(
        f"{folder / 'firmware'}: kws_model.h, kws_model.c, {about.flash_bytes} bytes of flash, {about.ram_bytes} of RAM"
    )
    if model.task == "anomaly":
        print("no ONNX and no TFLite files: they are of models of keywords")
        return
    write_graphs(model, integers, calibration.ranges, folder, about.model_sha256)
