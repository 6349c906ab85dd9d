"""The Pareto front: candidates that no other one beats in every figure; and the choice of those that go on.

Choice by rank and crowding distance: Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II".
"""

import numpy as np


def beats(one, other):
    """Whether one, float [figures], is no worse than other in any figure and better in one; less is better."""
    return bool((one <= other).all() and (one < other).any())


def ranks(values):
    """int [candidates]: 0 if none beats it, 1 if only those of rank 0 do, and so on; values [candidates, figures]."""
    values, found = np.asarray(values, float), np.full(len(values), -1)
    for rank in range(len(values)):
        left = np.flatnonzero(found < 0)
        if not len(left):
            break
        found[[one for one in left if not any(beats(values[other], values[one]) for other in left)]] = rank
    return found


def crowding(values):
    """float [candidates]: how far its neighbours are, figure by figure; infinite at the ends of a figure."""
    values = np.asarray(values, float)
    distance = np.zeros(len(values))
    for figure in values.T:
        order = np.argsort(figure, kind="stable")
        span = figure[order[-1]] - figure[order[0]] or 1.0
        distance[order[1:-1]] += (figure[order[2:]] - figure[order[:-2]]) / span
        distance[order[[0, -1]]] = np.inf
    return distance


def best(values, count):
    """Indices of the count best candidates: by rank, then the least crowded of their rank."""
    values = np.asarray(values, float)
    rank, distance = ranks(values), np.zeros(len(values))
    for level in set(rank):
        members = np.flatnonzero(rank == level)
        distance[members] = crowding(values[members])
    return np.lexsort((-distance, rank))[:count].tolist()
