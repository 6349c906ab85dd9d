"""Speaking and hearing give the same bytes by one worker or several, of this machine or of a cluster, and if one is killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from calibration.streams.measurement import measure
from firmware import workers
from firmware.command import Failure
from firmware.paths import ROOT
from firmware.workers import each
from train.synthesizers import Espeak
from train.synthesizers.synthesizer import Utterance

TEXTS = [f"number {number}" for number in range(40)]


def spoken(folder, monkeypatch):
    """What espeak-ng says, into an empty folder."""
    monkeypatch.setenv("BUILD", str(folder))
    voice = Espeak().voices()[0]
    return Espeak().speak([Utterance(text, voice) for text in TEXTS], None)


def same(one, other):
    return len(one) == len(other) and all(map(np.array_equal, one, other))


@contextmanager
def cluster(count, folder):
    """(address, [process id of a worker]) of a Dask scheduler and its workers on this machine."""
    dask = pytest.importorskip("distributed", reason="make setup WITH=search installs it")
    with dask.LocalCluster(count, threads_per_worker=1, dashboard_address=None, local_directory=folder) as started:
        yield started.scheduler_address.replace("tcp://", "dask://"), [one.pid for one in started.workers.values()]


def squared(number):
    return number * number


def squared_slowly(folder, number):
    (folder / f"{number}-{os.getpid()}").touch()
    time.sleep(0.2)
    return squared(number)


def test_results_come_in_order():
    assert list(each(squared, range(50))) == [number**2 for number in range(50)]


def test_one_core_and_all_speak_the_same(tmp_path, monkeypatch):
    several = spoken(tmp_path / "several", monkeypatch)
    monkeypatch.setattr("train.synthesizers.synthesizer.cores", lambda: 1)
    monkeypatch.setattr(workers, "cores", lambda: 1)
    assert same(spoken(tmp_path / "one", monkeypatch), several)


def test_a_cluster_speaks_and_hears_the_same(tmp_path, monkeypatch):
    measured = measure("commands-6k", "small")
    with cluster(4, tmp_path) as (address, _):
        with monkeypatch.context() as there:
            there.setenv("WORKERS", address)
            assert measure("commands-6k", "small") == measured
            by_cluster = spoken(tmp_path / "there", there)
    assert same(spoken(tmp_path / "here", monkeypatch), by_cluster)


def test_a_killed_worker_s_pieces_are_given_out_again(tmp_path, monkeypatch):
    with cluster(2, tmp_path) as (address, processes):
        monkeypatch.setenv("WORKERS", address)
        found = each(partial(squared_slowly, tmp_path), range(30))
        first = next(found)
        used = {int(path.name.split("-")[1]) for path in tmp_path.glob("*-*") if path.name[0].isdigit()}
        os.kill(next(process for process in processes if process in used), signal.SIGKILL)
        assert [first, *found] == [number**2 for number in range(30)]


def test_ray_gives_a_killed_worker_s_pieces_out_again_too(tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="Ray is not installed; it must have the version of a cluster")
    ray, ports = Path(sys.executable).with_name("ray"), (6390, 9390)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    options = f"--port={ports[0]} --ray-client-server-port={ports[1]} --num-cpus=2 --include-dashboard=false"
    subprocess.run(
        [ray, "start", "--head", *options.split(), "--disable-usage-stats"],
        check=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    try:
        monkeypatch.setenv("WORKERS", f"ray://127.0.0.1:{ports[1]}")
        found = each(partial(squared_slowly, tmp_path), range(30))
        first = next(found)
        os.kill(int(next(tmp_path.glob("*-*")).name.split("-")[1]), signal.SIGKILL)
        assert [first, *found] == [number**2 for number in range(30)]
    finally:
        subprocess.run([ray, "stop"], check=True)


def killed(number):
    os.kill(os.getpid(), signal.SIGKILL)


DIED = "a worker process died, perhaps out of memory; run it again"


def test_a_killed_worker_of_this_machine_is_one_line(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with pytest.raises(Failure, match=f"^{DIED}, or with fewer workers: `taskset") as caught:
        list(each(killed, range(4)))
    assert "\n" not in str(caught.value)


def test_a_piece_that_kills_workers_of_a_cluster_is_one_line(tmp_path, monkeypatch):
    dask = pytest.importorskip("dask", reason="make setup WITH=search installs it")
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), cluster(1, tmp_path) as (address, _):
        monkeypatch.setenv("WORKERS", address)
        with pytest.raises(Failure, match=f"^WORKERS={address}: {DIED}, or with fewer workers a machine$") as caught:
            list(each(killed, range(1)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "address, error",
    [
        ("dask://127.0.0.1:9", "does not answer"),
        ("ray://127.0.0.1:9", "does not answer"),
        ("ray://127.0.0.1", "give dask://"),
        ("dask://127.0.0.1:many", "give dask://"),
        ("yarn://127.0.0.1:9", "give dask://"),
    ],
)
def test_a_cluster_that_is_none_is_one_line(address, error, monkeypatch):
    monkeypatch.setenv("WORKERS", address)
    monkeypatch.setattr(workers, "ANSWER_S", 1)
    with pytest.raises((Failure, ValueError), match=f"WORKERS={address}: {error}") as caught:
        list(each(squared, range(3)))
    assert "\n" not in str(caught.value)
