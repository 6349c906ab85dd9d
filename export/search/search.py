"""A search: generations of candidates, of which the better third goes on to the next rung.

A generation's values are drawn by Optuna's TPE from the first-rung figures of all generations before it, with a seed of its
own.  A generation goes on when all of it has ended in a rung.  So the trials, and the front, do not depend on how many processes
work, nor on which of them was faster.  The recipe itself is the first candidate, if its values lie in the ranges, and goes on
to the end, so that the front says what beats it.
"""

import hashlib
import math

import optuna
from optuna.trial import create_trial

from export.search.candidate import settings_of, sizes_of, with_values
from export.search.front import best, ranks
from export.search.rungs import COMPLETE, Rung

KEPT = 3
"""One of so many goes on."""
DRAWS = 30
"""The most draws for each candidate of a generation, because some are above the budget or known."""


def _require_keys(recipe, ranges):
    """ValueError if a range is of a key that recipes lack, or if the recipe refuses both ends of one."""
    for place, distribution in ranges.items():
        ends = getattr(distribution, "choices", None) or (distribution.low, distribution.high)
        errors = []
        for end in ends:
            try:
                with_values(recipe, {place: end})
            except (ValueError, TypeError) as error:
                errors.append(error)
        if len(errors) == len(ends):
            raise ValueError(f"recipe {recipe.name}: search.ranges: {errors[0]}")


def _holds(distribution, value):
    """Whether a value is in a range."""
    if choices := getattr(distribution, "choices", None):
        return value in choices
    if not isinstance(value, int | float) or not distribution.low <= value <= distribution.high:
        return False
    steps = (value - distribution.low) / distribution.step if distribution.step else 0
    return abs(steps - round(steps)) < 1e-8


def _own_values(recipe, ranges):
    """{dotted key: value} of the recipe as it is; None if one of them is outside its range."""
    values = {}
    for place, distribution in ranges.items():
        value = settings_of(recipe)
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if not _holds(distribution, value):
            return None
        values[place] = value
    return values


class Search:
    def __init__(self, recipe, section, storage):
        """recipe: the Recipe that is searched; section: its SearchSection."""
        if section.schedule:
            recipe = with_values(recipe, {"training.epochs": section.schedule}).model_copy(update={"name": recipe.name})
        self.recipe, self.section = recipe, section
        if recipe.front.is_micro:
            raise ValueError(
                f"search of {recipe.name}: frontend.kind = micro is for ESPHome, where nothing counts instructions; search it "
                "without that key, and put it back into what is found"
            )
        _require_keys(recipe, section.ranges)
        self.own = _own_values(recipe, section.ranges)
        wishes = f"{recipe.model_dump_json()}{section.model_dump_json(exclude={'ranges', 'trials'})}{section.ranges}"
        name = f"{recipe.name} {hashlib.sha256(wishes.encode()).hexdigest()[:10]}"
        epochs = section.rungs(recipe.training.epochs)
        self.rungs = [
            Rung(storage, name, epoch, section.minimise, section.ranges, epoch == epochs[-1]) for epoch in epochs
        ]
        self.generations = math.ceil(section.trials / section.generation)

    def take(self):
        """(Rung, Trial) of a trial to run, of the last rung that has one, or None."""
        for rung in reversed(self.rungs):
            if trial := rung.take():
                return rung, trial
        return None

    def advance(self):
        """Let candidates wait that may now be run, of a new generation or a higher rung; whether there were any."""
        for generation in range(self.generations):
            if not (first := self.rungs[0].generation(generation)):
                earlier = [trial for before in range(generation) for trial in self.rungs[0].generation(before)]
                if all(trial.ended for trial in earlier):
                    self._begin(generation, earlier)
                    return True
                return False
            if self._promote(generation, first):
                return True
        return False

    def ended(self):
        """Whether every generation has come to its end."""
        for generation in range(self.generations):
            trials = self.rungs[0].generation(generation)
            for above in [*self.rungs[1:], None]:
                if not trials or not all(trial.ended for trial in trials):
                    return False
                if above is None or not any(trial.state == COMPLETE for trial in trials):
                    break
                trials = above.generation(generation)
        return True

    def _begin(self, generation, earlier):
        size = min(self.section.generation, self.section.trials - generation * self.section.generation)
        admitted, known = {}, {trial.candidate for trial in earlier}
        for values in self._drawn(generation, earlier, size * DRAWS):
            try:
                candidate = with_values(self.recipe, values)
            except ValueError:
                continue  # two values that a recipe does not allow together
            if candidate.name in known or candidate.name in admitted:
                continue
            sizes = sizes_of(candidate, self.section.core, self.section.budget())
            if not sizes.above(self.section.budget()):
                admitted[candidate.name] = values, vars(sizes)
            if len(admitted) == size:
                break
        if not admitted:
            raise ValueError(
                f"search of {self.recipe.name}: {size * DRAWS} draws gave nothing new within the budget "
                f"({self.section.budget() or 'there is none'}); widen search.ranges or the budget"
            )
        self.rungs[0].add(generation, admitted)

    def _drawn(self, generation, earlier, draws):
        """{dotted key: value} of each draw."""
        seed = int.from_bytes(hashlib.sha256(f"{self.recipe.seed} {generation}".encode()).digest()[:4])
        sampler = optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=self.section.generation, multivariate=True, constant_liar=True
        )
        study = optuna.create_study(directions=["minimize"] * len(self.rungs[0].minimised), sampler=sampler)
        for trial in sorted(earlier, key=lambda trial: (trial.generation, trial.candidate)):
            if trial.state == COMPLETE:
                values = [float(trial.figures[figure]) for figure in self.rungs[0].minimised]
                study.add_trial(create_trial(params=trial.values, distributions=self.section.ranges, values=values))
        if self.own and not earlier:
            yield self.own
        for _ in range(draws):
            yield study.ask(self.section.ranges).params

    def _promote(self, generation, trials):
        """Let the better third of a generation wait in the first rung that it has not reached; whether there is one."""
        for rung, above in zip(self.rungs, self.rungs[1:], strict=False):
            if not all(trial.ended for trial in trials):
                return False
            if reached := above.generation(generation):
                trials = reached
                continue
            good = sorted((trial for trial in trials if trial.state == COMPLETE), key=lambda trial: trial.candidate)
            values = [[trial.figures[figure] for figure in rung.minimised] for trial in good]
            kept = [good[place] for place in best(values, math.ceil(len(trials) / KEPT))] if good else []
            kept += [trial for trial in good if trial.values == self.own and trial not in kept]
            above.add(generation, {trial.candidate: (trial.values, trial.figures) for trial in kept})
            return bool(kept)
        return False

    def done(self):
        """The Trials that were trained to their end."""
        done = [trial for trial in self.rungs[-1].trials() if trial.state == COMPLETE]
        return sorted(done, key=lambda trial: trial.candidate)

    def as_it_is(self):
        """The Trial of the recipe itself, or None."""
        return next((trial for trial in self.done() if trial.values == self.own), None)

    def front(self):
        """The Trials that none beats, of those trained to their end, the smallest first."""
        rung, done = self.rungs[-1], self.done()
        rank = ranks([[trial.figures[figure] for figure in rung.minimised] for trial in done])
        front = [trial for trial, level in zip(done, rank, strict=True) if level == 0]
        return sorted(front, key=lambda trial: (trial.figures["flash_bytes"], trial.candidate))
