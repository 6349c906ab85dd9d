"""A toy to train on: clips of murmur, in which a word is a loud band of noise."""

import numpy as np
import torch

from firmware.frontend import codes_of_log_mel
from train.corpora.clips import FRAMES, RUNNING_SPEECH, Clip, Clips
from train.loop import Trainer
from train.recipe import parse_recipe
from train.splits import TRAINING, VALIDATION

TOY = """
keywords = ["yes", "stop"]
units = 8
features = { mean_level = 85, right_shift = 6 }
corpora = [{ kind = "logmel" }]

[mixing]
window_ms = 2000
gap_ms = [0, 200]
quiet_share = 0.3
cut_probability = 0

[training]
epochs = 4
windows = 320
batch = 16
learning_rate = 2e-2
warmup_steps = 5
averaging = 0.9

[augmentation]
level_db = [-50, -40]
snr_db = [15, 25]
background_db = [-75, -65]
"""
WORD = 50, 90
"""The frames of a clip in which its word is loud."""

CLASSIFIER = "weights.logits.input_weights"


def toy_recipe(old="", new="", text=TOY):
    """The toy, with one setting changed."""
    assert old in text
    return parse_recipe(text.replace(old, new, 1), "toy")


def toy_clip(random, place, word, split):
    """Murmur of one second; its word is loud in ten bands from 10 * place on, silence in none."""
    log_mel = random.integers(40, 70, (FRAMES, 40), dtype=np.uint8)
    about = word, "toy", split
    if word in ("silence", RUNNING_SPEECH):
        return Clip.throughout(codes_of_log_mel(log_mel), *about)
    log_mel[WORD[0] : WORD[1], 10 * place : 10 * place + 10] += 80
    return Clip.of_word(codes_of_log_mel(log_mel), *about)


def toy_clips(words=("yes", "stop", "banana", "silence"), per_word=100):
    """per_word clips of each word, a fifth of them for validation."""
    random = np.random.default_rng(0)
    return Clips.of(
        [
            toy_clip(random, place, word, VALIDATION if number % 5 == 4 else TRAINING)
            for place, word in enumerate(words)
            for number in range(per_word)
        ]
    )


def trained(recipe, clips):
    """A trainer that has trained to its end."""
    trainer = Trainer(recipe, clips)
    while not trainer.progress.finished(recipe.training):
        trainer.train_epoch()
    return trainer


def assert_equal_weights(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name
