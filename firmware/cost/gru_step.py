"""The instructions of one GRU step of 10 inputs and 64 units: what other libraries are compared by."""

from firmware.cost.count import count_calls
from firmware.image.core_image import build_image
from firmware.paths import COST, build_folder

PROGRAM = COST / "gru_step.c"
STEP_RAM_KB = 32
"""Its weights are made at random in RAM."""


def step_instructions(core, name="library", options=()):
    """Of the library's own GRU; options: of the compiler, where something else is measured under another name."""
    folder = build_folder() / "gru-step" / f"{core.name}-{name}"
    image = build_image(core, PROGRAM, folder, options=options)
    ((_, instructions),) = count_calls(core, image, "kws_gru_step")[0]
    return instructions
