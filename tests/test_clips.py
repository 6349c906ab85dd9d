"""Clips of any length: put together and taken apart, cut into pieces, hashed, and refused if they do not fit together."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.frontend import CODE_ZERO_POINT, FRAME_SAMPLES, Frontend
from firmware.host.binding import FrontendC
from train.corpora.clips import RUNNING_SPEECH, Clip, Clips, codes_at_hops, codes_of_pcm, join, levels_db
from train.splits import TRAINING, VALIDATION

BANDS = 5


def clip_of(number, frames, seed=0):
    """A Clip of random codes; its word is at a random place."""
    random = np.random.default_rng([seed, number])
    first, last = np.sort(random.choice(frames + 1, 2, replace=False)).tolist()
    codes = random.integers(-128, 128, (frames, BANDS), dtype=np.int8)
    split = VALIDATION if number % 3 == 2 else TRAINING
    return Clip(codes, f"word{number}", f"speaker{number // 2}", split, (first, last))


SOME = [clip_of(number, frames) for number, frames in enumerate((3, 1, 120, 57))]
LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=8)


def assert_holds(clips, parts):
    """Clips hold these [Clip] and nothing else, in order."""
    clips.require_whole()
    assert len(clips) == len(parts)
    for place, part in enumerate(parts):
        np.testing.assert_array_equal(clips.codes_of(place), part.codes)
        assert tuple(clips.span[place]) == part.span
        assert (clips.word[place], clips.speaker[place], clips.split[place]) == (part.word, part.speaker, part.split)
    assert len(clips.codes) == sum(len(part.codes) for part in parts)


@given(LENGTHS, st.integers(0, 99))
def test_clips_hold_each_clip_as_it_was(lengths, seed):
    parts = [clip_of(*about, seed) for about in enumerate(lengths)]
    assert_holds(Clips.of(parts), parts)
    assert_holds(join([Clips.of(parts), Clips.of(SOME)]), parts + SOME)
    assert_holds(Clips(**Clips.of(parts).arrays()), parts)


def test_arrays_are_the_fields_alone_also_after_a_clip_was_looked_up():
    clips = Clips.of(SOME)
    clips.codes_of(0)
    assert list(clips.arrays()) == ["codes", "frames", "span", "word", "speaker", "split", "synthesizer"]


@given(LENGTHS, st.data())
def test_a_selection_is_by_mask_or_by_index(lengths, data):
    parts = [clip_of(*about) for about in enumerate(lengths)]
    clips = Clips.of(parts)
    index = data.draw(st.lists(st.integers(0, len(parts) - 1)))
    assert_holds(clips.select(np.array(index, int)), [parts[place] for place in index])
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(parts), max_size=len(parts))))
    assert_holds(clips.select(mask), [part for part, chosen in zip(parts, mask, strict=True) if chosen])


@given(LENGTHS, st.integers(1, 40))
def test_in_pieces_a_long_clip_is_cut_and_a_short_one_ends_in_silence(lengths, frames):
    parts = [clip_of(*about) for about in enumerate(lengths)]
    pieces, owners = Clips.of(parts).in_pieces(frames)
    assert pieces.shape == (len(owners), frames, BANDS) and pieces.dtype == np.int8
    for place, part in enumerate(parts):
        mine = pieces[owners == place]
        heard = mine.reshape(-1, BANDS)
        assert len(mine) == max(1, len(part.codes) // frames)
        kept = min(len(heard), len(part.codes))
        np.testing.assert_array_equal(heard[:kept], part.codes[:kept])
        assert (heard[kept:] == CODE_ZERO_POINT).all()


def changed(name):
    """The fields of SOME, of which one has another value in its last element."""
    arrays = Clips.of(SOME).arrays()
    value = arrays[name].copy()
    value.flat[-1] = "other" if value.dtype.kind == "U" else value.flat[-1] - 1
    return Clips(**{**arrays, name: value})


def test_the_hash_is_of_all_fields():
    clips = Clips.of(SOME)
    hashes = {clips.sha256(), *(changed(name).sha256() for name in clips.arrays())}
    assert len(hashes) == 1 + len(clips.arrays())
    narrow = Clips(**{**clips.arrays(), "frames": clips.frames.astype(np.int32)})
    assert narrow.sha256() == Clips.of(SOME).sha256() == clips.sha256()


def test_a_name_that_is_not_utf_8_has_a_hash():
    clip = SOME[0]
    names = [os.fsdecode(name) for name in (b"J\xf6rg", b"J\xf7rg")]
    clips = [Clips.of([Clip(clip.codes, clip.word, name, clip.split, clip.span)]) for name in names]
    assert clips[0].sha256() != clips[1].sha256()


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("codes", lambda codes: codes[:-1], "codes are int8 [180, 5]"),
        ("codes", lambda codes: codes.astype(float), "codes are float64 [181, 5]"),
        ("codes", lambda codes: codes[..., None], "codes are int8 [181, 5, 1]"),
        ("frames", lambda frames: frames[:-1], "codes are int8 [181, 5]"),
        ("frames", lambda frames: frames.astype(float), "frames are float64 [4]"),
        ("frames", lambda frames: frames[:, None], "frames are int64 [4, 1]"),
        ("frames", lambda frames: frames[::-1], "a word is not within its clip"),
        ("span", lambda span: span[:-1], "its spans are not one for each clip"),
        ("span", lambda span: span[:, :1], "its spans are not one for each clip"),
        ("span", lambda span: span.ravel(), "span are int64 [8]"),
        ("span", lambda span: span + 200, "a word is not within its clip"),
        ("span", lambda span: span[:, ::-1], "a word is not within its clip"),
        ("span", lambda span: span - 2, "a word is not within its clip"),
        ("word", lambda word: word[:-1], "its words, speakers, splits and synthesizers are not one for each clip"),
        (
            "speaker",
            lambda speaker: speaker.astype("S"),
            "its words, speakers, splits and synthesizers are not one for each clip",
        ),
        (
            "split",
            lambda split: np.tile(split, 2),
            "its words, speakers, splits and synthesizers are not one for each clip",
        ),
    ],
)
def test_clips_that_do_not_fit_together_are_refused(name, damage, message):
    arrays = Clips.of(SOME).arrays()
    with pytest.raises(ValueError) as refused:
        Clips(**{**arrays, name: damage(arrays[name])}).require_whole()
    assert str(refused.value) == message


# --- from sound


def burst(seconds, start_s, end_s):
    """PCM int16 of faint noise, loud from start_s to end_s."""
    level = np.full(round(seconds * 16_000), 3)
    level[round(start_s * 16_000) : round(end_s * 16_000)] = 3000
    return np.rint(level * np.random.default_rng(0).normal(size=len(level))).astype(np.int16)


def test_the_span_of_a_word_is_where_it_is_spoken():
    codes = codes_of_pcm(Frontend(), burst(3.0, 1.2, 1.7))
    clip = Clip.of_word(codes, "yes", "ann", TRAINING)
    assert len(codes) == 300
    assert clip.span[0] == pytest.approx(120, abs=1) and clip.span[1] == pytest.approx(171, abs=2)


def test_running_speech_and_background_are_of_one_kind_throughout():
    codes = codes_of_pcm(Frontend(), burst(3.0, 1.2, 1.7))
    assert Clip.throughout(codes, RUNNING_SPEECH, "ann", TRAINING).span == (0, 300)


def test_the_level_of_digital_silence_is_0_db():
    codes = codes_of_pcm(Frontend(), np.zeros(4800, np.int16))
    assert (levels_db(codes) == 0).all()
    louder = [levels_db(codes_of_pcm(Frontend(), burst(1.0, 0, 1) * gain)).mean() for gain in (1, 2)]
    assert louder[1] - louder[0] == pytest.approx(6, abs=0.1)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    amplitude=st.floats(1, 40_000),
    samples=st.integers(FRAME_SAMPLES, 40_000),
    hop_ms=st.sampled_from([10, 20]),
)
def test_the_codes_at_hops_are_what_a_device_computes(seed, amplitude, samples, hop_ms):
    frontend = Frontend(hop_ms=hop_ms)
    noise = np.random.default_rng(seed).normal(0, amplitude, samples)
    pcm = np.clip(noise, -32768, 32767).astype(np.int16)
    codes = codes_at_hops(frontend, codes_of_pcm(frontend, pcm))
    assert codes.dtype == np.int8
    np.testing.assert_array_equal(codes, FrontendC(frontend).features(pcm))
