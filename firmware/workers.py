"""Independent pieces of work, on all cores of this machine or on a Dask cluster: WORKERS=dask://host:port.

The results come in the order of the pieces, so they do not depend on the number of workers.  A piece whose worker dies is given
out again.  The machines of a cluster have the same version of this project and its environment.
"""

import os

from joblib import Parallel, delayed

from firmware.command import Failure

DASK = "dask://"
ANSWER_S = 10


def cores():
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def each(function, pieces, prefer="processes"):
    """function(piece) of each piece, in their order, as they come.

    prefer: "threads" if function leaves this process's cores to others, as a program or a library of C does; a cluster has
    processes.  Failure if WORKERS does not answer.
    """
    if address := os.environ.get("WORKERS"):
        yield from _on_cluster(address, function, pieces)
    else:
        yield from Parallel(cores(), prefer=prefer, return_as="generator")(delayed(function)(one) for one in pieces)


def _on_cluster(address, function, pieces):
    with _client(address) as client:
        for future in client.map(function, list(pieces), pure=False):
            yield future.result()


def _client(address):
    """The client of a Dask scheduler; ValueError or Failure if there is none."""
    if not address.startswith(DASK):
        raise ValueError(f"WORKERS={address}: give dask://host:port, or nothing for the cores of this machine")
    try:
        from distributed import Client
    except ImportError:
        raise Failure(f"WORKERS={address}: Dask is not installed; `make setup WITH=search` installs it") from None
    try:
        return Client(address.replace(DASK, "tcp://", 1), timeout=ANSWER_S)
    except (OSError, ValueError) as error:
        raise Failure(f"WORKERS={address}: does not answer ({str(error).splitlines()[0]})") from None
