"""The quick part of `make prove`: nothing that Frama-C cannot prove but what accepted.toml has a reason for."""

import shutil

import pytest

from firmware.command import Failure
from tests.prove import __main__ as prove
from tests.prove.analyses import ANALYSES, QUICK
from tests.prove.frama_c import HERE, PACKAGES, TOOLS, run
from tests.prove.models import ODD, SHIPPED, accumulator_bounds, model_of

LACKING = [tool for tool in TOOLS if not shutil.which(tool)]
needs_frama_c = pytest.mark.skipif(
    bool(LACKING), reason=f"{', '.join(LACKING)} missing (Debian: apt-get install {' '.join(PACKAGES)})"
)


@needs_frama_c
def test_the_quick_analyses_leave_nothing_new(tmp_path):
    found = {name: run(ANALYSES[name], tmp_path / str(place)) for place, name in enumerate(QUICK)}
    known = prove.accepted()
    left = {fact for facts in prove.judge(found).values() for fact in facts}
    assert not {str(fact) for fact in left if (fact.file, fact.function, fact.text) not in known}


SAMPLES = "pcm + 320 - hop_samples"
WRONG = {
    "a sample too far": (SAMPLES, f"{SAMPLES} + Frama_C_interval(0, 1)"),
    "a level too high": ("#define LARGEST_LEVEL 2750000000u", "#define LARGEST_LEVEL 4000000000u"),
}


def left_of_the_gate(right, wrong, folder, monkeypatch):
    """What the analysis of the gate leaves unproven of a program with something wrong in it."""
    for file in ("any.h", "gate.c"):
        (folder / file).write_text((HERE / file).read_text().replace(right, wrong))
    monkeypatch.setattr("tests.prove.frama_c.HERE", folder)
    left = prove.judge({"gate": run(ANALYSES["gate"], folder / "run")})["gate"]
    return [fact for fact in left if (fact.file, fact.function, fact.text) not in prove.accepted()]


@needs_frama_c
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name, tmp_path, monkeypatch):
    assert left_of_the_gate(*WRONG[name], tmp_path, monkeypatch)


@needs_frama_c
def test_a_fault_on_every_path_is_an_error(tmp_path, monkeypatch):
    with pytest.raises(Failure, match=r"gate\.c: no path comes to its end"):
        left_of_the_gate(SAMPLES, f"{SAMPLES} + 1", tmp_path, monkeypatch)


@pytest.mark.parametrize("name", (*SHIPPED, *ODD))
def test_accumulators_stay_within_the_bounds_that_the_analyses_take_for_granted(name):
    """The bounds of sums.c hold what the exact integers of the reference reach, and fit 32 bits."""
    bounds = accumulator_bounds(model_of(name).quantize())
    assert bounds.max() < 2**31
