"""Listens to a microphone, a recording or standard input, live, through the C library that ships.

    python -m firmware.listen RECIPE [--wav FILE | --wav -] [--fast] [--device DEVICE] [--list-devices]
        [--point NAME] [--threshold WORD=0.8 ...]

In a terminal it shows the level and the keywords' posteriors; elsewhere each detection is a line on standard output, as
an emulated core prints it.  LISTEN_FLAGS in the environment holds more arguments, in words as a shell would
split them.  Ends with a summary on standard error where the sound ends, or with Ctrl-C.
"""

import argparse
import contextlib
import os
import shlex
import signal
import sys

from firmware.command import run_command
from firmware.host.binding import CERTAIN, SpotterC
from firmware.listen.display import Display
from firmware.listen.listener import Listener
from firmware.listen.microphone import Microphone, list_devices
from firmware.listen.sources import Recording, StandardInput, cut_into_hops
from firmware.recipes import model_folder, recipe_name
from firmware.words import normal_word


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--wav", default="", help="a recording, or -: raw 16 kHz int16 mono PCM from a pipe")
    parser.add_argument("--fast", action="store_true", help="hear the recording as quickly as the library can")
    parser.add_argument("--device", type=lambda name: int(name) if name.isdigit() else name, help="of --list-devices")
    parser.add_argument("--point", default="", help="an operating point of the model's, by name")
    parser.add_argument("--threshold", action="append", default=[], metavar="WORD=0.8", help="of one keyword, 0 to 1")
    parser.add_argument("--list-devices", action="store_true", help="what microphones there are, and nothing else")
    try:
        more = shlex.split(os.environ.get("LISTEN_FLAGS", ""))
    except ValueError as error:
        parser.error(f"LISTEN_FLAGS: {error}")
    return parser.parse_args([*more, *sys.argv[1:]])


def open_source(wav, fast, device):
    if wav == "-":
        if sys.stdin is None:
            raise ValueError("WAV=-: standard input is closed; pipe raw 16 kHz int16 PCM into it")
        return StandardInput(sys.stdin.buffer)
    return Recording(wav, fast) if wav else Microphone(device)


class DetectionLines:
    """The detections as lines, each at once; the same doors as Display."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def hear(self, _hop, detection):
        if detection:
            print(detection, flush=True)


def set_thresholds(spotter, point, thresholds):
    """Put in force what the command line says; ValueError names what is no threshold."""
    if point:
        spotter.set_operating_point(point)
    for setting in thresholds:
        word, _, value = setting.partition("=")
        try:
            threshold = float(value)
        except ValueError:
            threshold = -1.0
        if not 0 <= threshold <= 1:
            raise ValueError(f"--threshold {setting}: want WORD=number from 0 to 1")
        spotter.set_threshold(normal_word(word), round(threshold * CERTAIN))


def listen(listener, source, report):
    """To the end of the source, or until Ctrl-C."""
    with report, contextlib.suppress(KeyboardInterrupt):
        for hop in cut_into_hops(source.chunks(), listener.hop_samples):
            report.hear(hop, listener.hear(hop))


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does, and leaves the terminal as it was
    if arguments.list_devices:
        print(list_devices())
        return
    recipe = recipe_name(arguments.recipe)
    spotter = SpotterC(model_folder(recipe))
    set_thresholds(spotter, arguments.point, arguments.threshold)
    source = open_source(arguments.wav, arguments.fast, arguments.device)
    listener = Listener(spotter)
    listen(listener, source, Display(recipe, listener, source) if sys.stdout.isatty() else DetectionLines())
    print(listener.summary(source.overruns), file=sys.stderr)


if __name__ == "__main__":
    run_command("listen", main)
