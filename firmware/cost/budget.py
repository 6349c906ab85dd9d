"""The budget: what every figure of cost.json may be, and which compiler made it so."""

from dataclasses import dataclass, field

from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CROSS
from firmware.cost.tables import write_readme
from firmware.files import Record, read_json, write_json
from firmware.paths import ROOT

BUDGET = ROOT / "firmware" / "cost" / "budget.json"
ACCEPT = "`make cost BUDGET=write`"


class Budget(Record):
    """budget.json."""

    compiler: str
    cost: dict[str, dict[str, dict[str, dict[str, int] | int]]]
    gru_step: dict[str, int]


@dataclass
class Comparison:
    """Figures by name: (was, is); None where there is none."""

    over: dict = field(default_factory=dict)
    """Grown, or not in the budget."""
    under: dict = field(default_factory=dict)
    """Shrunk, or only in the budget."""


def compiler_version():
    return run_compiler([f"{CROSS}gcc", "--version"]).splitlines()[0]


def load_budget():
    """The Budget of the tree."""
    if not BUDGET.exists():
        raise ValueError(f"{BUDGET}: not there; {ACCEPT} writes it")
    return read_json(BUDGET, Budget)


def figures(cost, name=""):
    """{"m4 commands-6k flash code": bytes, ...}: every figure of a cost.json."""
    if not isinstance(cost, dict):
        return {name: cost}
    return {
        key: value for part, inside in cost.items() for key, value in figures(inside, f"{name} {part}".strip()).items()
    }


def compare(budget, cost):
    """A Comparison of two values of cost.json."""
    allowed, measured, found = figures(budget), figures(cost), Comparison()
    for name in {**measured, **allowed}:
        was, now = allowed.get(name), measured.get(name)
        if now is not None and (was is None or now > was):
            found.over[name] = was, now
        elif was != now:
            found.under[name] = was, now
    return found


def _line(name, was, now):
    if was is None:
        return f"{name}: {now}, not in the budget"
    if now is None:
        return f"{name}: {was} in the budget, no longer there"
    return f"{name}: was {was}, is {now} ({now - was:+}, {(now - was) / was if was else 1:+.1%})"


def report(comparison, budget_compiler, compiler):
    """What a Comparison says, a line a figure; what grew comes last, where it is seen."""
    lines = []
    if comparison.under:
        lines += [f"{len(comparison.under)} figures are under the budget; {ACCEPT} holds them there:"]
        lines += [_line(name, *pair) for name, pair in comparison.under.items()]
    if comparison.over:
        lines += [f"{len(comparison.over)} figures are OVER the budget; {ACCEPT} accepts them:"]
        lines += [_line(name, *pair) for name, pair in comparison.over.items()]
    if compiler != budget_compiler:
        lines += ["The budget was made with another compiler, which alone can move any figure:"]
        lines += [f"budget: {budget_compiler}", f"here:   {compiler}"]
    return "\n".join(line if line.endswith(":") else f"  {line}" for line in lines) or "every figure is the budget's"


def accept(cost, steps, images):
    """Make a cost.json of images and the GRU steps the budget, and the README's table."""
    write_json(BUDGET, Budget(compiler=compiler_version(), cost=cost, gru_step=steps))
    write_readme(cost, images)
