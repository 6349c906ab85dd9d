"""A toy to train on: clips of murmur, in which a word is a loud band of noise."""

import numpy as np

from train.corpora.pictures import FRAMES, TRAINING, VALIDATION, Pictures
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


def toy_pictures(words=("yes", "stop", "banana", "silence"), clips=100):
    """Clips of murmur; in its last half a word is loud in ten bands of its own, and silence in none."""
    random = np.random.default_rng(0)
    levels = random.integers(40, 70, (len(words), clips, FRAMES, 40), dtype=np.uint8)
    for place, word in enumerate(words):
        if word != "silence":
            levels[place, :, 50:, 10 * place : 10 * place + 10] += 80
    split = np.where(np.arange(clips) % 5 == 4, VALIDATION, TRAINING)
    return Pictures(
        levels.reshape(-1, FRAMES, 40),
        np.repeat(words, clips),
        np.full(len(words) * clips, "toy"),
        np.tile(split, len(words)),
    )


def trained(recipe, pictures):
    """A trainer that has trained to its end."""
    trainer = Trainer(recipe, pictures)
    while not trainer.progress.finished(recipe.training):
        trainer.train_epoch()
    return trainer
