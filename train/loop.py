"""The training loop.

Rows of a batch are streams: the state at the end of a row's clip is where its next clip begins (truncated
back-propagation through time, one clip long), zeroed at random.  The loss is the cross-entropy of the mean
logits over the last decision hops, the very rule by which clips are decided.  What is kept is an exponential
average of the weights, that of the epoch which validates best.

An epoch draws all it draws from the recipe's seed and its own number, so a run killed at any moment goes on
from its last whole epoch to the same weights as one never killed.
"""

import math
import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from train.augmentation import Augmentation
from train.corpora.pictures import TRAINING, VALIDATION, hops_of
from train.network import network_of
from train.progress import progress
from train.recipe import SILENCE, UNKNOWN

STREAM_LANES = 64


@dataclass
class Progress:
    """Where a run is: everything that a resumed run needs besides the recipe and the data."""

    epoch: int = 0
    step: int = 0
    best_accuracy: float = -1.0
    best_epoch: int = 0
    best_weights: dict = field(default_factory=dict)
    history: list = field(default_factory=list)

    def finished(self, training):
        return self.epoch >= training.epochs or self.epoch - self.best_epoch >= training.patience_epochs


class Trainer:
    def __init__(self, recipe, pictures):
        self.recipe, self.settings, self.pictures_sha256 = recipe, recipe.training, pictures.sha256()
        labels = np.array([recipe.label_of(word) for word in pictures.word])
        self.silence, self.unknown = recipe.labels.index(SILENCE), recipe.labels.index(UNKNOWN)
        training = pictures.split == TRAINING
        self.levels, self.labels = pictures.levels[training], labels[training]
        validation = pictures.select(pictures.split == VALIDATION)
        self.validation = Validation(recipe, validation, labels[pictures.split == VALIDATION])
        self.pools = {label: np.flatnonzero(self.labels == label) for label in (self.silence, self.unknown)}
        self.keyword_clips = np.flatnonzero(self.labels < len(recipe.keywords))
        self._require_clips()
        self.augmentation = Augmentation(recipe, self.levels[self.pools[self.silence]])
        self.network = network_of(recipe)
        self.averaged = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self._parameter_groups(), lr=self.settings.learning_rate, betas=(0.9, 0.99))
        self.states = self.network.zero_states(self.settings.batch)
        self.progress = Progress()

    def _require_clips(self):
        for label, name in enumerate(self.recipe.labels):
            for split, labels in ((TRAINING, self.labels), (VALIDATION, self.validation.labels)):
                if not (labels == label).any():
                    raise ValueError(f"recipe {self.recipe.name}: its corpora hold no {split} clip of '{name}'")

    def _parameter_groups(self):
        """Weights decay, biases do not."""
        named = list(self.network.named_parameters())
        return [
            {
                "params": [value for name, value in named if not name.endswith("bias")],
                "weight_decay": self.settings.weight_decay,
            },
            {"params": [value for name, value in named if name.endswith("bias")], "weight_decay": 0.0},
        ]

    def _clips_of_epoch(self, random):
        """Every keyword clip, and as many of unknown and silence as the recipe says, in random order, in whole batches."""
        drawn = [self.keyword_clips]
        for label, count in ((self.unknown, self.settings.unknown_clips), (self.silence, self.settings.silence_clips)):
            pool = self.pools[label]
            drawn.append(
                np.concatenate([random.permutation(pool)[: count - start] for start in range(0, count, len(pool))])
            )
        clips = random.permutation(np.concatenate(drawn))
        return clips[: max(1, len(clips) // self.settings.batch) * self.settings.batch]

    def _learning_rate(self, steps_an_epoch):
        """Linear warm-up, then half a cosine down to a hundredth."""
        share = min(1.0, self.progress.step / (self.settings.epochs * steps_an_epoch))
        warm = min(1.0, (self.progress.step + 1) / self.settings.warmup_steps)
        return self.settings.learning_rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)

    def _train_step(self, clips, random):
        features = self.augmentation.draw(self.levels[clips], random)
        rows = len(clips)
        kept = torch.from_numpy(random.random((rows, 1)) >= self.settings.reset_probability).float()
        logits, last = self.network(features, [state[:rows] * kept for state in self.states])
        loss = cross_entropy(
            logits[:, -self.recipe.decision_hops :].mean(1),
            torch.from_numpy(self.labels[clips]),
            label_smoothing=self.settings.label_smoothing,
        )
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip_gradient_norm)
        self.optimizer.step()
        for state, value in zip(self.states, last, strict=True):
            state[:rows] = value.detach()
        self._average()
        return loss.item()

    def _average(self):
        """Move the averaged weights towards the present ones; faster in the first steps."""
        self.progress.step += 1
        decay = min(self.settings.averaging, (1 + self.progress.step) / (10 + self.progress.step))
        trained = dict(self.network.named_parameters())
        for name, value in self.network.state_dict().items():
            if name in trained:
                self.averaged[name].lerp_(value, 1 - decay)
            else:
                self.averaged[name].copy_(value)  # what was measured, as of an LSTM's c

    def train_epoch(self):
        """One epoch, its validation, and its line in the history."""
        started = time.monotonic()
        random = np.random.default_rng([self.recipe.seed, self.progress.epoch])
        clips = self._clips_of_epoch(random)
        clips = clips.reshape(-1, min(self.settings.batch, len(clips)))
        losses = []
        with progress(
            clips, f"epoch {self.progress.epoch + 1}/{self.settings.epochs}", unit="batch", leave=False
        ) as bar:
            for batch in bar:
                for group in self.optimizer.param_groups:
                    group["lr"] = self._learning_rate(len(clips))
                losses.append(self._train_step(batch, random))
                bar.set_postfix(loss=f"{losses[-1]:.3f}", refresh=False)
        reset, streamed = self.validation.accuracies(self.averaged)
        self.progress.epoch += 1
        self.progress.history.append(
            {
                "epoch": self.progress.epoch,
                "loss": float(np.mean(losses)),
                "accuracy_reset": reset,
                "accuracy_streamed": streamed,
                "seconds": round(time.monotonic() - started, 1),
            }
        )
        if min(reset, streamed) > self.progress.best_accuracy:
            self.progress.best_accuracy, self.progress.best_epoch = min(reset, streamed), self.progress.epoch
            self.progress.best_weights = {name: value.clone() for name, value in self.averaged.items()}


class Validation:
    """Accuracy by the clip rule on validation clips: state reset for each, and carried along STREAM_LANES streams."""

    def __init__(self, recipe, pictures, labels):
        codes = hops_of(recipe.front, pictures.levels)
        order = np.random.default_rng(0).permutation(len(codes))
        self.features = torch.from_numpy(recipe.feature_map.real(codes[order]))
        self.labels = labels[order]
        self.recipe = recipe
        self.network = network_of(recipe)

    def _decide(self, logits):
        return logits[:, -self.recipe.decision_hops :].mean(1).argmax(1).numpy()

    @torch.no_grad()
    def accuracies(self, weights):
        """(reset, streamed) of a state dict."""
        self.network.load_state_dict(weights)
        reset = [
            self._decide(self.network(chunk, self.network.zero_states(len(chunk)))[0])
            for chunk in self.features.split(512)
        ]
        lanes = min(STREAM_LANES, len(self.features))
        states, streamed = self.network.zero_states(lanes), []
        for clips in self.features.split(lanes):
            logits, states = self.network(clips, [state[: len(clips)] for state in states])
            streamed.append(self._decide(logits))
        return tuple(float((np.concatenate(decided) == self.labels).mean()) for decided in (reset, streamed))
