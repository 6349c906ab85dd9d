"""95 % intervals of shares and rates, and McNemar's test for two runs over the same clips."""

from scipy.stats import binomtest, chi2

from calibration.records import Pairs


def wilson(successes, count):
    """The 95 % Wilson interval of a share (Wilson 1927)."""
    interval = binomtest(successes, count).proportion_ci(0.95, "wilson")
    return float(interval.low), float(interval.high)


def mcnemar(one, other):
    """The Pairs of two runs over the same clips, bool [clips]: right or wrong.

    If both are equally good, a discordant pair falls either way with probability one half (McNemar 1947); two-sided.
    """
    lost, gained = int((one & ~other).sum()), int((~one & other).sum())
    discordant = lost + gained
    return Pairs(lost=lost, gained=gained, p=float(binomtest(lost, discordant).pvalue) if discordant else 1.0)


def poisson(count, hours):
    """The exact 95 % interval of a rate per hour, from a count of events in some hours (Garwood 1936)."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low / hours), float(chi2.ppf(0.975, 2 * count + 2) / 2 / hours)
