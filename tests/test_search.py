"""`make search`: the table [search], the choice of candidates, and the same trials and front however many processes work."""

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

optuna = pytest.importorskip("optuna", reason="make setup WITH=search installs it")

from calibration.search_front import front_rows  # noqa: E402
from export.search import rungs as rungs_file  # noqa: E402
from export.search import search as search_file  # noqa: E402
from export.search import store as store_file  # noqa: E402
from export.search.__main__ import found_by, work  # noqa: E402
from export.search.candidate import Sizes, sizes_of, with_seed, with_values, write_recipe  # noqa: E402
from export.search.front import best, ranks  # noqa: E402
from export.search.search import Search  # noqa: E402
from export.search.section import SearchSection, read_section  # noqa: E402
from export.search.store import open_store  # noqa: E402
from firmware.command import Failure  # noqa: E402
from firmware.paths import ROOT  # noqa: E402
from train.recipe import load_recipe  # noqa: E402

RANGES = {"units": {"from": 8, "to": 64, "step": 4}, "cell": {"of": ["gru", "ssm"]}}


def section(**settings):
    return SearchSection.model_validate({"trials": 12, "generation": 6, "ranges": RANGES, **settings})


def written(tmp_path, table):
    path = tmp_path / "mine.toml"
    path.write_text(f"[search]\n{table}\n")
    return path


def test_features_that_the_firmware_lacks_are_refused(tmp_path):
    micro = with_values(load_recipe("hello"), {"frontend.kind": "micro"})
    with pytest.raises(ValueError, match="frontend.kind = micro is for ESPHome"):
        Search(micro, section(), open_store("", tmp_path / "journal.log"))


@pytest.mark.parametrize(
    "table, error",
    [
        ("[search.ranges]\nunits = { from = 9, to = 8 }", r"ranges: units: empty: from 9 is above to 8"),
        ("[search.ranges]\ncell = { of = [] }", r"ranges: cell: of: "),
        ("[search.ranges]\nunits = 4", r"ranges: units: give \{ from"),
        ("[search.ranges]", "ranges: empty"),
        ("trials = 3", "ranges: Field required"),
        ("trails = 3\n[search.ranges]\nunits = { from = 8, to = 9 }", "trails: unknown key"),
        ("seeds = [2, 1]\n[search.ranges]\nunits = { from = 8, to = 9 }", "seeds: .*rising"),
    ],
)
def test_a_wrong_table_is_one_line_that_names_the_key(tmp_path, table, error):
    with pytest.raises(ValueError, match=error) as caught:
        read_section(written(tmp_path, table))
    assert str(tmp_path / "mine.toml") in str(caught.value) and "\n" not in str(caught.value)


def test_a_key_that_recipes_lack_is_refused_before_any_trial(tmp_path):
    wrong = section(ranges={"unitz": {"from": 8, "to": 9}})
    with pytest.raises(ValueError, match=r"search\.ranges: unitz: unknown key"):
        Search(load_recipe("hello"), wrong, open_store("", tmp_path / "journal.log"))


def test_a_recipe_with_a_search_trains_as_without_it():
    assert load_recipe("hello").name == "hello" and "search" not in load_recipe("hello").model_dump()


def test_a_candidate_is_an_ordinary_recipe_file_named_by_its_content(tmp_path):
    hello = load_recipe("hello")
    made = with_values(hello, {"units": 20, "training.learning_rate": 0.01})
    assert load_recipe(str(write_recipe(made, tmp_path))) == made
    assert made.units == 20 and made.training.learning_rate == 0.01
    assert with_values(hello, {"units": 20, "training.learning_rate": 0.01}).name == made.name
    assert with_seed(made, "hello", hello.seed) == made
    assert len({made.name, with_values(hello, {"units": 24}).name, with_seed(made, "hello", 7).name}) == 3


def test_sizes_before_training_are_those_of_the_export():
    hello = load_recipe("hello")
    sizes = sizes_of(hello, "m4", {})
    assert (sizes.flash_bytes, sizes.ram_bytes) == (14799, 2588)
    assert 30_000 < sizes.instructions < 45_000
    assert sizes.above({"flash_bytes": 14_000}) == "flash_bytes 14,799, at most 14,000"
    assert sizes_of(hello, "m4", {"flash_bytes": 14_000}).instructions is None


def test_ranks_and_the_best():
    values = [[1, 9], [2, 5], [9, 1], [3, 6], [9, 9]]
    assert ranks(values).tolist() == [0, 0, 0, 1, 2]
    assert sorted(best(values, 2)) == [0, 2]
    assert sorted(best(values, 4)) == [0, 1, 2, 3]


# --- whole searches, whose trainings are a formula


def figures_by_formula(search, rung, trial):
    """Errors fall with units and epochs, and depend on the cell; a moment passes."""
    time.sleep(0.02)
    bias = {"gru": 0.02, "ssm": 0.0}[trial.values["cell"]]
    figures = {"errors": 1 / trial.values["units"] + bias + 0.1 / rung.epochs}
    return figures | ({"missed": figures["errors"] / 2} if rung.last else {})


def quick(monkeypatch):
    monkeypatch.setattr("export.search.__main__.figures_of", figures_by_formula)
    monkeypatch.setattr(search_file, "sizes_of", lambda recipe, core, budget: sizes_by_formula(recipe))


def sizes_by_formula(recipe):
    return Sizes(100 * recipe.units + 50 * len(recipe.cell), 10 * recipe.units, 500 * recipe.units)


def searched(store, path, **settings):
    """A search that was run to its end."""
    search = Search(load_recipe("hello"), section(**settings), open_store(store, path))
    work(search)
    return search


def outcome(search):
    """Everything that must not depend on the processes: the trials of every rung, and the front."""
    trials = [
        sorted((t.candidate, t.generation, str(t.state), *sorted(t.figures.items())) for t in rung.trials())
        for rung in search.rungs
    ]
    return trials, [trial.candidate for trial in search.front()]


def in_processes(count, path, store="", **settings):
    """The same search by several processes at once."""
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=searched, args=(store, path), kwargs=settings) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
        assert worker.exitcode == 0
    return searched(store, path, **settings)


def test_one_process_and_three_make_the_same_trials_and_front(tmp_path, monkeypatch):
    quick(monkeypatch)
    alone = outcome(searched("", tmp_path / "one.log", epochs=[1, 3]))
    assert outcome(in_processes(3, tmp_path / "three.log", epochs=[1, 3])) == alone
    rungs, front = alone
    assert [len(trials) for trials in rungs] == [12, 5, 3] and front  # with the recipe itself


def test_the_better_third_goes_on(tmp_path, monkeypatch):
    quick(monkeypatch)
    search = searched("", tmp_path / "j.log", minimise=["errors"])
    for generation in range(2):
        first = {t.candidate: t.figures["errors"] for t in search.rungs[0].generation(generation)}
        promoted = {t.candidate for t in search.rungs[1].generation(generation) if t.values != search.own}
        assert promoted == set(sorted(first, key=first.get)[:2])


def test_the_recipe_itself_is_a_candidate_and_goes_to_the_end(tmp_path, monkeypatch):
    quick(monkeypatch)
    search = searched("", tmp_path / "j.log", minimise=["errors"])
    assert search.as_it_is().values == {"units": 48, "cell": "gru"}
    assert search.as_it_is() not in search.front()
    assert any("as it is: not on the front" in name for name, *_ in front_rows(found_by(search)))


def test_a_schedule_shortens_the_trainings(tmp_path):
    search = Search(load_recipe("hello"), section(schedule=6, epochs=[2]), open_store("", tmp_path / "j.log"))
    assert search.recipe.training.epochs == 6 and [rung.epochs for rung in search.rungs] == [2, 6]


def test_a_recipe_outside_the_ranges_is_no_candidate(tmp_path, monkeypatch):
    quick(monkeypatch)
    search = searched("", tmp_path / "j.log", ranges={"units": {"from": 12, "to": 40}, "cell": {"of": ["gru", "ssm"]}})
    assert search.as_it_is() is None


def test_what_is_above_the_budget_is_never_a_trial(tmp_path, monkeypatch):
    quick(monkeypatch)
    search = searched("", tmp_path / "j.log", flash_bytes=3000)
    assert all(trial.figures["flash_bytes"] <= 3000 for trial in search.rungs[0].trials())
    with pytest.raises(ValueError, match="nothing new within the budget"):
        searched("", tmp_path / "k.log", flash_bytes=100)


def test_a_finished_search_does_nothing_again(tmp_path, monkeypatch):
    quick(monkeypatch)
    first = outcome(searched("", tmp_path / "j.log"))
    monkeypatch.setattr("export.search.__main__.figures_of", None)
    assert outcome(searched("", tmp_path / "j.log")) == first


def test_a_killed_process_s_trial_is_given_out_again(tmp_path, monkeypatch):
    quick(monkeypatch)
    alone = outcome(searched("", tmp_path / "one.log"))
    monkeypatch.setattr(rungs_file, "BEAT_S", 0.2)
    monkeypatch.setattr(rungs_file, "LEASE_S", 2)
    monkeypatch.setattr("export.search.__main__.figures_of", lambda *given: time.sleep(3600))
    path = tmp_path / "killed.log"
    stuck = multiprocessing.get_context("fork").Process(target=searched, args=("", path))
    stuck.start()
    watched = Search(load_recipe("hello"), section(), open_store("", path))
    while not any(trial.state == rungs_file.RUNNING for trial in watched.rungs[0].trials()):
        time.sleep(0.05)
    os.kill(stuck.pid, signal.SIGKILL)
    stuck.join()
    quick(monkeypatch)
    assert outcome(searched("", path)) == alone


def test_a_failed_training_is_left_out_and_the_rest_goes_on(tmp_path, monkeypatch):
    from export.search.trial import Unfit

    quick(monkeypatch)

    def fails(search, rung, trial):
        if trial.values["cell"] == "gru":
            raise Unfit("diverged")
        return figures_by_formula(search, rung, trial)

    monkeypatch.setattr("export.search.__main__.figures_of", fails)
    search = searched("", tmp_path / "j.log")
    assert search.front() and all(trial.values["cell"] == "ssm" for trial in search.front())


@pytest.mark.parametrize(
    "status, error",
    [
        (130, KeyboardInterrupt),
        (-signal.SIGTERM, KeyboardInterrupt),
        (-signal.SIGSEGV, Failure),
        (-signal.SIGKILL, Failure),
    ],
)
def test_a_training_that_crashed_is_not_taken_for_one_that_was_stopped(tmp_path, monkeypatch, status, error):
    from export.search import trial

    monkeypatch.setenv("BUILD", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, status))
    with pytest.raises(error, match="train was ended by SIG" if error is Failure else None):
        trial._run(load_recipe("hello"), "train")


@pytest.mark.parametrize("value, holds", [(0.1, True), (0.3, True), (0.4, True), (0.35, False), (0.6, False)])
def test_a_value_on_a_step_is_in_its_range(value, holds):
    assert search_file._holds(optuna.distributions.FloatDistribution(0.1, 0.5, step=0.1), value) is holds


# --- the store


def test_a_damaged_journal_and_one_cut_short_are_told(tmp_path, monkeypatch):
    quick(monkeypatch)
    path = tmp_path / "j.log"
    searched("", path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    with pytest.raises(ValueError, match=r"j\.log: cut short in line \d+"):
        open_store("", path)
    monkeypatch.setattr(store_file.time, "sleep", lambda _: path.write_bytes(whole))  # another process writes its line
    assert open_store("", path).get_all_studies()
    path.write_bytes(whole.replace(b'"op_code"', b'"op_', 1))
    with pytest.raises(ValueError, match=r"j\.log: line 1 is damaged"):
        open_store("", path)


def test_sqlite_is_refused():
    with pytest.raises(ValueError, match="STORE=sqlite:///x.db: give postgresql://"):
        open_store("sqlite:///x.db", None)


def test_a_server_that_does_not_answer_is_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "export.search", "--store=postgresql://nobody@127.0.0.1:9/none", "--", "hello"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"search: STORE=postgresql://nobody@127\.0\.0\.1:9/none: does not answer \(.*\)\n", done.stderr)


def postgresql():
    """The folder of Debian's PostgreSQL programs, or nothing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture
def server():
    """The address of a PostgreSQL server with a folder of its own, outside pytest's, which only its owner may enter."""
    programs = postgresql()
    if programs is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="jerboa-"))
    data = folder / "data"
    as_user = []
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    run = dict(check=True, stdout=subprocess.DEVNULL, cwd="/")
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "jerboa", "-N"], **run)
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    subprocess.run(
        [*as_user, programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], **run
    )
    yield f"postgresql://jerboa@/postgres?host={folder}"
    subprocess.run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
    shutil.rmtree(folder)


def test_postgresql_gives_the_same_trials_and_front(server, tmp_path, monkeypatch):
    quick(monkeypatch)
    alone = outcome(searched("", tmp_path / "one.log"))
    assert outcome(in_processes(2, tmp_path / "none.log", server)) == alone
    assert not (tmp_path / "none.log").exists()
