"""The training loop.

Each row of a batch is a stream: a clip begins with the state at the end of the clip before it (truncated back-propagation
through time, one clip long), which is set to zero at random.  The loss is the cross-entropy of the mean logits over the last
decision hops, the rule by which clips are decided.  The result is the moving average of the weights after the epoch with the
best validation accuracy.

All random numbers of an epoch come from the recipe's seed and the epoch's number, so a killed training continues from its
last complete epoch to the same weights as one that was never killed.
"""

import time

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from firmware.progress import progress
from train.augmentation import Augmentation
from train.checkpoint import Progress
from train.corpora.clips import TRAINING, VALIDATION
from train.distillation import Teaching
from train.epoch import EpochSampler
from train.network import network_of
from train.optimizers import Optimizers, learning_rate
from train.validation import Validation


class Trainer:
    def __init__(self, recipe, clips):
        self.recipe, self.settings, self.clips_sha256 = recipe, recipe.training, clips.sha256()
        labels = np.array([recipe.label_of(word) for word in clips.word])
        training, validation = (clips.split == split for split in (TRAINING, VALIDATION))
        self._require_clips(labels[training], labels[validation])
        self.codes, self.labels = clips.codes[training], labels[training]
        self.sampler = EpochSampler(recipe, self.labels)
        self.validation = Validation(recipe, clips.select(validation), labels[validation])
        self.augmentation = Augmentation(recipe, self.codes[self.sampler.silence])
        self.teaching = Teaching(recipe) if recipe.teacher else None
        self.network = network_of(recipe)
        self.averaged = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimizers = Optimizers(self.network, recipe.training)
        self.states = self.network.zero_states(self.settings.batch)
        self.progress = Progress()

    def teacher_sha256(self):
        return self.teaching.weights_sha256 if self.teaching else None

    def _require_clips(self, training, validation):
        for label, name in enumerate(self.recipe.labels):
            for split, labels in ((TRAINING, training), (VALIDATION, validation)):
                if label not in labels:
                    raise ValueError(
                        f"recipe {self.recipe.name}: its corpora have no {split} clip of '{name}': record more "
                        "speakers (<word>/<speaker>_<n>.wav), raise validation_share, or add corpus speech or background"
                    )

    def _loss(self, logits, labels, features):
        logits = logits[:, -self.recipe.decision_hops :].mean(1)
        loss = cross_entropy(logits, labels, label_smoothing=self.settings.label_smoothing)
        return self.teaching.loss(loss, logits, features) if self.teaching else loss

    def _train_step(self, clips, random, share):
        """One update by a batch, the indices of its clips; share: part of the full learning rate.  Returns the loss."""
        features = self.augmentation.draw(self.codes[clips], random)
        rows = len(clips)
        kept = torch.from_numpy(random.random((rows, 1)) >= self.settings.reset_probability).float()
        logits, last = self.network(features, [state[:rows] * kept for state in self.states])
        loss = self._loss(logits, torch.from_numpy(self.labels[clips]), features)
        self.optimizers.update(loss, share)
        for state, value in zip(self.states, last, strict=True):
            state[:rows] = value.detach()
        self._average()
        return loss.item()

    def _require_finite(self, loss):
        """ValueError if the training diverged, before its weights are kept."""
        if not np.isfinite(loss):
            rates = f"{self.settings.learning_rate:g} (by Muon {self.settings.muon_learning_rate:g})"
            raise ValueError(
                f"recipe {self.recipe.name}: the training diverged in epoch {self.progress.epoch + 1}: its loss is {loss}; "
                f"lower training.learning_rate, now {rates}, or training.clip_gradient_norm, now "
                f"{self.settings.clip_gradient_norm:g}"
            )

    def _average(self):
        """Move the averaged weights towards the present ones, faster in the first updates."""
        self.progress.step += 1
        decay = min(self.settings.averaging, (1 + self.progress.step) / (10 + self.progress.step))
        trained = dict(self.network.named_parameters())
        for name, value in self.network.state_dict().items():
            if name in trained:
                self.averaged[name].lerp_(value, 1 - decay)
            else:
                self.averaged[name].copy_(value)  # a measured value, such as the reach of an LSTM's c

    def train_epoch(self):
        """Train an epoch, validate it and add it to the history."""
        started = time.monotonic()
        random = np.random.default_rng([self.recipe.seed, self.progress.epoch])
        torch.manual_seed(random.integers(2**63))
        batches = self.sampler.epoch(random)
        updates = self.settings.epochs * len(batches)
        losses = []
        with progress(
            batches, f"epoch {self.progress.epoch + 1}/{self.settings.epochs}", unit="batches", leave=False
        ) as bar:
            for clips in bar:
                share = learning_rate(self.settings, self.progress.step / updates, self.progress.step)
                losses.append(self._train_step(clips, random, share))
                self._require_finite(losses[-1])
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
