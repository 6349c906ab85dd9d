"""What the shipped models, and the GRU step that others are compared by, cost on the emulated cores."""

from firmware.compile.cores import CORES
from firmware.cost.footprint import flash_bytes, ram_bytes
from firmware.cost.gru_step import STEP_RAM_KB, step_instructions
from firmware.cost.stages import count_asleep, count_hops, median_hop
from firmware.image.core_image import build_image
from firmware.model_json import MODEL_C
from firmware.paths import EMULATED, MODELS, build_folder
from firmware.progress import progress
from firmware.recipes import model_folder

TOGETHER = " + "
"""Between the names of recipes in one image."""


def shipped_recipes():
    """The recipes that have a model in the tree, smallest model first."""
    sizes = {file.parent.name: file.stat().st_size for file in MODELS.glob(f"*/{MODEL_C[1]}")}
    return sorted(sizes, key=sizes.get)


def build_counted(core, models, folder):
    """The image that is measured: spotter.c with the models in folders, what the compiler says of each frame beside it."""
    return build_image(core, EMULATED / "spotter.c", folder, models, ("-fstack-usage",))


def measure(core, models, image):
    """What a core pays for the models in folders, of which `image` was built: one entry of cost.json."""
    hops, asleep = count_hops(core, image), count_asleep(core, image)
    return {
        "flash": flash_bytes(image),
        "ram": ram_bytes(models, image),
        "instructions_per_hop": median_hop(hops),
        "instructions_worst_hop": max(hop["total"] for hop in hops),
        **({} if asleep is None else {"instructions_asleep": asleep}),
    }


def shipped_images():
    """{recipe: [folder]} of each shipped model alone."""
    return {recipe: [MODELS / recipe] for recipe in shipped_recipes()}


def images_of(recipes):
    """{name: [folders]} of recipes (names), each alone and, if they are several, all in one image: "wake + commands"."""
    alone = {recipe: [model_folder(recipe)] for recipe in recipes}
    return {**alone, TOGETHER.join(recipes): [folder for [folder] in alone.values()]}


def measure_images(images, cores=CORES):
    """The value of a cost.json of images {name: [folders of models]} on cores (names)."""
    cost = {}
    for core in progress(cores, "measuring", "cores"):
        cost[core] = {}
        for name, models in images.items():
            image = build_counted(CORES[core], models, build_folder() / "cost" / name.replace(TOGETHER, "+") / core)
            cost[core][name] = measure(CORES[core], models, image)
    return cost


def measure_steps():
    """{core: instructions of the GRU step that other libraries are compared by}, where its weights find room in RAM."""
    return {name: step_instructions(core) for name, core in CORES.items() if core.ram_kb >= STEP_RAM_KB}
