"""What the library promises as an object file: nothing hidden, generated tables up to date, footprint as stated."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from export.c_text import FORMAT
from firmware.compile.compiler import BuildError, run_compiler
from firmware.compile.cores import CORES, CROSS
from firmware.compile.library import LIBRARY_SOURCES, build_library
from firmware.emulate import qemu
from firmware.emulate.qemu import EmulationError, run_image
from firmware.generate import integers, tables
from firmware.host.binding import SpotterC
from firmware.image.core_image import build_image, build_spotter
from firmware.model_json import read_model_json
from firmware.paths import EMULATED, LIBRARY
from train.layers import KINDS

ALLOWED_UNDEFINED = {
    "strlen",
    "memcpy",
    "memset",
    "memmove",
    "__aeabi_lmul",
    "__aeabi_uidiv",
    "__aeabi_llsl",
    "__aeabi_llsr",
    "__aeabi_lasr",
    "__gnu_thumb1_case_uqi",
    "__gnu_thumb1_case_sqi",
    "__gnu_thumb1_case_uhi",
}


@pytest.fixture(scope="module", params=CORES.values(), ids=CORES)
def library(request):
    return build_library(request.param)


def test_the_library_needs_no_heap_no_float_and_no_libm(library):
    symbols = [line.split() for line in run_compiler([f"{CROSS}nm", library]).splitlines() if line.strip()]
    defined = {words[-1] for words in symbols if len(words) == 3}
    undefined = {words[-1] for words in symbols if len(words) == 2 and words[0] == "U"} - defined
    assert undefined <= ALLOWED_UNDEFINED


def test_the_library_has_no_writable_data(library):
    sizes = [line.split() for line in run_compiler([f"{CROSS}size", library]).splitlines()[1:]]
    assert sum(int(words[1]) + int(words[2]) for words in sizes) == 0


def test_every_exported_symbol_begins_with_kws(library):
    symbols = [line.split() for line in run_compiler([f"{CROSS}nm", "-g", library]).splitlines() if line.strip()]
    assert all(words[2].startswith("kws_") for words in symbols if len(words) == 3)


def test_committed_tables_are_what_the_description_generates():
    assert (LIBRARY / "tables.h").read_text() == tables.header_text()
    assert (LIBRARY / "tables.c").read_text() == tables.source_text()


def test_the_stated_ram_is_that_of_the_structs(exported, tmp_path):
    for sizes in (
        dict(units=48),
        dict(units=33, bands=80, labels=13, hop_ms=10),
        dict(units=33, cell="ssm", stacked_frames=3, layers=2),
        dict(units=256, cell="lstm"),
    ):
        *_, folder = exported(**sizes)
        check = tmp_path / "check.c"
        stated = SpotterC(folder).model.ram_bytes
        structs = "sizeof(struct kws_random_stream) + sizeof(struct kws_random_frontend)"
        check.write_text(f'#include "kws_model.h"\ntypedef char size_is_stated[{structs} == {stated} ? 1 : -1];\n')
        run_compiler(
            [f"{CROSS}gcc", "-mcpu=cortex-m4", "-mthumb", f"-I{LIBRARY}", f"-I{folder}", "-fsyntax-only", check]
        )


PRIMITIVES = {"target", "tables", "primitives", "lanes", "lanes_one", "lanes_helium", "registers_armv6m"}
FRONTEND = {"frontend", "frontend_kernels", "gate", "sensor"}
LAYERS = {"layer", "layer_kernels", "requantize", "scaling", "gates", "gates_armv7m", "rows"}
STORY = {"kws", "model", "memory", "network", "detector", "detector_helium", "integrity", "score", "voice"}
STAGES = {
    stage + core for stage in ("window", "fft", "power", "mel", "log") for core in ("", "_helium", "_armv6m", "_armv7m")
}
ROWS = {stage + core for stage in ("rows", "row_blocks") for core in ("", "_helium", "_armv6m", "_armv7m")}
ASSEMBLY = {"depthwise_helium", "depthwise_armv7m", "gru_armv7m", "ssm_helium", "ssm_armv7m", "ssm_armv6m"}
CELLS = {"accumulate", *ASSEMBLY, *ROWS, *KINDS}


def test_includes_go_from_the_story_to_stages_and_layers_to_primitives():
    """A stage of the front end knows nothing of the network, and a layer nothing of the front end."""
    allowed = dict.fromkeys(PRIMITIVES, PRIMITIVES)
    allowed |= dict.fromkeys(STAGES | FRONTEND, PRIMITIVES | FRONTEND)
    allowed |= dict.fromkeys(CELLS | LAYERS, PRIMITIVES | LAYERS)
    allowed |= dict.fromkeys(STORY, PRIMITIVES | FRONTEND | LAYERS | STORY)
    for source in (*LIBRARY.glob("*.[cS]"), *LIBRARY.glob("*.h")):
        included = set(re.findall(r'#include "(\w+)\.h"', source.read_text()))
        story = {"memory", "integrity"} if source.name in ("frontend.c", "sensor.c") else set()
        assert included <= allowed[source.stem] | story, source.name
    assert {source.name for source in LIBRARY.glob("*.[cS]")} == set(LIBRARY_SOURCES)


# --- a model that does not fit


def test_header_and_arrays_of_different_exports_do_not_compile(exported, tmp_path):
    *_, first = exported(units=48)
    *_, second = exported(units=48, seed=1)
    (tmp_path / "kws_model.h").write_text((first / "kws_model.h").read_text())
    (tmp_path / "kws_model.c").write_text((second / "kws_model.c").read_text())
    with pytest.raises(BuildError, match="different exports"):
        run_compiler(["cc", f"-I{LIBRARY}", f"-I{tmp_path}", "-fsyntax-only", tmp_path / "kws_model.c"])


def test_a_program_and_a_model_of_different_exports_do_not_link(exported, tmp_path):
    *_, first = exported(units=48)
    *_, second = exported(units=48, seed=1)
    core, program = CORES["m4"], tmp_path / "program.c"
    program.write_text(
        '#include "kws_model.h"\nint main(void);\nstatic struct kws_random_stream stream;\n'
        "static struct kws_random_frontend frontend;\nint main(void)\n{\n"
        "    return (int)kws_random_init(&stream, &frontend);\n}\n"
    )
    library = build_library(core)
    command = [
        f"{CROSS}gcc",
        *core.flags,
        "-mthumb",
        f"-I{LIBRARY}",
        f"-I{first}",
        "-nostartfiles",
        "-specs=nano.specs",
    ]
    run_compiler([*command, "-o", tmp_path / "fits.elf", program, first / "kws_model.c", library])
    run_compiler(
        [
            f"{CROSS}gcc",
            *core.flags,
            "-mthumb",
            f"-I{LIBRARY}",
            "-c",
            "-o",
            tmp_path / "model.o",
            second / "kws_model.c",
        ]
    )
    with pytest.raises(BuildError, match=f"undefined reference to `kws_random_model_{read_model_json(first).model_id}"):
        run_compiler([*command, "-o", tmp_path / "image.elf", program, tmp_path / "model.o", library])


def test_a_model_of_another_version_of_the_library_does_not_compile(exported, tmp_path):
    *_, folder = exported(units=48)
    header = (folder / "kws_model.h").read_text()
    assert f"#define KWS_FORMAT {FORMAT} " in (LIBRARY / "kws.h").read_text()
    (tmp_path / "kws_model.h").write_text(header.replace(f"KWS_FORMAT != {FORMAT}", f"KWS_FORMAT != {FORMAT - 1}"))
    with pytest.raises(BuildError, match="of another version of the library: export the model again"):
        run_compiler(["cc", f"-I{LIBRARY}", "-fsyntax-only", tmp_path / "kws_model.h"])


FIELDS = ["bias", "multiplier", "scaling", "input_weights", "recurrent_weights"]
CORRUPTED = [
    *(rf"\.gru1_{field} = " for field in FIELDS),
    r"\.logits_input_weights = ",
    r"\.memory_codes = ",
    r"\.thresholds = {",
    r"\.smoothing_shift = ",
]


@pytest.mark.parametrize("field", CORRUPTED)
def test_a_corrupted_array_is_refused_at_init(exported, tmp_path, field):
    *_, folder = exported(units=13)
    for file in folder.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    text = (folder / "kws_model.c").read_text()
    place = re.search(rf"{field}\D*?\d*(\d)", text).start(1)
    flipped = text[:place] + str(int(text[place]) ^ 1) + text[place + 1 :]
    (tmp_path / "kws_model.c").write_text(flipped)
    with pytest.raises(ValueError, match="damaged, its hash does not match"):
        SpotterC(tmp_path)
    image = build_image(CORES["m4"], EMULATED / "spotter.c", tmp_path / "m4", [tmp_path])
    with pytest.raises(EmulationError, match="the model is damaged"):
        run_image(CORES["m4"], image, "none")


def test_an_image_that_does_not_end_is_stopped_by_the_processor_time_that_it_took(monkeypatch):
    monkeypatch.setattr(qemu, "CPU_LIMIT_S", 1)
    with pytest.raises(EmulationError, match=r"spotter.elf: took more than 1 s of processor time on an emulated m4"):
        run_image(CORES["m4"], build_spotter(["commands-6k"], CORES["m4"]), "/dev/zero")


# --- numbers


@given(arrays(np.int64, 12, elements=st.integers(-32768, 32767)))
def test_posteriors_are_a_softmax(logits):
    found = integers.posteriors(logits) / 32768
    real = np.exp((logits - logits.max()) / 1024)
    np.testing.assert_allclose(found, real / real.sum(), atol=0.002)


@pytest.mark.parametrize(
    "name, function, limit, end",
    [("sigmoid", lambda x: 1 / (1 + np.exp(-x)), 2.6e-4, 8), ("tanh", np.tanh, 5e-4, 3.9), ("tanh", np.tanh, 8e-4, 8)],
)
def test_gates_are_within_their_stated_error(name, function, limit, end):
    codes = np.arange(-32768, 32768)
    codes = codes[np.abs(codes) <= end * 4096]
    np.testing.assert_allclose(getattr(integers, name)(codes) / 32768, function(codes / 4096), atol=limit)


def test_reset_is_a_fresh_start(exported, sound):
    *_, folder = exported(units=48)
    used, pcm = SpotterC(folder), sound(3)
    used.hear(sound(5, seed=1))
    used.reset()
    wanted, found = SpotterC(folder).hear(pcm), used.hear(pcm)
    for field in vars(wanted):
        np.testing.assert_array_equal(getattr(found, field), getattr(wanted, field), err_msg=field)


DOOR = re.compile(r"\b(kws_\w+)\(")


def test_the_door_is_thirteen_functions_without_kernels(tmp_path):
    """A program that includes kws.h and a model sees types and prototypes; of inline functions the model's init alone."""
    (tmp_path / "user.c").write_text('#include "kws.h"\n')
    seen = run_compiler(["cc", "-std=c99", f"-I{LIBRARY}", "-E", "-P", tmp_path / "user.c"])
    declared = set(DOOR.findall(seen))
    assert len(declared) == 13 and "inline" not in seen.split("struct kws_features;", 1)[1]
    headers = run_compiler(["cc", f"-I{LIBRARY}", "-MM", tmp_path / "user.c"])
    assert re.findall(r"(\w+\.h)", headers) == ["kws.h"]
    text = (LIBRARY / "kws.h").read_text()
    assert text.index('extern "C"') < text.index("struct kws_features;")
