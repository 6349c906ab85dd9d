"""Steps of other libraries' recurrent cells beside ours, counted in the same way; their sources stay outside the tree."""

from dataclasses import dataclass
from pathlib import Path

from firmware.command import Failure
from firmware.compile.compiler import BuildError, run_compiler
from firmware.compile.cores import CORES, CROSS, CROSS_FLAGS
from firmware.compile.library import build_library
from firmware.cost.count import count_calls
from firmware.cost.gru_step import step_instructions
from firmware.cost.tables import NAMES, README_CORES
from firmware.image.core_image import link_image, write_linker_script
from firmware.markdown import table
from firmware.paths import BOARDS, COST, EMULATED, LIBRARY, build_folder
from firmware.progress import progress

PEERS = COST / "peers"
CPP_FLAGS = ("-std=c++17", "-fno-exceptions", "-fno-rtti", "-DTINYMIND_ENABLE_QUANTIZATION=1")

HOSTED_FLAGS = tuple(flag for flag in CROSS_FLAGS if flag != "-ffreestanding")
"""With -ffreestanding each word that CMSIS-NN loads would be a call of memcpy."""
STEP = "one step, 10 inputs, 64 units, int8 weights (instructions)"
CHANNELS = "state-space cell, 64 units, without its matrix (instructions)"


@dataclass(frozen=True)
class Peer:
    name: str
    """What is counted, as the table calls it."""
    program: str
    """In the folder of this file."""
    step: str
    """The function that is counted."""
    folder: str = ""
    """Of the sources, in PEERS; empty: our library."""
    include: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    below: str = ""
    """A function below the step that is not counted."""


CMSIS_NN = (
    "LSTMFunctions/arm_lstm_unidirectional_s8.c",
    "NNSupportFunctions/arm_nn_lstm_step_s8.c",
    "NNSupportFunctions/arm_nn_lstm_calculate_gate_s8_s16.c",
    "NNSupportFunctions/arm_nn_vec_mat_mul_result_acc_s8_s16.c",
    "NNSupportFunctions/arm_nntables.c",
    "ActivationFunctions/arm_nn_activation_s16.c",
    "BasicMathFunctions/arm_elementwise_mul_s16.c",
    "BasicMathFunctions/arm_elementwise_mul_acc_s16.c",
    "BasicMathFunctions/arm_elementwise_mul_s16_s8.c",
)
MATRIX_CELLS = (
    Peer("TinyMind, GRU, int8 state", "tinymind_gru.cpp", "tinymind_gru_step", "tinymind/cpp", (".", "include")),
    Peer(
        "CMSIS-NN, LSTM (a third more products), int8 state",
        "cmsis_nn_lstm.c",
        "arm_lstm_unidirectional_s8",
        "CMSIS-NN",
        ("Include",),
        tuple(f"Source/{source}" for source in CMSIS_NN),
    ),
)
STATE_SPACE = (
    Peer("Jerboa, both nonlinearities, 24-bit state", "jerboa_ssm.c", "kws_ssm_step", below="kws_accumulate"),
    Peer(
        "TinyMind, a hard sigmoid, int8 output",
        "tinymind_ssm.cpp",
        "tinymind_ssm_step",
        "tinymind/cpp",
        (".", "include"),
    ),
)


def missing_source(peer, folder):
    """The name of a file of a peer that is not in a folder; empty if all are there."""
    wanted = (Path(peer.folder, file) for file in (*peer.include, *peer.sources))
    return next((str(name) for name in wanted if not (folder / name).exists()), "")


def count_step(core, peer, sources):
    """The instructions of one step of a peer, whose sources are in a folder, on a core."""
    made = build_folder() / "peers" / core.name / Path(peer.program).stem
    objects = []
    made.mkdir(parents=True, exist_ok=True)
    include = [f"-I{sources / peer.folder / name}" for name in peer.include]
    for source in (PEERS / peer.program, *(sources / peer.folder / name for name in peer.sources)):
        objects.append(made / f"{source.stem}.o")
        language = (*CPP_FLAGS, f"-I{PEERS / 'freestanding'}") if source.suffix == ".cpp" else ("-std=c99",)
        flags = (*core.flags, *HOSTED_FLAGS, *language, *include, f"-I{PEERS}", f"-I{LIBRARY}", "-w")
        run_compiler([f"{CROSS}gcc", *flags, "-c", "-o", objects[-1], source])
    if not peer.folder:
        objects.append(build_library(core))
    script = write_linker_script(made, core.memory)
    started = [BOARDS / "startup.c", EMULATED / "semihosting.c"]
    image = link_image(core, made / "step.elf", script, [*started, *objects], (BOARDS, EMULATED))
    ((_, spent), *_) = count_calls(core, image, peer.step, [peer.below] if peer.below else [])[0]
    return spent


def why_not(error):
    """The line of a compiler's output that says why it failed."""
    lines = str(error).splitlines()
    return next((line for line in lines if "error" in line), lines[-1])


def rows_of(peers, sources, said):
    """[(name, instructions on each core)]; what cannot be counted is left out, and `said` gets a line why."""
    rows = []
    for peer in peers:
        missing = missing_source(peer, sources)
        if missing:
            said.append(f"{peer.name}: no {missing} in {sources}")
            continue
        counts = []
        for name in README_CORES:
            try:
                counts.append(count_step(CORES[name], peer, sources))
            except BuildError as error:
                said.append(f"{peer.name} on the {NAMES[name]}: not built ({why_not(error)})")
                counts.append("-")
        rows.append((peer.name, *counts))
    return rows


def peer_tables(folder):
    """What `make cost PEERS=folder` prints."""
    folder = Path(folder).resolve()
    if all(missing_source(peer, folder) for peer in (*MATRIX_CELLS, *STATE_SPACE) if peer.folder):
        raise Failure(f"PEERS={folder}: no other library in it; docs/emulation.md says which sources belong where")
    said, header = [], [NAMES[name] for name in README_CORES]
    ours = ("Jerboa, GRU, int16 state", *(step_instructions(CORES[name]) for name in README_CORES))
    cells, channels = (
        rows_of(peers, folder, said) for peers in progress([MATRIX_CELLS, STATE_SPACE], "counting", "tables")
    )
    return "\n\n".join([table([STEP, *header], [ours, *cells]), table([CHANNELS, *header], channels), *said])
