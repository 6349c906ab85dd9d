"""What trainings of a recipe with several seeds know, each and all together: python -m tests.measure.teachers RECIPE SEED ...

Their float networks hear the recipe's validation streams; together they have the mean of their log-posteriors, which is what a
student hears (train/distillation.py).  Operating points are chosen for each as `make calibrate` chooses them; the table has their
misses and false accepts.  Test recordings are not used.
"""

import argparse

import numpy as np

from calibration.detector import DetectorRule
from calibration.operating_points import choose_points
from calibration.streams.scoring import Said
from calibration.streams.validation import LANES, heard_of_logits, validation_streams
from firmware.command import Failure, run_command
from firmware.markdown import table
from firmware.recipes import checkpoint, make_command, seed_name
from tests.measure.confirmation import FIGURES, figures_of
from train.corpora import load_corpora
from train.integer_model import LOGIT_UNIT
from train.recipe import load_recipe
from train.trained import trained_model


def log_posteriors(model, streams):
    """{kind: float [LANES, hops, labels]} of a float Model on validation_streams."""
    found = {}
    for kind, (codes, _) in streams.items():
        logits, _ = model.run(codes.reshape(LANES, -1, codes.shape[1]))
        found[kind] = logits - np.logaddexp.reduce(logits, axis=2, keepdims=True)
    return found


def mean_of(each):
    return {kind: np.mean([found[kind] for found in each], axis=0) for kind in each[0]}


def points_of(found, model, streams, rule):
    """The ChosenPoints of log_posteriors."""
    codes = {kind: np.rint(values / LOGIT_UNIT).clip(-32768, 32767).astype(np.int16) for kind, values in found.items()}
    logits = {kind: (codes[kind], Said.of(events, model.words)) for kind, (_, events) in streams.items()}
    return choose_points(heard_of_logits(model, logits, rule), rule)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("seeds", metavar="SEED", type=int, nargs="+")
    given = parser.parse_args()
    recipe, models = load_recipe(given.recipe, ("keywords",)), []
    for name in (seed_name(recipe.name, seed) for seed in given.seeds):
        if not (found := trained_model(name)):
            raise Failure(f"{checkpoint(name)}: not trained; run `{make_command('seeds', recipe.name)}` first")
        models.append(found[0])
    streams, rule = validation_streams(recipe, load_corpora(recipe)), DetectorRule.of_recipe(recipe)
    each = [log_posteriors(model, streams) for model in models]
    rows = []
    for seeds, found in [*zip(given.seeds, each, strict=True), (", ".join(map(str, given.seeds)), mean_of(each))]:
        rows += [(seeds, *figures_of(point)) for point in points_of(found, models[0], streams, rule)]
    print(table(["seed", *FIGURES], rows))


if __name__ == "__main__":
    run_command("teachers", main)
