"""The loss at every hop: low for what a detector should do, and for nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from calibration.detector import smooth
from firmware.frontend import codes_of_log_mel
from tests.toy import toy_clips, toy_recipe
from train.corpora.clips import RUNNING_SPEECH, Clip, Clips, join
from train.loss import StreamLoss, smoothing_matrix
from train.sections import MixingSection
from train.splits import TRAINING
from train.windows import BACKGROUND, KEYWORD, NOTHING, OTHER, SPEECH, Composer

UNKNOWN, SILENCE = 2, 3


@pytest.fixture(scope="module")
def recipe():
    mixing = MixingSection(window_ms=4000, gap_ms=(800, 1000), cut_probability=0, quiet_share=0.3)
    return toy_recipe().model_copy(update={"mixing": mixing})


@pytest.fixture(scope="module")
def layout(recipe):
    clips = toy_clips(("yes", "stop", "banana", RUNNING_SPEECH, "silence"), per_word=10)
    clips = clips.select(clips.split == TRAINING)
    labels = recipe.labels_of(clips.word)
    return Composer(recipe, clips, labels).draw(60, np.random.default_rng(0))


def spans(layout, kind):
    """[(window, label, onset hop, end hop)] of items of a kind that are whole in their window."""
    whole = (layout.kind == kind) & (layout.onset >= 20) & (layout.end + 30 < layout.frames)
    return [
        (
            window,
            int(layout.label[window, item]),
            int(layout.onset[window, item] // 2),
            int(layout.end[window, item] // 2),
        )
        for window, item in zip(*np.nonzero(whole), strict=True)
    ]


def ideal(layout):
    """Logits of a network that knows: unknown during speech, silence else, a keyword for 12 hops around its end."""
    hops = len(layout.places)
    logits = torch.full((len(layout.kind), hops, 4), -10.0)
    near = (layout.places >= layout.onset[:, :, None]) & (layout.places < layout.end[:, :, None] + 26)
    kind = np.take_along_axis(layout.kind, layout.item, 1)
    speech = layout.sounds & ((kind == SPEECH) | (near & (layout.kind == OTHER)[:, :, None]).any(1))
    logits[:, :, UNKNOWN] = torch.from_numpy(np.where(speech, 10.0, -10.0)).float()
    logits[:, :, SILENCE] = -logits[:, :, UNKNOWN]
    for window, item in zip(*np.nonzero(layout.kind == KEYWORD), strict=True):
        end = int(np.ceil(layout.end[window, item] / 2))
        label = int(layout.label[window, item])
        if -12 < end < hops:
            first = max(0, end - 5)
            logits[window, first : end + 12] = -10.0
            logits[window, first : end + 12, label] = 10.0
    return logits


def test_smoothing_is_the_detectors():
    posteriors = np.random.default_rng(0).dirichlet(np.ones(4), (3, 90)).astype(np.float32)
    mine = (torch.from_numpy(posteriors).transpose(1, 2) @ smoothing_matrix(90, 2)).transpose(1, 2)
    state, found = np.zeros((3, 4)), []
    for hop in range(90):
        state = state + (posteriors[:, hop] - state) / 4
        found.append(state)
    np.testing.assert_allclose(mine, np.stack(found, 1), atol=1e-6)
    logits = np.rint(np.log(posteriors) * 1024).clip(-32768, 32767).astype(np.int16)
    np.testing.assert_allclose(smooth(logits, 2, 2) / 32768, mine[:, :, :2], atol=3e-3)


def test_the_loss_smooths_as_the_training_says_whatever_the_detector_does(recipe):
    detector = recipe.detector.model_copy(update={"smoothing_shift": 0})
    plain = StreamLoss(recipe.model_copy(update={"detector": detector}))
    assert torch.equal(plain.matrix, StreamLoss(recipe).matrix)
    training = recipe.training.model_copy(update={"smoothing_shift": 0})
    assert torch.equal(
        StreamLoss(recipe.model_copy(update={"training": training})).matrix, torch.eye(len(plain.matrix))
    )


def test_the_loss_of_a_network_that_knows_is_small_and_every_mistake_costs(recipe, layout):
    loss, right = StreamLoss(recipe), ideal(layout)
    least = loss(right, layout).item()
    assert least < 0.5
    for mistake in (
        "missed",
        "other keyword",
        "false accept of a word",
        "false accept in quiet",
        "unknown for silence",
    ):
        wrong = right.clone()
        if mistake in ("missed", "other keyword"):
            for window, label, _, end in spans(layout, KEYWORD):
                wrong[window, end - 8 : end + 14] = -10.0
                wrong[window, end - 8 : end + 14, SILENCE if mistake == "missed" else 1 - label] = 10.0
        elif mistake == "false accept of a word":
            for window, _, onset, end in spans(layout, OTHER):
                wrong[window, onset:end, :] = -10.0
                wrong[window, onset:end, 0] = 10.0
        elif mistake == "false accept in quiet":
            quiet = torch.from_numpy(~layout.sounds.any(1))
            wrong[quiet, 50:60] = torch.tensor([10.0, -10, -10, -10])
        else:
            quiet = torch.from_numpy(~layout.sounds.any(1, keepdims=True) | (layout.heard == BACKGROUND))
            wrong[quiet & (right[:, :, SILENCE] > 0)] = torch.tensor([-10.0, -10, 10, -10])
        assert loss(wrong, layout).item() > least + 0.3, mistake


def test_a_keyword_may_be_told_at_any_time_of_its_span_and_not_before_or_after(recipe, layout):
    loss, right = StreamLoss(recipe), ideal(layout)
    found = {}
    for moved in (-40, -3, 0, 5, 40):
        told = right.clone()
        for window, label, _, end in spans(layout, KEYWORD):
            told[window, end - 5 : end + 12] = torch.tensor([-10.0, -10, -10, 10])
            first = max(0, end - 5 + moved)
            told[window, first : first + 12] = -10.0
            told[window, first : first + 12, label] = 10.0
        found[moved] = loss(told, layout).item()
    assert max(found[-3], found[0], found[5]) < min(found[-40], found[40]) - 1


def test_one_false_accept_costs_more_than_its_share_of_the_hops(recipe, layout):
    """Its hops are the worst of their window, which count by themselves."""
    loss, right = StreamLoss(recipe), ideal(layout)
    quiet = int(np.flatnonzero(~layout.sounds.any(1))[0])
    wrong = right.clone()
    wrong[quiet, 100:110] = torch.tensor([10.0, -10, -10, -10])
    more = (loss(wrong, layout) - loss(right, layout)).item() * len(layout.kind)
    hops = len(layout.places)
    assert more > 5 * 10 / hops


def test_gradients_are_finite_at_impossible_logits(recipe, layout):
    logits = (
        1000 * torch.randn(60, len(layout.places), 4, generator=torch.Generator().manual_seed(0))
    ).requires_grad_()
    loss = StreamLoss(recipe)(logits, layout)
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(logits.grad).all()


def test_windows_without_any_keyword_have_a_loss(recipe, layout):
    alone = type(layout)(**{**vars(layout), "kind": np.where(layout.kind == KEYWORD, OTHER, layout.kind)})
    assert torch.isfinite(StreamLoss(recipe)(ideal(layout), alone))


def test_silence_is_silence_beside_long_running_speech(recipe):
    """Recordings of running speech are longer than a window; only the piece that sounds is speech."""
    random = np.random.default_rng(0)
    talk = codes_of_log_mel(random.integers(40, 70, (1500, 40), dtype=np.uint8))
    words = toy_clips(("yes", "stop", "banana", "silence"), per_word=10)
    clips = join([words, Clips.of([Clip.throughout(talk, RUNNING_SPEECH, "somebody", TRAINING)] * 10)])
    clips = clips.select(clips.split == TRAINING)
    layout = Composer(recipe, clips, recipe.labels_of(clips.word)).draw(60, random)
    assert (layout.heard == SPEECH).mean() > 0.05
    logits = torch.zeros((*layout.heard.shape, 4), requires_grad=True)
    StreamLoss(recipe)(logits, layout).backward()
    wants_silence = logits.grad[:, :, SILENCE].numpy() < logits.grad[:, :, UNKNOWN].numpy()
    assert wants_silence[np.isin(layout.heard, (NOTHING, BACKGROUND))].mean() > 0.6
    assert wants_silence[~layout.sounds.any(1)].all()
    assert not wants_silence[layout.heard == SPEECH].any()


def test_a_word_close_behind_a_keyword_costs_nothing_more(recipe):
    """The keyword may be told while the next word is spoken already, and is no mistake about that word or keyword."""
    mixing = MixingSection(
        window_ms=4000, gap_ms=(0, 0), cut_probability=1, margin_ms=(0, 0), quiet_share=0, background_share=0
    )
    close = recipe.model_copy(update={"mixing": mixing})
    clips = toy_clips(("yes", "stop", "banana", "silence"), per_word=10)
    clips = clips.select(clips.split == TRAINING)
    labels = close.labels_of(clips.word)
    layout = Composer(close, clips, labels).draw(100, np.random.default_rng(0))
    loss = StreamLoss(close)
    assert loss(ideal(layout), layout).item() < 3


@pytest.mark.parametrize("hop_ms", [10, 20])
def test_the_hops_in_which_a_keyword_may_peak_are_not_penalised(recipe, layout, hop_ms):
    recipe = recipe.model_copy(update={"frontend": recipe.frontend.model_copy(update={"hop_ms": hop_ms})})
    loss, step = StreamLoss(recipe), hop_ms // 10
    places = np.arange(step - 1, layout.frames, step)
    spoken = replace(layout, places=places)
    near = loss._near(spoken)
    for window, item in zip(*np.nonzero(layout.kind == KEYWORD), strict=True):
        end = int(loss._hops(layout.end[window, item]))
        if loss.before < end < len(places) - loss.after:
            assert places[end] >= layout.end[window, item] - 1 > places[end] - step
            assert near[window, item, end : end + loss.after + 1].all()
            assert not near[window, item, end + loss.after + 2 :].any()
