"""What the library costs: counted by stage, bounded, within the budget and the limits, and as the README says."""

import functools
import re

import pytest

from calibration.detector import Detector
from calibration.models import load_calibration, load_model
from export.c_files import write_c
from export.c_model import CModel
from firmware.compile.compiler import run_compiler
from firmware.compile.cores import CORES, CROSS
from firmware.cost import __main__ as command
from firmware.cost import budget, stages
from firmware.cost.count import count_calls
from firmware.cost.footprint import flash_bytes, ram_bytes
from firmware.cost.measure import build_counted, images_of, measure, measure_images, shipped_images, shipped_recipes
from firmware.cost.stack import StackError, deepest_path, path_bytes, read_code, stated_frames
from firmware.cost.tables import README, README_CORES, frontend_instructions, image_tables, readme_section, readme_table
from firmware.emulate.qemu import run_image
from firmware.image.core_image import build_image
from firmware.model_json import MODEL_C, MODEL_JSON, read_model_json
from firmware.paths import MODELS, ROOT
from tests.conftest import random_model
from tests.measure.rounding import RULES, instructions_by

PROGRAMS = ROOT / "tests" / "emulated"
RECIPE = "commands-6k"
SMALL_ENOUGH = ("commands-6k", "commands-20k")


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """counted(core, recipe) -> the image that `make cost` measures."""

    @functools.cache
    def image(core, recipe=RECIPE):
        return build_counted(core, [MODELS / recipe], tmp_path_factory.mktemp(core.name))

    return image


@pytest.fixture(scope="module", params=("m0plus", "m4"))
def measured(request, counted):
    """(core, what `make cost` says of one model on it)."""
    core = CORES[request.param]
    return core, measure(core, [MODELS / RECIPE], counted(core))


def test_the_budget_holds(measured):
    core, entry = measured
    allowed, compiler = budget.load_budget(), budget.compiler_version()
    if compiler != allowed.compiler:
        pytest.skip(f"the budget is of {allowed.compiler}, this is {compiler}")
    comparison = budget.compare({core.name: {RECIPE: allowed.cost[core.name][RECIPE]}}, {core.name: {RECIPE: entry}})
    assert not comparison.over, budget.report(comparison, allowed.compiler, compiler)


def test_the_stages_are_all_there_and_add_up(measured):
    _, entry = measured
    spent = dict(entry["instructions_per_hop"])
    assert spent.pop("total") == sum(spent.values()) <= entry["instructions_worst_hop"]
    assert tuple(spent) == stages.STAGES and all(spent.values())


def test_images_are_measured_on_the_cores_asked_for(measured, monkeypatch, tmp_path):
    monkeypatch.setenv("BUILD", str(tmp_path))
    core, entry = measured
    images = images_of(SMALL_ENOUGH)
    assert list(images) == [*SMALL_ENOUGH, "commands-6k + commands-20k"]
    assert images["commands-6k + commands-20k"] == [MODELS / recipe for recipe in SMALL_ENOUGH]
    assert images_of([RECIPE]) == {RECIPE: [MODELS / RECIPE]}
    assert measure_images(images_of([RECIPE]), [core.name]) == {core.name: {RECIPE: entry}}


def test_code_tables_memory_and_stack_stay_small():
    """Library code <= 8 KB, tables <= 6 KB; state and scratch <= 4 KB for the smaller models; stack <= 1 KB."""
    for core, recipes in budget.load_budget().cost.items():
        assert set(recipes) == set(shipped_recipes()) and set(SMALL_ENOUGH) <= set(recipes)
        for recipe, entry in recipes.items():
            flash, ram = entry["flash"], entry["ram"]
            assert flash["code"] <= 8 * 1024 and flash["tables"] <= 6 * 1024 and ram["stack"] <= 1024, (core, recipe)
            assert recipe not in SMALL_ENOUGH or ram["state"] + ram["scratch"] <= 4 * 1024, (core, recipe)


@pytest.mark.parametrize("recipe", shipped_recipes())
def test_the_image_holds_what_model_json_states(recipe, counted):
    """flash_bytes counts the gate table, which is linked with the tables, and no padding of struct kws_model."""
    folder, core = MODELS / recipe, CORES["m4"]
    stated = read_model_json(folder)
    image = counted(core, recipe)
    model, _ = load_model(recipe)
    c_model = CModel(model.quantize(), Detector.of(load_calibration(recipe, model), model.words))
    padding = flash_bytes(image)["model"] + c_model.gate_table_bytes() - stated.flash_bytes
    assert 0 <= padding < 8
    ram = ram_bytes([folder], image)
    assert ram["state"] + ram["scratch"] == stated.ram_bytes


def test_the_readme_has_the_table_of_the_budget_whatever_was_exported(monkeypatch, tmp_path):
    monkeypatch.setenv("BUILD", str(tmp_path))
    exported = tmp_path / "commands-20k" / "firmware"
    exported.mkdir(parents=True)
    for name in (*MODEL_C, MODEL_JSON):
        (exported / name).write_text("damaged")
    assert readme_section(README.read_text()) == readme_table(budget.load_budget().cost, shipped_images())


def test_instructions_a_second_are_those_of_the_hops_that_were_measured(tmp_path):
    model = random_model(8, hop_ms=10)
    write_c(model, model.quantize(), Detector.with_one_threshold(9000, model.keywords), tmp_path / "own")
    images = {"own": [tmp_path / "own"], "own + other": [tmp_path / "own", MODELS / RECIPE]}
    entry = budget.load_budget().cost["m4"][RECIPE]
    entry = {**entry, "instructions_per_hop": {**entry["instructions_per_hop"], "total": 60_000}}
    text = image_tables({core: dict.fromkeys(images, entry) for core in ("m0plus", "m4")}, images)
    assert "| own | 6.00 | 6.00 |" in text and "| own + other | 3.00 | 3.00 |" in text


def test_our_rows_beside_other_libraries_have_the_figures_of_the_budget():
    page, allowed = (ROOT / "docs" / "emulation.md").read_text(), budget.load_budget()
    steps = [allowed.gru_step[core] for core in README_CORES]
    frontends = [frontend_instructions(allowed.cost[core]) for core in README_CORES]
    for name, figures in (("Jerboa, GRU, int16 state", steps), ("Jerboa, 32-bit FFT", frontends)):
        assert f"| {name} | {' | '.join(f'{figure:,}' for figure in figures)} |\n" in page


# --- counting


@pytest.mark.parametrize("core", [CORES["m0"], CORES["m33"]], ids=lambda core: core.name)
def test_functions_of_known_length_are_counted_exactly(core, tmp_path):
    image = build_image(core, PROGRAMS / "calls.c", tmp_path)
    called = [("root", 11), ("leaf", 3), ("outer", 4), ("leaf", 3), ("leaf", 3)]
    assert count_calls(core, image, "root", ("leaf", "outer")) == [called, called]
    assert count_calls(core, image, "root") == [[("root", 24)]] * 2
    assert count_calls(core, image, "leaf") == [[("leaf", 3)]] * 6


def test_a_stage_that_is_not_in_the_image_is_an_error(counted, monkeypatch):
    core = CORES["m4"]
    image = counted(core)
    monkeypatch.setitem(stages.FUNCTIONS, "fft", ("kws_nonesuch",))
    with pytest.raises(ValueError, match="a hop without the stages fft; see FUNCTIONS"):
        stages.count_hops(core, image)
    monkeypatch.setitem(stages.FUNCTIONS, "fft", ("kws_network_reset",))
    with pytest.raises(ValueError, match="a hop without the stages fft; see FUNCTIONS"):
        stages.count_hops(core, image)


def test_the_librarys_rounding_rule_is_the_cheapest_without_a_long_multiply():
    core = CORES["m0plus"]
    costs = {header: instructions_by(core, header) for header, _ in RULES.values()}
    assert len(costs) == 3 and min(costs, key=costs.get) is None


# --- the stack


@pytest.mark.parametrize("core", [CORES["m0"], CORES["m4"], CORES["m55"]], ids=lambda core: core.name)
def test_the_stack_is_no_deeper_than_its_bound_and_not_much_shallower(core, tmp_path):
    image = build_image(core, PROGRAMS / "stack_mark.c", tmp_path, [MODELS / RECIPE], ("-fstack-usage",))
    (tmp_path / "pcm").write_bytes(stages.speech_like().astype("<i2").tobytes())
    used, bound = (
        int(run_image(core, image, "pcm", folder=tmp_path)),
        max(path_bytes(deepest_path(image, root)) for root in stages.hop_functions(image)),
    )
    assert used <= bound <= 1.5 * used + 64


def test_the_disassembly_shows_at_least_the_frames_that_the_compiler_states(measured, counted):
    core, _ = measured
    image = counted(core)
    stated = stated_frames(image.parent)
    frames = {function.name: function for function in read_code(image).values() if function.name in stated}
    assert "kws_hop" in frames and "kws_frontend_hop" in frames
    for name, function in frames.items():
        assert function.moves or function.pushed >= stated[name][0], name


PROGRAM = "void *memset(void *, int, unsigned); int _start(int n); int g(int n); static volatile int v;\n"
UNBOUNDED = {
    "recursion": "int g(int n) { return n ? g(n - 1) + v : 0; } int _start(int n) { return g(n) + v; }",
    "g: the compiler says that its frame is dynamic": "int g(int n) { volatile char a[n]; a[0] = 1; return a[0]; }"
    " int _start(int n) { return g(n) + v; }",
    "_start: calls through a pointer": "int (*volatile p)(int); int _start(int n) { return p(n) + v; }",
}


@pytest.mark.parametrize("message", UNBOUNDED)
@pytest.mark.parametrize("core", [CORES["m0plus"], CORES["m4"]], ids=lambda core: core.name)
def test_a_stack_that_cannot_be_bounded_is_refused(core, message, tmp_path):
    source, image = tmp_path / "program.c", tmp_path / "program.elf"
    source.write_text(PROGRAM + UNBOUNDED[message])
    flags = ("-mthumb", "-O1", "-fno-inline", "-fno-optimize-sibling-calls", "-fstack-usage", "-nostdlib")
    run_compiler([f"{CROSS}gcc", *core.flags, *flags, "-o", image, source])
    with pytest.raises(StackError, match=re.escape(message)):
        deepest_path(image, "_start")


# --- the budget


MADE_UP = {"m4": {"toy": {"flash": {"code": 100, "tables": 50}, "instructions_per_hop": {"total": 1000}}}}
MEASURED = {"m4": {"toy": {"flash": {"code": 110, "tables": 40}, "ram": {"stack": 8}}}}


def test_what_is_over_and_what_is_under_the_budget_is_said():
    comparison = budget.compare(MADE_UP, MEASURED)
    assert comparison.over == {"m4 toy flash code": (100, 110), "m4 toy ram stack": (None, 8)}
    assert comparison.under == {"m4 toy flash tables": (50, 40), "m4 toy instructions_per_hop total": (1000, None)}
    text = budget.report(comparison, "gcc 1", "gcc 2")
    for line in (
        "m4 toy flash code: was 100, is 110 (+10, +10.0%)",
        "m4 toy ram stack: 8, not in the budget",
        "m4 toy flash tables: was 50, is 40 (-10, -20.0%)",
        "m4 toy instructions_per_hop total: 1000 in the budget, no longer there",
        "budget: gcc 1",
        "here:   gcc 2",
    ):
        assert f"  {line}\n" in f"{text}\n"
    assert budget.report(budget.compare(MADE_UP, MADE_UP), "gcc 1", "gcc 1") == "every figure is the budget's"


def test_the_command_fails_where_a_figure_is_over_the_budget(monkeypatch, capsys):
    allowed = budget.load_budget()
    monkeypatch.setattr("sys.argv", ["cost"])
    monkeypatch.setattr(command, "measure_images", lambda images: allowed.cost)
    monkeypatch.setattr(command, "measure_steps", lambda: allowed.gru_step)
    command.main()
    assert "every figure is the budget's" in capsys.readouterr().out
    name, was = "m4 commands-6k flash code", allowed.cost["m4"]["commands-6k"]["flash"]["code"]
    less = allowed.model_copy(update={"cost": budget_with_less_code(allowed.cost)})
    monkeypatch.setattr(command, "load_budget", lambda: less)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    assert f"{name}: was {was - 1}, is {was} (+1, " in capsys.readouterr().out


def budget_with_less_code(cost):
    entry = cost["m4"]["commands-6k"]
    less = {**entry, "flash": {**entry["flash"], "code": entry["flash"]["code"] - 1}}
    return {**cost, "m4": {**cost["m4"], "commands-6k": less}}


@pytest.mark.parametrize(
    "given, message",
    [
        (["--accept", "commands-6k"], "BUDGET=write: of every shipped model; leave RECIPE= out"),
        (["--peers=sources", "commands-6k"], "PEERS=: of no model; leave RECIPE= and BUDGET= out"),
        (["--peers=sources", "--accept"], "PEERS=: of no model; leave RECIPE= and BUDGET= out"),
    ],
)
def test_what_does_not_go_together_is_refused(given, message, monkeypatch, capsys):
    for name in ("measure_images", "peer_tables"):
        monkeypatch.setattr(command, name, lambda *_: pytest.fail("it measures"))
    monkeypatch.setattr("sys.argv", ["cost", *given])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2 and message in capsys.readouterr().err
