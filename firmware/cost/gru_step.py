"""The instructions of one GRU step of 10 inputs and 64 units: what other libraries are compared by."""

from firmware.cost.count import count_calls
from firmware.files import write_whole
from firmware.frontend import Frontend
from firmware.generate.mel_bands import size_macros
from firmware.image.core_image import build_image
from firmware.paths import COST, build_folder

PROGRAM = COST / "gru_step.c"
STEP_RAM_KB = 32
"""Its weights are made at random in RAM."""

SIZES = """\
#define KWS_LAYERS 2
#define KWS_KINDS 1
#define KWS_SCALINGS 3
#define KWS_MEMORY_CODES 64
#define KWS_SUMS 288
#define KWS_LABELS 12
#define KWS_KEYWORDS 10
#define KWS_POINTS 1
#define KWS_LABEL_BYTES 8
"""


def step_instructions(core, name="library", options=()):
    """Of the library's own GRU; options: of the compiler, where something else is measured under another name."""
    folder = build_folder() / "gru-step" / f"{core.name}-{name}"
    macros = size_macros(Frontend(bands=10)) + SIZES
    write_whole(folder / "kws_model.h", f"#ifndef KWS_MODEL_H\n#define KWS_MODEL_H\n{macros}#endif\n")
    image = build_image(core, folder, PROGRAM, folder, options, sources=[])
    ((_, instructions),) = count_calls(core, image, "kws_gru_step")[0]
    return instructions
