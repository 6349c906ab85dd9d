"""Independent pieces of work, on all cores of this machine or on a cluster: WORKERS=dask://host:port or ray://host:port.

The results come in the order of the pieces, so they do not depend on the number of workers.  A cluster gives a piece whose
worker dies out again, Dask a few times, Ray without end; on this machine a worker's death ends the command.  The machines of a
cluster have the same version of this project and its environment.
"""

import os
import socket
from concurrent.futures import BrokenExecutor
from urllib.parse import urlsplit

from joblib import Parallel, delayed

from firmware.command import Failure

ANSWER_S = 10
DIED = "a worker process died, perhaps out of memory; run it again, or with fewer workers"


def cores():
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def each(function, pieces, prefer="processes"):
    """function(piece) of each piece, in their order, as they come.

    prefer: "threads" if function leaves this process's cores to others, as a program or a library of C does; a cluster has
    processes.  Failure if a worker died or WORKERS does not answer, ValueError if it is no cluster's address.
    """
    if address := os.environ.get("WORKERS"):
        yield from _cluster(address)(address, function, pieces)
    else:
        try:
            yield from Parallel(cores(), prefer=prefer, return_as="generator")(delayed(function)(one) for one in pieces)
        except BrokenExecutor:
            raise Failure(f"{DIED}: `taskset -c 0,1 make ...` has two") from None


def _cluster(address):
    """The function that gives work to the cluster at this address; Failure if nothing answers there, ValueError if it is none."""
    given = urlsplit(address)
    try:
        place = given.hostname, given.port
    except ValueError:  # the port is no number
        place = None, None
    if given.scheme not in CLUSTERS or None in place:
        raise ValueError(
            f"WORKERS={address}: give dask://host:port, ray://host:port, or nothing for the cores of this machine"
        )
    try:
        socket.create_connection(place, ANSWER_S).close()
    except OSError as error:
        raise _no_answer(address, error) from None
    return CLUSTERS[given.scheme]


def _no_answer(address, error):
    return Failure(f"WORKERS={address}: does not answer ({str(error).splitlines()[0]})")


def _by_dask(address, function, pieces):
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise Failure(f"WORKERS={address}: Dask is not installed; `make setup WITH=search` installs it") from None
    try:
        client = Client(address.replace("dask://", "tcp://", 1), timeout=ANSWER_S)
    except (OSError, ValueError) as error:
        raise _no_answer(address, error) from None
    with client:
        for future in client.map(function, list(pieces), pure=False):
            try:
                yield future.result()
            except KilledWorker:
                raise Failure(f"WORKERS={address}: {DIED} a machine") from None


def _by_ray(address, function, pieces):
    try:
        import ray
    except ImportError:
        raise Failure(
            f"WORKERS={address}: Ray is not installed; install ray[client] in the cluster's own version"
        ) from None
    try:
        client = ray.init(address)
    except (OSError, RuntimeError, ValueError) as error:
        raise _no_answer(address, error) from None
    with client:
        remote = ray.remote(max_retries=-1)(lambda piece: function(piece))
        for promised in [remote.remote(piece) for piece in pieces]:
            yield ray.get(promised)


CLUSTERS = {"dask": _by_dask, "ray": _by_ray}
