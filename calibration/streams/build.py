"""Builds a stream from its description:  python -m calibration.streams.build NAME      writes BUILD/streams/NAME

The folder appears complete or not at all.  It is built again when the description, this code, a synthesizer, a file of
sentences, or the name, size or time of a file under DATA has changed.  All recordings of words are used equally often, give
or take one.
"""

import argparse
import hashlib
import zlib
from collections import Counter
from itertools import accumulate, pairwise

import numpy as np

from calibration.streams.background_mix import bed_files, lay_bed, load_bed
from calibration.streams.description import (
    FILE_MS,
    SpokenPassages,
    UntranscribedSpeech,
    load_description,
    paths_of,
    synthesizers_of,
)
from calibration.streams.events import KEYWORD, OTHER, SENTENCE, TABLE, write_events
from calibration.streams.placement import APART_SAMPLES, Item, earliest, mix
from calibration.streams.running_speech import check_sentences, count_containing, load_sentences
from calibration.streams.words import check_clips, load_clips
from firmware.audio.encoded import encoded
from firmware.command import run_command
from firmware.files import Record, read_json, whole_folder, write_json
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import ROOT, build_folder, data_folder
from firmware.progress import progress
from train.corpora.sources import digest_of_code, digest_of_folder, digest_of_synthesizers, digest_of_text

MADE = "made.json"
FILE_SAMPLES = FILE_MS * SAMPLE_RATE_HZ // 1000
MINUTE_SAMPLES = 60 * SAMPLE_RATE_HZ
BUILDERS = (
    "background_mix",
    "build",
    "description",
    "events",
    "placement",
    "rooms",
    "running_speech",
    "words",
)


class Made(Record):
    """made.json: the digest of a stream, and for each kind its hours and counts."""

    digest: str
    kinds: dict[str, dict[str, int | float]]


SENTENCE_FILL = 0.95
"""The largest share of a recording that sentences and words take; the rest is gaps."""


def digest_of(description):
    """A hash of everything that a stream depends on."""
    kinds = description.kinds.values()
    sources = [source for kind in kinds for source in (kind.keywords, kind.others, kind.sentences, kind.bed)]
    paths = {path for source in sources for path in paths_of(source)}
    parts = (
        description.model_dump_json(),
        digest_of_code(*(ROOT / "calibration" / "streams" / f"{name}.py" for name in BUILDERS)),
        [digest_of_folder(data_folder() / path) for path in sorted(paths)],
        [digest_of_text(source.text) for source in sources if isinstance(source, SpokenPassages)],
        digest_of_synthesizers(name for source in sources for name in synthesizers_of(source)),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def in_turns(random, clips, event, count):
    """count Items: all clips in a random order, then all in another, and so on."""
    turns = -(-count // len(clips)) if count else 0
    order = np.concatenate([random.permutation(len(clips)) for _ in range(turns)])[:count] if turns else []
    return [Item(event, clips[place]) for place in order]


def portions(count, lengths):
    """The slice of count items that goes into each recording, by their lengths."""
    bounds = [count * before // sum(lengths) for before in accumulate(lengths, initial=0)]
    return [slice(*pair) for pair in pairwise(bounds)]


def fitting(sentences, samples, taken=0):
    """How many sentences, from the first on, fit into a recording in which words take some samples."""
    for place, clip in enumerate(sentences):
        if taken + len(clip.pcm) >= SENTENCE_FILL * samples:
            return place
        taken += len(clip.pcm) + APART_SAMPLES
    return len(sentences)


def with_sentences(items, sentences, samples):
    """Items with as many sentences between them as fit into a recording; removes those from the list of sentences."""
    count = fitting(sentences, samples, earliest(items)[1])
    chosen = [Item(SENTENCE, clip) for clip in sentences[:count]]
    del sentences[:count]
    if items and not chosen:
        return items
    step = len(items) / max(1, len(chosen))
    return [
        item
        for place, sentence in enumerate(chosen)
        for item in (*items[round(place * step) : round((place + 1) * step)], sentence)
    ]


def lengths_of(samples):
    """The samples of each recording of a kind that has so many."""
    whole, rest = divmod(samples, FILE_SAMPLES)
    return [FILE_SAMPLES] * whole + ([rest] if rest else [])


def holds(lengths, sentences):
    """Whether recordings of these lengths, in samples, hold all sentences."""
    place = 0
    for samples in lengths:
        place += fitting(sentences[place:], samples)
    return place == len(sentences)


def samples_of(kind, sentences):
    """The samples of each recording of a kind; without hours, of enough recordings for all sentences."""
    if kind.hours is not None:
        return lengths_of(round(kind.hours * 3600) * SAMPLE_RATE_HZ)
    longest = max(sentences, key=lambda clip: len(clip.pcm))
    if not holds([FILE_SAMPLES], [longest]):
        raise ValueError(
            f"{longest.source}: lasts {len(longest.pcm) / SAMPLE_RATE_HZ:.0f} s, but a recording of a stream has room for "
            f"{SENTENCE_FILL * FILE_SAMPLES / SAMPLE_RATE_HZ:.0f} s; cut it"
        )
    spoken = sum(len(clip.pcm) for clip in sentences) + len(sentences) * APART_SAMPLES
    lengths = lengths_of(round(spoken / SENTENCE_FILL) + MINUTE_SAMPLES)
    while not holds(lengths, sentences):
        lengths = lengths_of(sum(lengths) + MINUTE_SAMPLES)
    return lengths


def check(description):
    """ValueError if a source of a stream does not exist or cannot be spoken; nothing is read or mixed."""
    for kind in description.kinds.values():
        bed_files(kind.bed, tell=False)
        for source, only in ((kind.keywords, description.words), (kind.others, None)):
            if source:
                check_clips(source, only)
        if kind.sentences:
            check_sentences(kind.sentences, description.words)


def build_kind(description, name, folder):
    """Write the recordings of a kind; returns (rows of events.tsv, its entry in made.json)."""
    random = np.random.default_rng([description.seed, zlib.crc32(name.encode())])
    kind = description.kinds[name]
    sentences = load_sentences(random, kind.sentences, description.words) if kind.sentences else []
    lengths = samples_of(kind, sentences)
    minutes = sum(lengths) / SAMPLE_RATE_HZ / 60
    words = {
        KEYWORD: (kind.keywords, description.words, round(kind.keywords_per_minute * minutes)),
        OTHER: (kind.others, None, round(kind.others_per_minute * minutes)),
    }
    queues = {
        event: in_turns(random, load_clips(random, source, only), event, count)
        for event, (source, only, count) in words.items()
        if source
    }
    bed, rows = load_bed(random, kind.bed), []
    parts = {event: portions(len(queue), lengths) for event, queue in queues.items()}
    for place, samples in enumerate(progress(lengths, f"mixing {name}", "recordings")):
        items = [item for event, queue in queues.items() for item in queue[parts[event][place]]]
        items = [items[index] for index in random.permutation(len(items))]
        if kind.sentences:
            items = with_sentences(items, sentences, samples)
        pcm, mixed = mix(random, kind, items, lay_bed(random, bed, samples, kind.bed_db))
        path = f"{name}/{place:03d}.flac"
        (folder / path).write_bytes(encoded(pcm, "FLAC"))
        rows += [{"path": path, **row} for row in mixed]
    if kind.hours is None and sentences:
        raise ValueError(
            f"stream {description.name}: {name}: {len(sentences)} sentences do not fit; give hours, or fewer words a minute"
        )
    about = {"hours": sum(lengths) / SAMPLE_RATE_HZ / 3600, **Counter(row["event"] for row in rows)}
    if kind.sentences and not isinstance(kind.sentences, UntranscribedSpeech):
        about["sentences_with_homophones"] = count_containing(rows, description.homophones)
    return rows, about


def build(description):
    """The stream's folder; built if it is missing or out of date."""
    folder, digest = build_folder() / "streams" / description.name, digest_of(description)
    if (folder / MADE).exists() and read_json(folder / MADE, Made).digest == digest:
        return folder
    check(description)
    with whole_folder(folder) as made:
        rows, kinds = [], {}
        for name in description.kinds:
            (made / name).mkdir()
            of_kind, kinds[name] = build_kind(description, name, made)
            rows += of_kind
        write_events(made / TABLE, rows)
        write_json(made / MADE, Made(digest=digest, kinds=kinds))
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    name = parser.parse_args().name
    description = load_description(name)
    if description is None:
        raise ValueError(f"'{name}': no such stream; give a name in calibration/streams or a .toml file")
    folder = build(description)
    for kind, about in read_json(folder / MADE, Made).kinds.items():
        print(
            f"{kind}: "
            + ", ".join(f"{value:.2f} {key}" if key == "hours" else f"{value} {key}" for key, value in about.items())
        )
    print(folder)


if __name__ == "__main__":
    run_command("build", main)
