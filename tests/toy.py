"""A toy to train on: clips of murmur, in which a word is a loud band of noise."""

import numpy as np

from firmware.frontend import codes_of_log_mel
from train.corpora.clips import FRAMES, TRAINING, VALIDATION, Clips
from train.loop import Trainer
from train.recipe import parse_recipe

TOY = """
keywords = ["yes", "stop"]
units = 8
decision_hops = 8
features = { mean_level = 85, right_shift = 6 }
corpora = [{ kind = "logmel" }]

[training]
epochs = 4
batch = 16
learning_rate = 2e-2
warmup_steps = 5
averaging = 0.9
unknown_clips = 100
silence_clips = 100
"""


def toy_recipe(old="", new="", text=TOY):
    """The toy, with one setting changed."""
    assert old in text
    return parse_recipe(text.replace(old, new, 1), "toy")


def toy_clips(words=("yes", "stop", "banana", "silence"), per_word=100):
    """Clips of murmur; in its last half a word is loud in ten bands of its own, and silence in none."""
    random = np.random.default_rng(0)
    log_mel = random.integers(40, 70, (len(words), per_word, FRAMES, 40), dtype=np.uint8)
    for place, word in enumerate(words):
        if word != "silence":
            log_mel[place, :, 50:, 10 * place : 10 * place + 10] += 80
    split = np.where(np.arange(per_word) % 5 == 4, VALIDATION, TRAINING)
    return Clips(
        codes_of_log_mel(log_mel.reshape(-1, FRAMES, 40)),
        np.repeat(words, per_word),
        np.full(len(words) * per_word, "toy"),
        np.tile(split, len(words)),
    )


def trained(recipe, clips):
    """A trainer that has trained to its end."""
    trainer = Trainer(recipe, clips)
    while not trainer.progress.finished(recipe.training):
        trainer.train_epoch()
    return trainer
