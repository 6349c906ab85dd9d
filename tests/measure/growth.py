"""Measures how the cost of a hop grows with its work: python -m tests.measure.growth

Models with random weights, one size varied at a time, counted as by `make cost`: the hop with the median total.
Prints the measured hops and, for each core and cell, a least-squares fit,

    instructions = a + b * multiplications + c * gates + d * bands

a gate being a row of weights with its nonlinearity, of every unit; and writes docs/growth.png: measured points, fitted lines.
"""

import sys
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from calibration.detector import Detector
from calibration.plots import OURS, RECURRENT, plt, save
from export.c_files import write_c
from firmware.command import run_command
from firmware.compile.cores import CORES
from firmware.cost.measure import build_counted
from firmware.cost.stages import count_hops, median_hop
from firmware.cost.tables import NAMES
from firmware.markdown import table
from firmware.paths import ROOT, build_folder
from tests.conftest import random_model

BASE = {"units": 64, "bands": 40, "layers": 1}
VARIED = {"units": (16, 32, 64, 128, 192, 256), "bands": (10, 20, 40, 80), "layers": (1, 2, 3)}
CELLS = {"gru": ("GRU", OURS), "ssm": ("state-space cell", RECURRENT)}
COUNTED_CORES = ("m4", "m0plus")


@dataclass(frozen=True)
class Hop:
    """The hop of a model on a core."""

    core: str
    cell: str
    sizes: tuple  # units, bands, layers
    multiplications: int
    gates: int
    frontend: int
    total: int

    @property
    def work(self):
        """The variables of the fit."""
        return 1, self.multiplications, self.gates, self.sizes[1]


def sizes_of(varied):
    """[(units, bands, layers)] with one of them varied."""
    return [tuple({**BASE, varied: value}.values()) for value in VARIED[varied]]


def measure(cell, sizes):
    """The Hops of a random model on every core."""
    units, bands, layers = sizes
    model = random_model(units, bands=bands, layers=layers, cell=cell)
    integers = model.quantize()
    folder = build_folder() / "growth" / f"{cell}-{units}-{bands}-{layers}"
    about = write_c(model, integers, Detector.with_one_threshold(9000, model.keywords), folder)
    gates = sum(
        integers.rows[name].input_weights[..., 0].size
        for name, layer in model.layers.items()
        if any(layer is one for one in model.cells)
    )
    for core in COUNTED_CORES:
        spent = median_hop(count_hops(CORES[core], build_counted(CORES[core], [folder], folder / core)))
        frontend = sum(spent[stage] for stage in ("window", "fft", "mel", "log"))
        yield Hop(core, cell, sizes, about.multiplications, gates, frontend, spent["total"])


def fit(hops):
    """(a, b, c, d) by least squares, and the largest |residual|."""
    work, totals = np.array([hop.work for hop in hops], float), np.array([hop.total for hop in hops])
    line = np.linalg.lstsq(work, totals, rcond=None)[0]
    return line, np.abs(work @ line - totals).max()


def draw_cell(axes, hops, line, varied, colour, label):
    """Measured points over one size, and the fitted line, a polynomial in it of second degree at most."""
    place = list(BASE).index(varied)
    x = np.array([hop.sizes[place] for hop in hops])
    fitted = np.array([hop.work for hop in hops]) @ line
    fine = np.linspace(x.min(), x.max(), 100)
    axes.plot(fine, np.polyval(np.polyfit(x, fitted, 2), fine) / 1000, color=colour, linewidth=1.6)
    axes.scatter(x, [hop.total / 1000 for hop in hops], s=26, color=colour, zorder=3, label=label)
    axes.annotate(
        f"{hops[-1].total / 1000:,.0f}",
        (x[-1], hops[-1].total / 1000),
        xytext=(-2, 6),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=colour,
    )


def draw(hops, lines):
    """docs/growth.png: a row a core, a column a varied size."""
    figure, grid = plt.subplots(len(COUNTED_CORES), len(VARIED), figsize=(11, 6.6), layout="constrained")
    for row, core in zip(grid, COUNTED_CORES, strict=True):
        for axes, varied in zip(row, VARIED, strict=True):
            shown = [[hops[core, cell, sizes] for sizes in sizes_of(varied)] for cell in CELLS]
            for (cell, (label, colour)), of_cell in zip(CELLS.items(), shown, strict=True):
                draw_cell(axes, of_cell, lines[core, cell][0], varied, colour, label)
            values = VARIED[varied]
            frontend = [hop.frontend / 1000 for hop in shown[-1]]
            axes.fill_between(values, frontend, color="#e6e6e6", linewidth=0, label="of which the front end")
            axes.set_ylim(0, 1.15 * max(hop.total for of_cell in shown for hop in of_cell) / 1000)
            axes.set_xticks(values, [value if value != 32 else "" for value in values])  # 16 and 32 would touch
            axes.yaxis.set_major_formatter("{x:,.0f}")
            axes.yaxis.set_major_locator(MaxNLocator(5))
            axes.set_axisbelow(True)
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
        row[0].set_ylabel(f"Cortex-{NAMES[core]}")
    figure.suptitle("Thousand instructions a hop: points are counted, lines are fitted", fontsize=12)
    for axes, varied in zip(grid[0], VARIED, strict=True):
        fixed = ", ".join(
            f"{value} {size if value > 1 else size[:-1]}" for size, value in BASE.items() if size != varied
        )
        axes.set_title(fixed, fontsize=10, color="#444444")
    for axes, varied in zip(grid[-1], VARIED, strict=True):
        axes.set_xlabel("mel bands" if varied == "bands" else varied)
    grid[0][0].legend(fontsize=9, frameon=False, loc="upper left")
    save(figure, ROOT / "docs" / "growth.png")


def main():
    measured = {}
    for cell in CELLS:
        for sizes in dict.fromkeys(sizes for varied in VARIED for sizes in sizes_of(varied)):
            print(f"measuring {cell} {sizes}", file=sys.stderr)
            measured |= {(hop.core, cell, sizes): hop for hop in measure(cell, sizes)}
    rows = [
        (NAMES[hop.core], hop.cell, *hop.sizes, hop.multiplications, hop.gates, hop.frontend, hop.total)
        for hop in sorted(measured.values(), key=lambda hop: COUNTED_CORES.index(hop.core))
    ]
    print(table(["core", "cell", *BASE, "multiplications", "gates", "front end", "instructions"], rows))
    lines = {
        (core, cell): fit([hop for hop in measured.values() if (hop.core, hop.cell) == (core, cell)])
        for core in COUNTED_CORES
        for cell in CELLS
    }
    rows = [
        (NAMES[core], cell, f"{line[0]:,.0f}", *(f"{factor:.2f}" for factor in line[1:]), f"{residual:.0f}")
        for (core, cell), (line, residual) in lines.items()
    ]
    print("\ninstructions = a + b * multiplications + c * gates + d * bands\n")
    print(table(["core", "cell", "a", "b", "c", "d", "largest residual"], rows))
    draw(measured, lines)


if __name__ == "__main__":
    run_command("growth", main)
