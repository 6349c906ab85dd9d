"""Misses of each keyword at fixed rates of false accepts, from the stream.json of `make stream`:

    python -m calibration.streams.misses RECIPE

For each word and each kind of stream: the lowest threshold from which on the word makes at most RATES false accepts an
hour there, and its misses at that threshold in every kind.  Like a DET curve, the threshold comes from the very streams
that are scored, so the misses are what a model could reach, not what its operating points do.
"""

import argparse

from calibration.records import StreamFigures
from calibration.significance import poisson, wilson
from firmware.command import run_command
from firmware.files import read_json
from firmware.markdown import table
from firmware.paths import build_folder
from firmware.recipes import make_command, recipe_name

RATES = (1, 4, 10)
"""False accepts an hour."""


def first_within(accepted, most):
    """The index from which on every count is at most `most`; None if the last count is above it."""
    place = len(accepted)
    while place and accepted[place - 1] <= most:
        place -= 1
    return place if place < len(accepted) else None


def place_at(rows, word, hours, rate):
    """Index in DetRows of the lowest threshold from which on a word makes at most `rate` false accepts an hour, or None."""
    return first_within([row.words[word].false_accepts for row in rows], rate * hours)


def missed(misses, keywords):
    """Misses as text, with their 95 % Wilson interval."""
    low, high = wilson(misses, keywords)
    return f"{misses} of {keywords}, {misses / keywords:.1%} ({low:.1%} to {high:.1%})"


def row(det, negatives, word, kind, rate, said_in):
    """A row of the table; said_in: the kinds whose misses are shown."""
    hours = negatives[kind].hours
    place = place_at(det[kind], word, hours, rate)
    if place is None:
        return [word, kind, f"{hours:.2f}", str(rate), "none", "-", *("-" for _ in said_in)]
    found = det[kind][place].words[word]
    low, high = poisson(found.false_accepts, hours)
    return [
        word,
        kind,
        f"{hours:.2f}",
        str(rate),
        f"{found.threshold:.4f}",
        f"{found.false_accepts}: {found.false_accepts / hours:.2f} ({low:.2f} to {high:.2f})",
        *(missed(said.misses, said.keywords) for said in (det[scored][place].words[word] for scored in said_in)),
    ]


def misses_table(measured):
    """The title and the table that `make misses` prints, of StreamFigures."""
    det, negatives = measured.det, measured.negatives
    words = list(next(iter(det.values()))[0].words)
    said_in = [kind for kind, rows in det.items() if all(rows[0].words[word].keywords for word in words)]
    header = ["word", "negatives", "hours", "at most, an hour", "threshold", "false accepts: an hour"]
    header += [f"missed, {kind}" for kind in said_in]
    rows = [row(det, negatives, word, kind, rate, said_in) for word in words for kind in det for rate in RATES]
    title = f"{measured.recipe} on stream {measured.stream}; in brackets 95 % intervals (Wilson, Poisson)"
    return f"{title}\n{table(header, rows)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    name = recipe_name(parser.parse_args().recipe)
    path = build_folder() / name / "stream.json"
    if not path.is_file():
        raise ValueError(f"{path}: not there: run `{make_command('stream', name, 'STREAM=...')}` first")
    print(misses_table(read_json(path, StreamFigures)))


if __name__ == "__main__":
    run_command("misses", main)
