"""The training loop.

Each row of a batch is a stream: a window begins with the state at the end of the window before it (truncated
back-propagation through time, one window long), which is set to zero at random.  train/loss.py has the loss.  The result is
the moving average of the weights after the last epoch, with the statistics of its own sums.

All random numbers of an epoch come from the recipe's seed and the epoch's number, so a killed training continues from its
last complete epoch to the same weights as one that was never killed.
"""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from firmware.progress import progress
from train.augmentation import Augmentation
from train.checkpoint import Progress
from train.corpora.clips import FRAME_MS, RUNNING_SPEECH
from train.distillation import Teaching
from train.fused.library import has_bfloat16
from train.loss import StreamLoss
from train.network import network_of, rounded
from train.optimizers import Optimizers, learning_rate
from train.processes import Processes
from train.splits import TRAINING, VALIDATION
from train.validation import Validation
from train.voice import VoiceLoss
from train.windows import Composer

STATISTICS_BATCHES = 150
"""Most batches on which the statistics of the averaged weights are measured."""


def one_ahead(make, count):
    """What make() returns, count times in order; another thread makes the next one while one is in use."""
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(torch.get_num_threads(),)) as thread:
        following = thread.submit(make)
        for left in reversed(range(count)):
            made = following.result()
            if left:
                following = thread.submit(make)
            yield made


class Trainer:
    def __init__(self, recipe, clips):
        self.recipe, self.settings, self.clips_sha256 = recipe, recipe.training, clips.sha256()
        self._hear(clips)
        self.network = self._network()
        self.network.products = getattr(torch, self.settings.precision) if has_bfloat16() else torch.float32
        self.averaged = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimizers = Optimizers(self.network, recipe.training)
        self.processes = Processes(self.settings.batch)
        self._over_processes(self.network)
        self.states = self.own_rows(self.network.zero_states(self.settings.batch))
        self.progress = Progress()

    def _hear(self, clips):
        """What depends on the task: its clips for training and validation, and its loss."""
        recipe = self.recipe
        labels = recipe.labels_of(clips.word)
        training, validation = (clips.split == split for split in (TRAINING, VALIDATION))
        self._require_clips(labels[training], labels[validation])
        heard = clips.select(training), labels[training]
        self._require_long_windows(*heard)
        self.composer, self.augmentation = Composer(recipe, *heard), Augmentation(recipe, *heard)
        self.validation = Validation(recipe, clips.select(validation), self._network())
        self.loss_of = VoiceLoss(*heard) if recipe.task == "voice" else StreamLoss(recipe)
        self.teaching = Teaching(recipe) if recipe.teacher else None

    def _network(self):
        return network_of(self.recipe)

    def _over_processes(self, network):
        for normalisation in network.normalisations.values():
            normalisation.over_processes = self.processes.mean

    def own_rows(self, states):
        """This process's rows of states float [windows, size]."""
        return [state[self.processes.rows] for state in states]

    def rooms_sha256(self):
        rooms = self.augmentation.rooms
        return None if rooms is None else hashlib.sha256(rooms.tobytes()).hexdigest()

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

    def _require_long_windows(self, clips, labels):
        """ValueError if most clips of a keyword do not fit in a window."""
        onset, end = clips.span.T
        labels = np.where(clips.word == RUNNING_SPEECH, -1, labels)
        for label, keyword in enumerate(self.recipe.keywords):
            if label not in labels:  # a voice that is heard in running speech alone
                continue
            length_ms = int(np.median((end - onset)[labels == label])) * FRAME_MS
            if length_ms + sum(self.settings.peak_ms) > self.recipe.mixing.window_ms:
                raise ValueError(
                    f"recipe {self.recipe.name}: '{keyword}' takes {length_ms} ms; with training.peak_ms = "
                    f"{list(self.settings.peak_ms)} that is longer than mixing.window_ms = {self.recipe.mixing.window_ms}"
                )

    def _draw(self, random):
        """A batch: its layout, its features, and 0 for the rows that begin a new stream, else 1."""
        layout = self.composer.draw(self.settings.batch, random)
        features = self.augmentation.draw(layout, random)
        layout = layout.at_hops(self.recipe.front.hop_ms // self.recipe.front.mixed.hop_ms)
        kept = torch.from_numpy(random.random((self.settings.batch, 1)) >= self.settings.reset_probability).float()
        return layout, features, kept

    def _taught(self, random):
        """A batch of _draw, and the teacher's log-posteriors."""
        layout, features, kept = self._draw(random)
        return layout, features, kept, self.teaching and self.teaching.log_posteriors(features, kept)

    def _train_step(self, layout, features, kept, taught, share):
        """One update by a batch of _taught; share: part of the full learning rate.  Returns the loss."""
        rows = self.processes.rows
        own, last = self.network(features[rows], [state * kept[rows] for state in self.states])
        logits = self.processes.all_rows(own)
        loss = self.loss_of(logits, layout)
        if self.teaching:
            loss = loss + self.teaching.loss(logits, taught)
        self.optimizers.update(loss, share, self.processes)
        self.states = [state.detach() for state in last]
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

    @torch.no_grad()
    def _measure_statistics(self, random, batches):
        """Give the averaged weights the statistics of their own sums, over so many batches.

        The average of the statistics is that of the weights it is an average of, whose sums vary more (Izmailov et al. 2018,
        arXiv:1803.05407).
        """
        network = rounded(self._network(), self.recipe)
        network.load_state_dict(self.averaged)
        network.dropped = 0.0
        self._over_processes(network)
        states = self.own_rows(network.zero_states(self.settings.batch))
        for measured in range(batches):
            _, features, kept = self._draw(random)
            for normalisation in network.normalisations.values():
                normalisation.momentum = 1 / (measured + 1)
            rows = self.processes.rows
            _, states = network(features[rows], [state * kept[rows] for state in states])
        self.averaged = network.state_dict()

    def _round_weights(self):
        """From the epoch on at which rounding begins."""
        if self.progress.epoch >= round(self.settings.epochs * (1 - self.settings.rounding_share)):
            rounded(self.network, self.recipe)

    def train_epoch(self):
        """Train an epoch, validate it and add it to the history."""
        started = time.monotonic()
        random = np.random.default_rng([self.recipe.seed, self.progress.epoch])
        torch.manual_seed(random.integers(2**63))
        batches = max(1, self.settings.windows // self.settings.batch)
        updates = self.settings.epochs * batches
        self._round_weights()
        if self.teaching:
            self.teaching.begin()
        losses = []
        with progress(
            one_ahead(lambda: self._taught(random), batches),
            f"epoch {self.progress.epoch + 1}/{self.settings.epochs}",
            unit="batches",
            total=batches,
            leave=False,
        ) as bar:
            for batch in bar:
                share = learning_rate(self.settings, self.progress.step / updates, self.progress.step)
                losses.append(self._train_step(*batch, share))
                self._require_finite(losses[-1])
                bar.set_postfix(loss=f"{losses[-1]:.3f}", refresh=False)
        if self.network.normalisations and self.progress.epoch + 1 == self.settings.epochs:
            self._measure_statistics(random, min(STATISTICS_BATCHES, batches))
        validated = self._validate()
        self.progress.epoch += 1
        self.progress.history.append(
            {
                "epoch": self.progress.epoch,
                "loss": float(np.mean(losses)),
                **validated,
                "seconds": round(time.monotonic() - started, 1),
            }
        )

    def _validate(self):
        """{figure: value} of the averaged weights on validation clips."""
        reset, streamed = self.validation.accuracies(self.averaged)
        return {"accuracy_reset": reset, "accuracy_streamed": streamed}
