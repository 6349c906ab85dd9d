"""Misses of each word at a rate of false accepts, of any system: levels of strictness, each with figures by word.

Each word has the least strict level at which it makes no more false accepts than the rate allows.  As on a DET curve the level is
read off the streams that are scored.
"""

import math

from calibration.benchmark.description import NEGATIVES, NOISY, SAID_IN
from calibration.records import BenchmarkRow
from calibration.streams.misses import first_within, missed

RATES = {"read English": 0.5, "synthetic speech and noise": 0.1}
"""False accepts an hour, by negatives."""


HEADER = ("system", "word", "negatives", "hours", "false accepts", *(f"missed, {condition}" for condition in SAID_IN))


def cells(row):
    """A BenchmarkRow as the row of a table under HEADER."""
    accepted = "none" if row.false_accepts is None else f"{row.false_accepts}"
    return [row.system, row.word, row.negatives, f"{row.hours:.2f}", accepted, *map(text, row.missed.values())]


def text(found):
    """Misses of keywords with their 95 % interval, as text."""
    return "all" if found is None else missed(*found)


def share(found):
    """The share missed; all, without a level."""
    return 1.0 if found is None else found[0] / found[1]


def level_for(levels, word, kinds, allowed):
    """The index of the first level, from the least strict on, from which on a word makes at most so many false accepts."""
    accepted = [
        sum(figures[word].false_accepts for figures in of_kinds)
        for of_kinds in zip(*(levels[kind] for kind in kinds), strict=True)
    ]
    return first_within(accepted, allowed)


def rows_of(system, levels, hours):
    """[BenchmarkRow] of a system; levels {kind: [{word: WordFigures}]}, the least strict first; hours {kind: h}."""
    found = []
    for word in next(iter(levels.values()))[0]:
        for negatives, kinds in NEGATIVES.items():
            kinds = [kind for kind in kinds if kind in levels]
            if not kinds:
                continue
            in_all = sum(hours[kind] for kind in kinds)
            level = level_for(levels, word, kinds, math.floor(RATES[negatives] * in_all + 1e-9))
            figures = {
                condition: level is not None and levels[kind][level][word] for condition, kind in SAID_IN.items()
            }
            accepted = None if level is None else sum(levels[kind][level][word].false_accepts for kind in kinds)
            misses = {condition: (one.misses, one.keywords) if one else None for condition, one in figures.items()}
            found.append(
                BenchmarkRow(
                    system=system, word=word, negatives=negatives, hours=in_all, false_accepts=accepted, missed=misses
                )
            )
    return found


def means(rows):
    """[(system, negatives, {condition: mean share missed over the words})]; a word without a level counts as missed."""
    groups = {}
    for row in rows:
        groups.setdefault((row.system, row.negatives), []).append(row)
    for (system, negatives), some in groups.items():
        yield system, negatives, {where: sum(share(row.missed[where]) for row in some) / len(some) for where in SAID_IN}


MEANS_HEADER = ("mean of the words", "negatives", *SAID_IN)


def mean_rows(rows):
    """Rows of a table under MEANS_HEADER."""
    return [
        [system, negatives, *(f"{value:.1%}" for value in shares.values())] for system, negatives, shares in means(rows)
    ]


def curve(levels, hours):
    """((false accepts an hour and word of read English, share missed at 10 dB) at each level): means over the words."""
    (negative,), points = NEGATIVES["read English"], []
    for said, heard in zip(levels[SAID_IN[NOISY]], levels[negative], strict=True):
        missed = [figures.misses / figures.keywords for figures in said.values()]
        accepted = [figures.false_accepts for figures in heard.values()]
        points.append((sum(accepted) / len(accepted) / hours[negative], sum(missed) / len(missed)))
    return tuple(points)
