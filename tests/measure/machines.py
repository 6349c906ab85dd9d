"""Models of anomalies of the simulated machines, beside Mahalanobis distances; trains each for a minute:

    python -m tests.measure.machines          after `make machines`

A cell has the figures of the network, of the linear prediction and of the features.
"""

from calibration.anomaly import threshold
from calibration.anomaly.evaluation import evaluate, seconds_text
from calibration.detector import DetectorRule
from export.artefacts import export
from firmware.command import run_command
from firmware.markdown import table
from firmware.paths import data_folder
from train.anomaly.simulated import MACHINES
from train.recipe import load_recipe
from train.training import train

HEADER = ("machine", "fault", "AUC", "found", "of", "median delay", "false alarms", "hours")


def figures_of(machine):
    """[AnomalyFigures] of each score by the recipe `machine`, trained on another machine's sound."""
    recipe = load_recipe("machine")
    recipe = recipe.model_copy(update={"name": f"machine-{machine}", "sound": f"machines/{machine}"})
    train(recipe)
    threshold.calibrate(recipe, DetectorRule.of_recipe(recipe))
    export(recipe.name)
    return list(evaluate(recipe, data_folder() / recipe.sound / "test").figures.values())


def together(values):
    return " / ".join(values)


def rows_of(machine, figures):
    """A row for each fault, and one for all."""
    for fault, about in figures[0].faults.items():
        own = [one.faults[fault] for one in figures]
        delays = together(seconds_text(one.delay_ms.median) for one in own)
        auc, found = together(f"{one.auc:.2f}" for one in own), together(str(one.found) for one in own)
        yield machine, fault, auc, found, about.recordings, delays, "", ""
    alarms = together(str(one.false_alarms) for one in figures)
    auc = together(f"{one.auc:.2f}" for one in figures)
    yield machine, "all", auc, "", "", "", alarms, f"{figures[0].hours:.2f}"


def main():
    print(table(HEADER, [row for machine in MACHINES for row in rows_of(machine, figures_of(machine))]))


if __name__ == "__main__":
    run_command("machines", main)
