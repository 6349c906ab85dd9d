"""How sure a share or a rate is, and whether two ways of hearing the same clips differ."""

import math

from scipy.stats import chi2

from calibration.formats import Pairs


def wilson(successes, count, z=1.959964):
    """The 95 % Wilson interval of a share (Wilson 1927)."""
    share, spread = successes / count, z * z / count
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def mcnemar(one, other):
    """Two ways of hearing the same clips, right or wrong, bool [clips]: the discordant Pairs and their exact p.

    Where both are equally good, each discordant pair falls either way like a coin (McNemar 1947); two-sided.
    """
    only_one, only_other = int((one & ~other).sum()), int((~one & other).sum())
    count, fewer = only_one + only_other, min(only_one, only_other)
    tail = sum(math.comb(count, successes) for successes in range(fewer + 1))
    return Pairs(lost=only_one, gained=only_other, p=min(1.0, 2 * tail / 2**count))


def poisson(count, hours):
    """The exact 95 % interval of a rate an hour, of events counted in so many hours (Garwood 1936)."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low / hours), float(chi2.ppf(0.975, 2 * count + 2) / 2 / hours)
