"""Windows of stream: which clips sound when.

A window is a few seconds of what a device hears: keywords, other words, running speech and sounds of the background one after
another, with gaps between them, or nothing at all.  Each window is drawn anew.  train/augmentation.py makes its sound,
train/loss.py says what the network should answer.  Times are in frames of 10 ms.
"""

from dataclasses import dataclass, replace

import numpy as np

from train.corpora.clips import FRAME_MS, RUNNING_SPEECH
from train.recipe import SILENCE

KEYWORD, OTHER, SPEECH, BACKGROUND = range(4)
"""Kinds of clips in a window."""
NOTHING = -1

INSTEAD = {KEYWORD: (SPEECH, OTHER), OTHER: (SPEECH, KEYWORD), SPEECH: (OTHER, KEYWORD)}
"""What takes the place of a kind without clips: the first of these that has some."""

IN_PIECES = SPEECH, BACKGROUND
"""Kinds of which a piece sounds."""

SHORTEST_ITEM_FRAMES = 40
"""About the shortest time that a word and a gap take; limits the number of clips in a window."""


@dataclass(frozen=True)
class Layout:
    """A batch of windows.  Arrays [windows, items] describe each clip; one that begins after its window does not sound."""

    frames: int  # length of a window
    kind: np.ndarray
    clip: np.ndarray  # index in Clips
    label: np.ndarray
    first: np.ndarray  # the first frame of the clip that sounds
    begin: np.ndarray  # the frame of the window where it begins, negative before the window
    length: np.ndarray  # how long it sounds, in frames of the window
    onset: np.ndarray  # float: where the word begins and ends in the window
    end: np.ndarray
    places: np.ndarray  # int [hops]: the frame of the window that each hop hears
    source: np.ndarray  # int [windows, hops]: the frame among Clips.codes that sounds, -1: none
    item: np.ndarray  # int [windows, hops]: the item that sounds; any if none does

    @property
    def sounds(self):
        """Whether anything sounds, bool [windows, hops]."""
        return self.source >= 0

    @property
    def heard(self):
        """The kind of what sounds, int [windows, hops], or NOTHING."""
        return np.where(self.sounds, np.take_along_axis(self.kind, self.item, 1), NOTHING)

    def at_hops(self, step):
        """The Layout at every step-th hop."""
        hops = slice(step - 1, None, step)
        return replace(self, places=self.places[hops], source=self.source[:, hops], item=self.item[:, hops])


def pieces(random, lengths, pieces_frames):
    """(first frame, length) of a random piece of each clip, of these lengths; pieces_frames: range of its length."""
    length = np.minimum(random.integers(*pieces_frames, lengths.shape, endpoint=True), lengths)
    return np.floor(random.random(lengths.shape) * (lengths - length + 1)).astype(int), length


class Composer:
    """Draws Layouts of hops of Frontend.mixed from the training clips, Clips with int labels [clips]."""

    def __init__(self, recipe, clips, labels):
        self.settings, self.clips, self.labels = recipe.mixing, clips, labels
        self.speeds = recipe.augmentation
        self.frames, step = recipe.mixing.window_ms // FRAME_MS, recipe.front.mixed.hop_ms // FRAME_MS
        self.places = np.arange(step - 1, self.frames, step)
        silence, running = labels == recipe.labels.index(SILENCE), clips.word == RUNNING_SPEECH
        keyword = (labels < len(recipe.keywords)) & ~running
        self.pools = {
            kind: np.flatnonzero(chosen)
            for kind, chosen in (
                (KEYWORD, keyword),
                (OTHER, ~keyword & ~silence & ~running),
                (SPEECH, running),
                (BACKGROUND, silence),
            )
        }

    def _kinds(self, shape, random):
        """Kinds of clips; a kind without clips is replaced by one of INSTEAD."""
        settings = self.settings
        others = np.where(random.random(shape) < settings.word_share, OTHER, SPEECH)
        spoken = np.where(random.random(shape) < settings.keyword_share, KEYWORD, others)
        for kind, instead in INSTEAD.items():
            if not len(self.pools[kind]):
                spoken[spoken == kind] = next(other for other in instead if len(self.pools[other]))
        share = settings.background_share if len(self.pools[BACKGROUND]) else 0
        return np.where(random.random(shape) < share, BACKGROUND, spoken)

    def _clips(self, kind, random):
        """A clip for each kind; running speech and background by their lengths."""
        clip = np.zeros(kind.shape, int)
        for which, pool in self.pools.items():
            chosen = kind == which
            if chosen.any():
                clip[chosen] = random.choice(pool, chosen.sum(), p=self._shares(which, pool))
        return clip

    def _shares(self, kind, pool):
        """The probability of each clip of a pool, or None if all have the same."""
        if kind in IN_PIECES:
            lengths = self.clips.frames[pool]
            return lengths / lengths.sum()
        people, share = self.clips.synthesizer[pool] == "", self.settings.people_share
        if kind != KEYWORD or share is None or people.all() or not people.any():
            return None
        return np.where(people, share / people.sum(), (1 - share) / (~people).sum())

    def _parts(self, kind, clip, random):
        """(first frame, number of frames) of the part of each clip that sounds: running speech and background are cut to a
        piece, a word in some of the clips to its span and a margin."""
        settings, clips = self.settings, self.clips
        lengths, (onset, end) = clips.frames[clip], clips.span[clip].transpose(2, 0, 1)
        margins = random.integers(*np.array(settings.margin_ms) // FRAME_MS, (2, *kind.shape), endpoint=True)
        cut = random.random(kind.shape) < settings.cut_probability
        first = np.where(cut, np.maximum(0, onset - margins[0]), 0)
        last = np.where(cut, np.minimum(lengths, end + margins[1]), lengths)
        piece, piece_length = pieces(random, lengths, np.array(settings.piece_ms) // FRAME_MS)
        in_pieces = np.isin(kind, IN_PIECES)
        return np.where(in_pieces, piece, first), np.where(in_pieces, piece_length, last - first)

    def draw(self, windows, random):
        """A Layout of so many windows."""
        settings, frames = self.settings, self.frames
        shape = windows, -(-frames // SHORTEST_ITEM_FRAMES)
        kind = self._kinds(shape, random)
        clip = self._clips(kind, random)
        first, heard = self._parts(kind, clip, random)
        change = random.uniform(-self.speeds.speed_change, self.speeds.speed_change, shape)
        rate = 1 + np.where(random.random(shape) < self.speeds.speed_probability, change, 0)
        length = np.maximum(1, np.floor(heard / rate)).astype(int)
        gap = random.integers(*np.array(settings.gap_ms) // FRAME_MS, shape, endpoint=True)
        lead = random.integers(0, min(frames, 150), (windows, 1))
        begin = np.cumsum(gap + length, axis=1) - length - lead
        begin[random.random(windows) < settings.quiet_share] = frames
        inside = self.clips.span[clip] - first[:, :, None]
        onset, end = (begin + inside[:, :, place] / rate for place in range(2))
        source, item = self._sources(first + self.clips.starts[clip], heard, begin, length, rate)
        return Layout(
            frames, kind, clip, self.labels[clip], first, begin, length, onset, end, self.places, source, item
        )

    def _sources(self, first, heard, begin, length, rate):
        """(source, item) of a Layout; first: each item's first frame among Clips.codes, heard: its number of frames there."""
        place = self.places - begin[:, :, None]
        sounds = (place >= 0) & (place < length[:, :, None])
        item = sounds.argmax(1)
        place, first, heard, rate = (
            np.take_along_axis(values, item[:, None] if values.ndim == 3 else item, 1)
            for values in (place, first, heard, rate)
        )
        frame = np.minimum(np.rint(place[:, 0] * rate), heard - 1).astype(int)
        return np.where(sounds.any(1), first + frame, -1), item
