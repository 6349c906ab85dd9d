"""Lines about the clips of a recipe: how many clips and speakers, which words are unknown, which clips occur twice."""

import hashlib
from collections import Counter, defaultdict

import numpy as np

from firmware.words import counted, describe_other_words, normal_word
from train.recipe import SILENCE, UNKNOWN
from train.splits import TRAINING, VALIDATION

EXAMPLES = 3


def unknown_lines(recipe, clips):
    """Lines that name the words counted as unknown."""
    if UNKNOWN not in recipe.labels:
        return []
    unknown = recipe.labels_of(clips.word) == recipe.labels.index(UNKNOWN)
    return describe_other_words(Counter(map(str, clips.word[unknown])), recipe.keywords, f"counted as {UNKNOWN}")


def _counted(clips, chosen):
    """A count such as "12 clips of 3 speakers for training, 0 of 0 for validation"."""
    parts = []
    for split in (TRAINING, VALIDATION):
        of_split = chosen & (clips.split == split)
        parts.append((of_split.sum(), len(set(clips.speaker[of_split]))))
    (clips, speakers), (others, other_speakers) = parts
    trained = f"{counted(clips, 'clip')} of {counted(speakers, 'speaker')}"
    return f"{trained} for {TRAINING}, {others} of {other_speakers} for {VALIDATION}"


def corpus_lines(recipe, section, clips):
    """Lines with the clips and speakers of each label of a corpus, and with advice if too few people say a keyword."""
    labels = recipe.labels_of(clips.word)
    name = f"{section.kind} {section.name}" if section.kind == "folder" else section.kind
    for index, label in enumerate(recipe.labels):
        if (labels == index).any():
            yield f"{name}, {label}: {_counted(clips, labels == index)}"
            if section.kind == "folder" and index < len(recipe.keywords):
                yield from _advice(name, label, clips.select(labels == index))


def _advice(name, keyword, clips):
    """Lines with advice if the recordings of a keyword in a folder cannot validate it."""
    speakers = sorted(set(clips.speaker))
    if [normal_word(speaker) for speaker in speakers] == [normal_word(keyword.split("_")[0])]:
        yield (
            f"{name}, {keyword}: the files are named after the word, so all count as one speaker; name them "
            "<speaker>_<n>.wav, so that no person is in both training and validation"
        )
    if len(speakers) == len(clips) > 2 and len({speaker.rstrip("0123456789") for speaker in speakers}) == 1:
        yield (
            f"{name}, {keyword}: each file counts as a speaker of its own ({speakers[0]}, {speakers[1]}, ...); if one "
            "person recorded several, name them <speaker>_<n>.wav, so that no person is in both training and validation"
        )
    if not (clips.split == VALIDATION).any():
        who = f"its only speaker, {speakers[0]}, is" if len(speakers) == 1 else f"all {len(speakers)} speakers are"
        yield (
            f"{name}, {keyword}: {who} in training, so validation has no recording of it by a person: record more "
            "speakers (<speaker>_<n>.wav) or raise validation_share"
        )


def copies(recipe, clips):
    """[indices] of each group of equal clips, except silence, with different speakers, splits or labels."""
    labels, equal = recipe.labels_of(clips.word), defaultdict(list)
    for clip in np.flatnonzero(labels != recipe.labels.index(SILENCE)).tolist():
        equal[hashlib.blake2b(clips.codes_of(clip).tobytes(), digest_size=16).digest()].append(clip)
    abouts = (clips.speaker, clips.split, labels)
    return [group for group in equal.values() if any(len(set(about[group])) > 1 for about in abouts)]


def without_copies(recipe, clips):
    """(Clips without the validation clips that equal a training clip, lines about those and about other equal clips)."""
    groups, dropped = copies(recipe, clips), np.zeros(len(clips), bool)
    for group in groups:
        split = clips.split[group]
        if (split == TRAINING).any():
            dropped[np.array(group)[split == VALIDATION]] = True
    lines = []
    for leak, thing, what in (
        (True, f"{VALIDATION} clip", f"left out, because {TRAINING} has the same sound"),
        (False, "clip", "with the same sound under several speakers or words of a split"),
    ):
        of_kind = [group for group in groups if dropped[group].any() == leak]
        if of_kind:
            count = dropped.sum() if leak else sum(map(len, of_kind))
            examples = "; ".join(_names(clips, group) for group in of_kind[:EXAMPLES])
            lines.append(f"{counted(count, thing)} {what}: {examples}")
    return clips.select(~dropped), lines


def _names(clips, group):
    """Two clips of a group that differ in split, else in speaker, else in word."""
    first, abouts = group[0], (clips.split, clips.speaker, clips.word)
    other = next(clip for about in abouts for clip in group if about[clip] != about[first])
    return " = ".join(f"{clips.word[clip]} by {clips.speaker[clip]} ({clips.split[clip]})" for clip in (first, other))
