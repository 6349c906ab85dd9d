"""How sure a share or a rate is, and whether two ways of hearing the same clips differ."""

from scipy.stats import binomtest, chi2

from calibration.records import Pairs


def wilson(successes, count):
    """The 95 % Wilson interval of a share (Wilson 1927)."""
    interval = binomtest(successes, count).proportion_ci(0.95, "wilson")
    return float(interval.low), float(interval.high)


def mcnemar(one, other):
    """Two ways of hearing the same clips, right or wrong, bool [clips]: the discordant Pairs and their exact p.

    Where both are equally good, each discordant pair falls either way like a coin (McNemar 1947); two-sided.
    """
    lost, gained = int((one & ~other).sum()), int((~one & other).sum())
    discordant = lost + gained
    return Pairs(lost=lost, gained=gained, p=float(binomtest(lost, discordant).pvalue) if discordant else 1.0)


def poisson(count, hours):
    """The exact 95 % interval of a rate an hour, of events counted in so many hours (Garwood 1936)."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low / hours), float(chi2.ppf(0.975, 2 * count + 2) / 2 / hours)
