"""Live detections in a microphone, a recording or standard input, by the C library.

    python -m firmware.listen RECIPE [--wav FILE | --wav -] [--fast] [--device DEVICE] [--list-devices]
        [--point NAME] [--threshold WORD=0.8 ...]

A terminal shows the level and the keywords' posteriors; otherwise, and of anomalies, each detection is a line on standard
output, as an emulated core prints it.  The environment variable LISTEN_FLAGS holds more arguments, split into words as by a
shell.  It ends at the end of the sound or at Ctrl-C, with a summary on standard error.
"""

import argparse
import contextlib
import os
import shlex
import signal
import sys

from firmware.command import run_command
from firmware.host.binding import UNIT, SpotterC
from firmware.listen.display import Display
from firmware.listen.listener import Listener
from firmware.listen.microphone import Microphone, list_devices
from firmware.listen.sources import Recording, StandardInput, cut_into_hops
from firmware.recipes import model_folder, recipe_name
from firmware.sensor import Sensor
from firmware.words import normal_word


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--wav", default="", help="a recording, or -: raw 16 kHz int16 mono PCM from a pipe")
    parser.add_argument("--fast", action="store_true", help="process the recording as fast as possible")
    parser.add_argument(
        "--device",
        type=lambda name: int(name) if name.isdigit() else name,
        help="a number or part of a name in --list-devices",
    )
    parser.add_argument("--point", default="", help="name of an operating point of the model")
    parser.add_argument(
        "--threshold", action="append", default=[], metavar="WORD=0.8", help="threshold of one keyword, 0 to 1"
    )
    parser.add_argument("--list-devices", action="store_true", help="list the microphones and exit")
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
    """Prints each detection as a line at once; the same interface as Display."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def hear(self, _hop, detection):
        if detection:
            print(detection, flush=True)


def set_thresholds(spotter, point, thresholds):
    """Set the operating point and thresholds of the command line; ValueError names a bad setting."""
    if point:
        spotter.set_operating_point(point)
    for setting in thresholds:
        word, _, value = setting.partition("=")
        try:
            threshold = float(value)
        except ValueError:
            threshold = -1.0
        highest = 1 if spotter.model.task == "keywords" else 15
        if not 0 <= threshold <= highest:
            raise ValueError(f"--threshold {setting}: expected WORD=number from 0 to {highest}")
        spotter.set_threshold(normal_word(word), round(threshold * UNIT[spotter.model.task]))


def listen(listener, source, report):
    """Listen to the end of the source, or until Ctrl-C."""
    with report, contextlib.suppress(KeyboardInterrupt):
        for hop in cut_into_hops(source.chunks(), listener.hop_samples):
            report.hear(hop, listener.hear(hop))


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: restores the terminal
    if arguments.list_devices:
        print(list_devices())
        return
    recipe = recipe_name(arguments.recipe)
    spotter = SpotterC(model_folder(recipe))
    if isinstance(spotter.frontend, Sensor):
        raise ValueError(f"recipe {recipe} hears a sensor; `make emulate` plays a CSV file to it")
    set_thresholds(spotter, arguments.point, arguments.threshold)
    source = open_source(arguments.wav, arguments.fast, arguments.device)
    listener = Listener(spotter)
    is_shown = sys.stdout.isatty() and spotter.model.task == "keywords"
    listen(listener, source, Display(recipe, listener, source) if is_shown else DetectionLines())
    print(listener.summary(source.overruns), file=sys.stderr)


if __name__ == "__main__":
    run_command("listen", main)
