"""Models of anomalies of the simulated machines, beside Mahalanobis distances; trains each for a minute:

python -m tests.measure.machines          after `make machines`
"""

from calibration.anomaly import threshold
from calibration.anomaly.evaluation import HEADER, evaluate, rows_of
from calibration.calibrate import detector_rule_of
from export.artefacts import export
from firmware.command import run_command
from firmware.markdown import table
from firmware.paths import data_folder
from train.anomaly.simulated import MACHINES
from train.recipe import load_recipe
from train.training import train


def figures_of(machine):
    """{score: AnomalyFigures} of the recipe `machine`, trained on another machine's sound."""
    recipe = load_recipe("machine")
    recipe = recipe.model_copy(update={"name": f"machine-{machine}", "sound": f"machines/{machine}"})
    train(recipe)
    threshold.calibrate(recipe, detector_rule_of(recipe))
    export(recipe.name)
    return evaluate(recipe, data_folder() / recipe.sound / "test").figures


def main():
    rows = [
        (machine, *row)
        for machine in MACHINES
        for name, figures in figures_of(machine).items()
        for row in rows_of(figures, name)
    ]
    print(table(("machine", *HEADER), rows))


if __name__ == "__main__":
    run_command("machines", main)
