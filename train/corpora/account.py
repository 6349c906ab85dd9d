"""What a recipe is trained and validated on, told line by line: clips and speakers, what is no keyword, what is there twice."""

import hashlib
from collections import Counter, defaultdict

import numpy as np

from firmware.words import counted, describe_other_words, normal_word
from train.corpora.clips import TRAINING, VALIDATION
from train.recipe import SILENCE, UNKNOWN

EXAMPLES = 3


def labels_of(recipe, clips):
    """The label index of each clip."""
    return np.array([recipe.label_of(word) for word in clips.word], int)


def unknown_lines(recipe, clips):
    """Which words are counted as unknown."""
    unknown = labels_of(recipe, clips) == recipe.labels.index(UNKNOWN)
    return describe_other_words(Counter(map(str, clips.word[unknown])), recipe.keywords, f"counted as {UNKNOWN}")


def _counted(clips, chosen):
    """ "12 clips of 3 speakers for training, 0 of 0 for validation"."""
    parts = []
    for split in (TRAINING, VALIDATION):
        of_split = chosen & (clips.split == split)
        parts.append((of_split.sum(), len(set(clips.speaker[of_split]))))
    (clips, speakers), (others, other_speakers) = parts
    trained = f"{counted(clips, 'clip')} of {counted(speakers, 'speaker')}"
    return f"{trained} for {TRAINING}, {others} of {other_speakers} for {VALIDATION}"


def corpus_lines(recipe, section, clips):
    """Clips and speakers of each label that a corpus has, and advice where too few people say a keyword."""
    labels = labels_of(recipe, clips)
    name = f"{section.kind} {section.name}" if section.kind == "folder" else section.kind
    for index, label in enumerate(recipe.labels):
        if (labels == index).any():
            yield f"{name}, {label}: {_counted(clips, labels == index)}"
            if section.kind == "folder" and index < len(recipe.keywords):
                yield from _advice(name, label, clips.select(labels == index))


def _advice(name, keyword, clips):
    """What to do where the recordings of a keyword in a folder cannot validate it."""
    speakers = sorted(set(clips.speaker))
    if [normal_word(speaker) for speaker in speakers] == [normal_word(keyword.split("_")[0])]:
        yield (
            f"{name}, {keyword}: its files are called after the word, so all count as one speaker; call them "
            "<speaker>_<n>.wav, so that nobody is both trained and validated on"
        )
    if len(speakers) == len(clips) > 2 and len({speaker.rstrip("0123456789") for speaker in speakers}) == 1:
        yield (
            f"{name}, {keyword}: each file counts as a speaker of its own ({speakers[0]}, {speakers[1]}, ...); where one "
            "person recorded several, call them <speaker>_<n>.wav, so that nobody is both trained and validated on"
        )
    if not (clips.split == VALIDATION).any():
        who = f"its only speaker, {speakers[0]}, is" if len(speakers) == 1 else f"all {len(speakers)} speakers are"
        yield (
            f"{name}, {keyword}: {who} trained on, and validation hears no recording of it by a person: record more "
            "speakers, <speaker>_<n>.wav each, or raise validation_share"
        )


def copies(recipe, clips):
    """[indices] of clips that are equal, silence apart, where their speakers, splits or labels are not."""
    labels, equal = labels_of(recipe, clips), defaultdict(list)
    for clip in np.flatnonzero(labels != recipe.labels.index(SILENCE)).tolist():
        equal[hashlib.blake2b(clips.codes[clip].tobytes(), digest_size=16).digest()].append(clip)
    abouts = (clips.speaker, clips.split, labels)
    return [group for group in equal.values() if any(len(set(about[group])) > 1 for about in abouts)]


def without_copies(recipe, clips):
    """(Clips whose validation has no clip that training has, lines that say what was dropped and what is left twice)."""
    groups, dropped = copies(recipe, clips), np.zeros(len(clips), bool)
    for group in groups:
        split = clips.split[group]
        if (split == TRAINING).any():
            dropped[np.array(group)[split == VALIDATION]] = True
    lines = []
    for leak, thing, what in (
        (True, f"{VALIDATION} clip", f"left out: {TRAINING} has the same sound"),
        (False, "clip", "with the same sound under several speakers or words of one split"),
    ):
        of_kind = [group for group in groups if dropped[group].any() == leak]
        if of_kind:
            count = dropped.sum() if leak else sum(map(len, of_kind))
            examples = "; ".join(_names(clips, group) for group in of_kind[:EXAMPLES])
            lines.append(f"{counted(count, thing)} {what}: {examples}")
    return clips.select(~dropped), lines


def _names(clips, group):
    """Two of some equal clips that are of different splits, else speakers, else words."""
    first, abouts = group[0], (clips.split, clips.speaker, clips.word)
    other = next(clip for about in abouts for clip in group if about[clip] != about[first])
    return " = ".join(f"{clips.word[clip]} by {clips.speaker[clip]} ({clips.split[clip]})" for clip in (first, other))
