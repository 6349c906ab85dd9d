"""Writes a model for ESPHome's component micro_wake_word: python -m export.esphome RECIPE [--wav FILE]

BUILD/RECIPE/esphome/ gets WORD.tflite and WORD.json, the manifest, of each keyword.  The cutoff is chosen on validation streams
by the component's own decision.  The arena is measured in TFLite Micro, whose pointers have 64 bits here: a board
needs less.  With --wav, prints what the written files detect in a recording, from the front end itself.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from calibration.models import load_calibration, load_model
from calibration.streams.validation import LANES, validation_streams
from export.esphome.component import STEP_MS, WINDOW_MS, cutoff_of, detected_hops, share_of
from export.esphome.cutoff import choose_cutoff, is_deaf, probabilities_on
from export.esphome.graph import streaming_graph
from export.esphome.hearing import FrontEnd, MicroGraph, require_front_end
from export.esphome.manifest import OLDEST, Manifest, Micro
from export.tflite_file import require
from export.tflm import arena_bytes_of
from firmware.audio.recordings import Reader
from firmware.command import Failure, run_command
from firmware.files import write_whole
from firmware.paths import build_folder
from train.corpora import load_corpora
from train.recipe import load_recipe

AUTHOR = "Jerboa"
COMPARED_HOPS = 1000
LARGEST_ERROR = 8
"""Of a probability in TFLite Micro, in units of 2^-8, against the integers."""


def require_micro(recipe):
    """Failure unless a recipe's features are those of the component."""
    if not recipe.front.is_micro:
        raise Failure(
            f'recipe {recipe.name}: ESPHome hears other features; a recipe for it has kind = "micro" in its table [frontend], '
            'as `make wake WORD="..." FOR=esphome` writes it'
        )


def compare(content, codes, wanted):
    """(mean, largest) difference of the graph's probabilities from wanted ones; Failure if it exceeds LARGEST_ERROR."""
    graph = MicroGraph(content)
    frames = np.repeat(codes[:, None], graph.stride, 1).reshape(-1, codes.shape[1])
    error = np.abs(graph.hear(frames).astype(int) - wanted)
    if error.max() > LARGEST_ERROR:
        raise Failure(f"a probability in TFLite Micro is {error.max()} of 256 from that of the integers: not written")
    return error.mean(), error.max()


def languages_of(recipe):
    """The languages that a recipe's synthesizers speak."""
    return tuple(sorted({corpus.language for corpus in recipe.corpora if hasattr(corpus, "language")})) or ("en",)


def arena_bytes(content, name):
    """The arena that TFLite Micro needs for the bytes of a graph; name: of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return arena_bytes_of(path)


def make_graph(keyword, parts, heard):
    """The bytes of a keyword's graph, which computes what the integers do; prints by how much it differs."""
    model, integers, ranges, streams = parts
    content = streaming_graph(model, integers, ranges, keyword, model.frontend.hop_ms // STEP_MS)
    codes, wanted = streams["words"][0], heard["words"][0]
    hops = min(COMPARED_HOPS, len(codes) // LANES)
    mean, largest = compare(content, codes[:hops], wanted[:hops])
    print(f"TFLite Micro against the integers over {hops} hops: mean {mean:.2f}, largest {largest} of 256")
    return content


def manifest_of(recipe, word, micro, about):
    """The Manifest of a word with its Micro; about: {field: text}."""
    return Manifest(
        type="micro",
        wake_word=word.replace("_", " "),
        model=f"{word}.tflite",
        version=2,
        micro=micro,
        trained_languages=languages_of(recipe),
        **about,
    )


def write_model(recipe, keyword, parts, about):
    """Write the graph and the manifest of a keyword, by its index, once both are known; prints what it does.

    parts: (Model, IntegerModel, ranges, validation streams); about: {field of Manifest: text}.
    """
    model, integers, _, streams = parts
    word, hop_ms = model.words[keyword], model.frontend.hop_ms
    heard, window = probabilities_on(integers, streams, keyword), WINDOW_MS // hop_ms
    chosen = choose_cutoff(heard, window, hop_ms // STEP_MS)
    content = make_graph(keyword, parts, heard)
    path = build_folder() / recipe.name / "esphome" / f"{word}.tflite"
    micro = Micro(
        probability_cutoff=share_of(chosen.cutoff),
        feature_step_size=STEP_MS,
        sliding_window_size=window,
        tensor_arena_size=arena_bytes(content, path.name),
        minimum_esphome_version=OLDEST,
    )
    manifest = manifest_of(recipe, word, micro, about)
    write_whole(path, content)
    write_whole(path.with_suffix(".json"), manifest.content().encode())
    print(f"{path}: {len(content):,} bytes, an arena of {micro.tensor_arena_size:,}, a hop of {hop_ms} ms")
    print(f"{path.with_suffix('.json')}: cutoff {micro.probability_cutoff}; on validation streams {chosen.line()}")
    if not chosen.kept or is_deaf(chosen):
        print(
            f"warning: no cutoff of '{word}' keeps the criterion and hears it; train for more epochs or on more recordings"
        )
    return content, micro


def hear(wav, word, content, micro):
    """Prints what the component would detect of a word in a recording, from power-up."""
    reader, front_end, graph = Reader(wav), FrontEnd(), MicroGraph(content)
    frames = np.concatenate([front_end.hear(pcm) for pcm in reader.blocks()])
    reader.print_remarks()
    probabilities = graph.hear(frames)
    cutoff = cutoff_of(micro.probability_cutoff)
    found = detected_hops(probabilities, cutoff, micro.sliding_window_size, graph.stride)
    for hop in found:
        print(f"Heard {word} @ {(hop + 1) * graph.stride * STEP_MS} ms")
    if not found:
        highest = probabilities.max(initial=0) / 256
        print(f"Heard nothing; the highest probability of {word} is {highest:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--author", default="")
    parser.add_argument("--website", default="")
    parser.add_argument("--wav", default="")
    given = parser.parse_args()
    require("tflite_micro")
    if given.website and not given.website.startswith(("http://", "https://")):
        raise ValueError(f"WEBSITE={given.website}: give an address that begins with https://")
    if given.wav:
        require_front_end()
        with Reader(given.wav):
            pass
    recipe = load_recipe(given.recipe, ("keywords",))
    require_micro(recipe)
    model, origin = load_model(recipe.name)
    print(f"exporting {origin}")
    calibration = load_calibration(recipe.name, model)
    about = {"author": given.author or AUTHOR, "website": given.website or None}
    streams = validation_streams(recipe, load_corpora(recipe))
    parts = model, model.quantize(), calibration.ranges, streams
    for keyword, word in enumerate(model.words):
        written = write_model(recipe, keyword, parts, about)
        if given.wav:
            hear(Path(given.wav), word, *written)


if __name__ == "__main__":
    run_command("esphome", main)
