"""The table [search] of a recipe's file: which of the recipe's keys are searched, in which ranges, within which budget.

    [search]
    trials = 24
    generation = 8
    minimise = ["errors", "missed", "flash_bytes"]
    flash_bytes = 8192

    [search.ranges]
    units = { from = 16, to = 64, step = 8 }
    cell = { of = ["gru", "ssm"] }
    training.learning_rate = { from = 2e-3, to = 2e-2, log = true }

The recipe itself does not read it.
"""

from typing import Any, Literal

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from pydantic import ConfigDict, Field, ValidationError, field_validator

from calibration.search_front import FIGURES
from firmware.compile.cores import CORES
from firmware.files import parse_toml, problems
from train.sections import Section

AT_THE_END = ("missed",)
"""What only a finished training has."""
SIZES = ("flash_bytes", "ram_bytes", "instructions")
Number = int | float


class Range(Section):
    """Numbers from low to high, both included; all int, or all float."""

    model_config = ConfigDict(**Section.model_config | {"validate_by_name": False})
    low: Number = Field(alias="from")
    high: Number = Field(alias="to")
    step: Number | None = Field(None, gt=0)
    log: bool = Field(False, description="even in the logarithm")

    def distribution(self):
        """Of Optuna; ValueError if it is empty or has a step and log."""
        if self.low > self.high:
            raise ValueError(f"empty: from {self.low} is above to {self.high}")
        whole = all(isinstance(value, int) for value in (self.low, self.high, self.step or 1))
        if whole:
            return IntDistribution(self.low, self.high, step=self.step or 1, log=self.log)
        return FloatDistribution(self.low, self.high, step=self.step, log=self.log)


class Choice(Section):
    """One of several values."""

    of: list[Any] = Field(min_length=1)

    def distribution(self):
        return CategoricalDistribution(self.of)


class SearchSection(Section):
    trials: int = Field(24, ge=1, le=100_000, description="recipes to try")
    generation: int = Field(
        8, ge=2, le=1000, description="recipes that are chosen together, from the results of all before"
    )
    epochs: list[int] = Field([], description="whole epochs after which the better third of a generation goes on")
    schedule: int | None = Field(None, ge=1, description="epochs of a training to its end, by default the recipe's")
    seeds: list[int] = Field(
        [1], min_length=1, description="seeds of a training to its end; its figures are their means"
    )
    minimise: list[Literal[tuple(FIGURES)]] = Field(list(FIGURES), min_length=1)
    flash_bytes: int | None = Field(None, gt=0, description="budget of the model's data")
    ram_bytes: int | None = Field(None, gt=0, description="budget of a stream and its front end")
    instructions: int | None = Field(None, gt=0, description="budget of a hop on `core`")
    core: Literal[tuple(CORES)] = "m4"
    ranges: dict[str, Any]

    @field_validator("epochs", "seeds")
    @classmethod
    def rises(cls, values):
        if any(value < 0 for value in values) or sorted(set(values)) != values:
            raise ValueError(f"{values}: give rising numbers, each once")
        return values

    @field_validator("ranges")
    @classmethod
    def flat(cls, tables):
        """{dotted key of the recipe: Distribution}."""
        found = dict(distributions("", tables))
        if not found:
            raise ValueError("empty: give at least one key of the recipe a range")
        return found

    def rungs(self, epochs):
        """The epochs at which trainings of this many epochs are compared, the last of them the end."""
        return sorted({epoch for epoch in self.epochs or (epochs // 9, epochs // 3) if 0 < epoch < epochs}) + [epochs]

    def budget(self):
        """{size: most} of those that have one."""
        return {size: getattr(self, size) for size in SIZES if getattr(self, size) is not None}


def distributions(prefix, tables):
    """(dotted key, Distribution) of each range in tables, which may be nested as the recipe is."""
    for key, table in tables.items():
        place = f"{prefix}{key}"
        if not isinstance(table, dict):
            raise ValueError(f"{place}: give {{ from = , to = }} or {{ of = [] }}")
        if not {"from", "to", "of"} & set(table):
            yield from distributions(f"{place}.", table)
            continue
        try:
            yield place, (Choice if "of" in table else Range).model_validate(table).distribution()
        except ValidationError as error:
            raise ValueError(f"{place}: {next(problems(error))}") from None
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None


def read_section(path):
    """The SearchSection in a recipe's file; ValueError with a line for each wrong key."""
    table = parse_toml(path.read_bytes(), path).get("search")
    if not isinstance(table, dict):
        raise ValueError(f"{path}: has no table [search] with the ranges of its keys; docs/search.md shows one")
    try:
        return SearchSection.model_validate(table)
    except ValidationError as error:
        raise ValueError("\n".join(f"{path}: search.{line}" for line in problems(error))) from None
