"""The training of a recipe from its corpora to checkpoint.pt and train.json; a training that was stopped continues.

For each task: how its data are heard, its trainer, the line after an epoch, its train.json.
"""

import ctypes
import os

import torch
from threadpoolctl import threadpool_limits

from firmware.files import write_json
from firmware.paths import build_folder, data_folder
from train.anomaly.sound import normal_sound
from train.anomaly.trainer import PredictionTrainer
from train.checkpoint import read_checkpoint_of, resume, save_checkpoint
from train.corpora import load_corpora
from train.distillation import Teaching
from train.fused.library import has_bfloat16
from train.loop import Trainer
from train.processes import Processes
from train.recipe import SILENCE
from train.rooms import room_files
from train.splits import TRAINING, VALIDATION
from train.train_json import Epoch, PredictionEpoch, PredictionJson, TrainJson

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
"""Options of glibc's mallopt (malloc.h)."""


def describe(recipe, clips, trainer):
    """The TrainJson of a finished training."""
    progress = trainer.progress
    spoken = recipe.labels_of(clips.word) != recipe.labels.index(SILENCE)
    return TrainJson(
        recipe=recipe.name,
        recipe_sha256=recipe.sha256(),
        settings=recipe.model_dump(mode="json"),
        clips={split: int((clips.split == split).sum()) for split in (TRAINING, VALIDATION)},
        speakers={split: len(set(clips.speaker[spoken & (clips.split == split)])) for split in (TRAINING, VALIDATION)},
        torch=str(torch.__version__),
        threads=torch.get_num_threads(),
        teacher_sha256=trainer.teacher_sha256(),
        history=tuple(Epoch(**epoch) for epoch in progress.history),
    )


def describe_prediction(recipe, sound, trainer):
    """The PredictionJson of a finished training of a model of anomalies."""
    seconds = {
        kind: round(sum(map(len, part)) * recipe.front.hop_ms / 1000)
        for kind, part in (("training", sound.training), ("held_out", sound.held_out))
    }
    return PredictionJson(
        recipe=recipe.name,
        recipe_sha256=recipe.sha256(),
        settings=recipe.model_dump(mode="json"),
        seconds=seconds,
        torch=str(torch.__version__),
        threads=torch.get_num_threads(),
        history=tuple(PredictionEpoch(**epoch) for epoch in trainer.progress.history),
    )


def hear_corpora(recipe):
    """The Clips of a recipe of keywords or of a voice; errors in rooms and teachers come before the long work."""
    if recipe.teacher:
        Teaching(recipe)
    if rooms := recipe.augmentation.rooms:
        room_files(rooms, tell=False)
    return load_corpora(recipe, tell=print)


def hear_machine(recipe):
    """The NormalSound of a recipe of anomalies."""
    return normal_sound(recipe, data_folder())


def accuracies_line(last):
    return f"validation {last['accuracy_reset']:.4f} reset, {last['accuracy_streamed']:.4f} streamed"


def surprise_line(last):
    return f"surprise {last['surprise']:.4f} over the sound held out"


OF_WORDS = hear_corpora, Trainer, accuracies_line, describe
TRAININGS = {
    "keywords": OF_WORDS,
    "voice": OF_WORDS,
    "anomaly": (hear_machine, PredictionTrainer, surprise_line, describe_prediction),
}


def keep_freed_memory():
    """Have glibc keep the memory of a batch for the next one: to map it anew takes time at every step."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    for option, most in ((M_MMAP_THRESHOLD, 2**25), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 2**26)):
        if mallopt:
            mallopt(option, most)


@threadpool_limits.wrap(limits=1, user_api="blas")
def train(recipe, until=None, trainer_of=None):
    """Train a Recipe to its end, or until an epoch, from BUILD/<recipe>/checkpoint.pt if there is one; writes it after each.

    trainer_of: another Trainer than that of the recipe's task.  numpy has one thread: it draws a batch while torch learns from
    the one before, and would wait for that.
    """
    last_epoch = min(until or recipe.training.epochs, recipe.training.epochs)
    folder = build_folder() / recipe.name
    checkpoint = folder / "checkpoint.pt"
    hear, of_task, figures_line, described = TRAININGS[recipe.task]
    if checkpoint.exists():
        read_checkpoint_of(recipe, checkpoint)
    processes = Processes(recipe.training.batch)
    with processes.first_before_others():
        heard = hear(recipe)
    keep_freed_memory()
    if recipe.training.precision == "bfloat16" and not has_bfloat16():
        print("precision = bfloat16: this processor lacks it, so products are in float32 and take longer")
    trainer = (trainer_of or of_task)(recipe, heard)
    if checkpoint.exists():
        resume(trainer, checkpoint)
        finished = trainer.progress.finished(recipe.training)
        print(f"{checkpoint}: {'finished' if finished else 'continuing'} after epoch {trainer.progress.epoch}")
    while trainer.progress.epoch < last_epoch:
        trainer.train_epoch()
        save_checkpoint(checkpoint, trainer)
        last = trainer.progress.history[-1]
        print(
            f"epoch {last['epoch']:3d}: loss {last['loss']:.4f}, {figures_line(last)}, {last['seconds']} s",
            flush=True,
        )
    if trainer.progress.finished(recipe.training) and processes.first:
        write_json(folder / "train.json", described(recipe, heard, trainer))
        print(f"{checkpoint}: trained")


def threads():
    """OMP_NUM_THREADS, 1 by default; ValueError if it is not a number of threads."""
    given = os.environ.get("OMP_NUM_THREADS") or "1"
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 1024:
        raise ValueError(f"OMP_NUM_THREADS={given}: give a number of threads from 1 to 1024")
    return int(given)
