"""Windows of stream: what sounds when, and what a recipe may ask for."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toy import TOY, WORD, toy_clips, toy_recipe
from train.corpora.clips import FRAMES, RUNNING_SPEECH
from train.loop import Trainer
from train.sections import MixingSection
from train.splits import TRAINING
from train.windows import BACKGROUND, KEYWORD, OTHER, SPEECH, Composer

WORDS = ("yes", "stop", "banana", RUNNING_SPEECH, "silence")


def composer(words=WORDS, speed_change=0.0, hop_ms=20, background_share=0.0, **mixing):
    """A Composer of toy clips; RUNNING_SPEECH and silence are murmur."""
    recipe = toy_recipe()
    recipe = recipe.model_copy(
        update={
            "mixing": MixingSection(background_share=background_share, **mixing),
            "frontend": recipe.frontend.model_copy(update={"hop_ms": hop_ms}),
            "augmentation": recipe.augmentation.model_copy(
                update={"speed_probability": float(speed_change > 0), "speed_change": speed_change}
            ),
        }
    )
    clips = toy_clips(words, per_word=10)
    clips = clips.select(clips.split == TRAINING)
    return Composer(recipe, clips, recipe.labels_of(clips.word))


def begins_inside(layout):
    """The items that begin in their window, bool [windows, items]."""
    return (layout.begin >= 0) & (layout.begin < layout.frames)


@pytest.mark.parametrize("hop_ms", [10, 20])
def test_each_hop_hears_the_frame_that_ends_with_it(hop_ms):
    layout = composer(hop_ms=hop_ms, cut_probability=0, window_ms=3000).draw(50, np.random.default_rng(0))
    step = hop_ms // 10
    np.testing.assert_array_equal(layout.places, np.arange(step - 1, 300, step))
    for window, hop in zip(*np.nonzero(layout.sounds), strict=True):
        item = layout.item[window, hop]
        age = layout.places[hop] - layout.begin[window, item]
        start = layout.first[window, item] + FRAMES * layout.clip[window, item]
        assert layout.source[window, hop] == start + age
        assert 0 <= age < layout.length[window, item]


@given(seed=st.integers(0, 2**32 - 1), speed_change=st.sampled_from([0.0, 0.2]))
@settings(max_examples=20)
def test_clips_follow_one_another_with_the_gaps_that_are_asked_for(seed, speed_change):
    layout = composer(speed_change=speed_change, gap_ms=(100, 300), window_ms=4000, quiet_share=0).draw(
        20, np.random.default_rng(seed)
    )
    gaps = layout.begin[:, 1:] - layout.begin[:, :-1] - layout.length[:, :-1]
    assert ((gaps >= 10) & (gaps <= 30)).all()


def test_a_window_is_filled_to_its_end():
    layout = composer(gap_ms=(0, 0), quiet_share=0, window_ms=10_000).draw(200, np.random.default_rng(0))
    assert layout.sounds[:, 200:].mean() > 0.97


def test_a_word_is_where_it_is_loud_however_its_clip_is_cut_or_played():
    made = composer(speed_change=0.2, window_ms=4000, margin_ms=(0, 100), cut_probability=0.5)
    layout = made.draw(100, np.random.default_rng(0))
    loud = made.clips.codes.max(1) > 100 - 128
    heard = np.where(layout.sounds, loud[np.maximum(layout.source, 0)], False)
    for window, item in zip(*np.nonzero(begins_inside(layout) & (layout.kind != SPEECH)), strict=True):
        own = heard[window] & layout.sounds[window] & (layout.item[window] == item)
        places = layout.places[own]
        if layout.end[window, item] < layout.frames:
            assert abs(places.min() - layout.onset[window, item]) <= 2.5
            assert abs(places.max() + 1 - layout.end[window, item]) <= 2.5


def test_a_cut_leaves_the_margins_that_are_asked_for():
    layout = composer(cut_probability=1, margin_ms=(50, 90), keyword_share=1).draw(100, np.random.default_rng(0))
    before, after = layout.onset - layout.begin, layout.begin + layout.length - layout.end
    assert set(before.ravel()) == set(range(5, 10))
    assert set(after.ravel()) == set(range(5, 10))
    assert set(composer(cut_probability=0, keyword_share=1).draw(9, np.random.default_rng(0)).length.ravel()) == {
        FRAMES
    }


def test_kinds_of_clips_are_as_frequent_as_the_recipe_says():
    layout = composer(keyword_share=0.5, word_share=0.4, background_share=0.2, quiet_share=0.25).draw(
        2000, np.random.default_rng(0)
    )
    shares = [(layout.kind == kind).mean() for kind in (KEYWORD, OTHER, SPEECH, BACKGROUND)]
    np.testing.assert_allclose(shares, (0.4, 0.16, 0.24, 0.2), atol=0.02)
    assert (~layout.sounds.any(1)).mean() == pytest.approx(0.25, abs=0.03)
    for kind, labels in {KEYWORD: {0, 1}, OTHER: {2}, SPEECH: {2}, BACKGROUND: {3}}.items():
        assert set(layout.label[layout.kind == kind]) == labels
    shares = [(layout.heard == kind).mean() for kind in (-1, BACKGROUND)]
    assert 0.25 < shares[0] < 0.6 and 0.1 < shares[1] < 0.3


def test_without_background_none_is_among_the_clips():
    layout = composer(("yes", "stop", "banana"), background_share=0.5).draw(50, np.random.default_rng(0))
    assert set(np.unique(layout.kind)) == {KEYWORD, OTHER}


@pytest.mark.parametrize(
    ("words", "kind"), [(("yes", "stop", "banana"), OTHER), (("yes", "stop", RUNNING_SPEECH), SPEECH)]
)
def test_without_clips_of_a_kind_the_other_kind_takes_its_place(words, kind):
    layout = composer(words).draw(50, np.random.default_rng(0))
    assert set(np.unique(layout.kind)) == {KEYWORD, kind}


VOICE_TOY = TOY.replace('keywords = ["yes", "stop"]', 'task = "voice"\nkeywords = ["voice"]')


@pytest.mark.parametrize(
    ("words", "kind"), [(("yes", "no", "silence"), KEYWORD), ((RUNNING_SPEECH, "silence"), SPEECH)]
)
def test_a_voice_is_of_words_alone_or_of_running_speech_alone(words, kind):
    recipe, clips = toy_recipe(text=VOICE_TOY), toy_clips(words, per_word=10)
    layout = Composer(recipe, clips, recipe.labels_of(clips.word)).draw(50, np.random.default_rng(0))
    assert set(np.unique(layout.kind)) == {kind, BACKGROUND}
    assert Trainer(recipe, clips).progress.epoch == 0


@pytest.mark.parametrize("background_share", [0.0, 1 - 1e-9])
def test_running_speech_and_background_are_cut_to_pieces_of_random_places(background_share):
    made = composer(keyword_share=1e-9, word_share=0, background_share=background_share, piece_ms=(200, 400))
    layout = made.draw(300, np.random.default_rng(0))
    assert set(layout.length.ravel()) == set(range(20, 41))
    assert layout.first.min() == 0 and layout.first.max() == FRAMES - 20
    assert ((layout.first + layout.length) <= FRAMES).all()


def test_a_piece_is_never_longer_than_its_clip_nor_empty():
    layout = composer(keyword_share=1e-9, word_share=0, piece_ms=(0, 10_000)).draw(50, np.random.default_rng(0))
    assert layout.length.min() >= 1 and layout.length.max() <= FRAMES


def test_the_toy_says_its_words_where_the_clips_say():
    clips = toy_clips(per_word=5)
    words = clips.word != "silence"
    assert (clips.span[words] == WORD).all()


def test_people_have_their_share_of_the_keywords():
    clips = toy_clips(WORDS, per_word=10)
    clips = clips.select(clips.split == TRAINING)
    clips = replace(clips, synthesizer=np.where(np.arange(len(clips)) % 3, "kokoro", ""))
    labels = toy_recipe().labels_of(clips.word)
    by_number = (clips.synthesizer[labels < 2] == "").mean()
    for share in (None, 0.7):
        recipe = toy_recipe().model_copy(update={"mixing": MixingSection(people_share=share)})
        layout = Composer(recipe, clips, labels).draw(400, np.random.default_rng(0))
        people = clips.synthesizer[layout.clip] == ""
        assert people[layout.kind == KEYWORD].mean() == pytest.approx(share or by_number, abs=0.03)
