"""The trials of a search: for each rung (trainings to so many epochs) an Optuna study, in which a trial waits, runs and ends.

Whoever finds a trial waiting may run it.  A trial whose process said nothing for LEASE_S waits again, and its training goes on
from its checkpoint.  If two processes were to run the same trial, both would write the same bytes.
"""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from export.search.section import AT_THE_END

BEAT_S = 10
LEASE_S = 60
WAITING, RUNNING, COMPLETE, FAILED = TrialState.WAITING, TrialState.RUNNING, TrialState.COMPLETE, TrialState.FAIL


@dataclass(frozen=True)
class Trial:
    """A candidate in a rung; figures {name: value} as far as they are known."""

    id: int
    state: TrialState
    candidate: str
    generation: int
    of: int  # candidates of its generation in this rung
    values: dict  # of the searched keys
    figures: dict

    @property
    def ended(self):
        return self.state in (COMPLETE, FAILED)


class Rung:
    """The trials of one number of epochs."""

    def __init__(self, storage, name, epochs, minimised, ranges, last):
        self.storage, self.epochs, self.ranges, self.last = storage, epochs, ranges, last
        self.minimised = [figure for figure in minimised if last or figure not in AT_THE_END] or ["errors"]
        self.study = optuna.create_study(
            study_name=f"{name}, {epochs} epochs",
            storage=storage,
            directions=[StudyDirection.MINIMIZE] * len(self.minimised),
            load_if_exists=True,
        )

    def _stored(self):
        return self.study.get_trials(deepcopy=False)

    def trials(self, stored=None):
        """The Trials, each candidate once: two processes may have added it at the same time."""
        found = {}
        for frozen in stored or self._stored():
            about = frozen.user_attrs
            found.setdefault(
                about["candidate"],
                Trial(
                    id=frozen._trial_id,
                    state=frozen.state,
                    candidate=about["candidate"],
                    generation=about["generation"],
                    of=about["of"],
                    values=frozen.params,
                    figures=about["figures"],
                ),
            )
        return list(found.values())

    def generation(self, number):
        """The Trials of a generation, once they are all here; before, none."""
        found = [trial for trial in self.trials() if trial.generation == number]
        return found if found and len(found) == found[0].of else []

    def add(self, generation, candidates):
        """Let the candidates of a generation, {name: (values, figures)}, wait here."""
        for name, (values, figures) in candidates.items():
            about = {"candidate": name, "generation": generation, "of": len(candidates), "figures": figures}
            self.study.add_trial(
                create_trial(state=WAITING, params=values, distributions=self.ranges, user_attrs=about)
            )

    def take(self):
        """A waiting Trial that is now ours to run, or None."""
        stored = self._stored()
        self._release_abandoned(stored)
        for trial in self.trials(stored):
            if trial.state == WAITING and self._set(trial.id, RUNNING):
                return trial
        return None

    def _release_abandoned(self, stored):
        for frozen in stored:
            if frozen.state == RUNNING:
                said = frozen.user_attrs.get("said") or frozen.datetime_start.timestamp()
                if time.time() - said > LEASE_S:
                    self._set(frozen._trial_id, WAITING)

    def _set(self, trial_id, state, values=None):
        """Whether a trial has this state now by us: another process may have been first, and ended it with the same result."""
        try:
            return self.storage.set_trial_state_values(trial_id, state, values)
        except UpdateFinishedTrialError:
            return False

    @contextmanager
    def at_work(self, trial):
        """Inside the block the store hears every BEAT_S that the trial is run."""
        done = threading.Event()

        def beat():
            while True:
                try:
                    self.storage.set_trial_user_attr(trial.id, "said", time.time())
                except UpdateFinishedTrialError:
                    return
                if done.wait(BEAT_S):
                    return

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        except BaseException:
            done.set()
            thread.join()
            self._set(trial.id, WAITING)
            raise
        done.set()
        thread.join()

    def end(self, trial, figures):
        """Keep the figures of a trial that was run."""
        try:
            self.storage.set_trial_user_attr(trial.id, "figures", {**trial.figures, **figures})
        except UpdateFinishedTrialError:
            return
        known = {**trial.figures, **figures}
        self._set(trial.id, COMPLETE, [float(known[figure]) for figure in self.minimised])

    def fail(self, trial):
        self._set(trial.id, FAILED)
