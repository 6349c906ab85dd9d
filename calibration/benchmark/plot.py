"""The DET plot of the benchmark: misses at 10 dB against false accepts an hour of read English, a curve for each system."""

from calibration.plots import plt

MOST_AN_HOUR = 20


def det_figure(curves):
    """curves: {system: [(false accepts an hour and word, share missed)]}."""
    figure, axes = plt.subplots(figsize=(6, 4))
    for system, points in curves.items():
        axes.plot(*zip(*points, strict=True), label=system)
    axes.set(
        xlabel="false accepts an hour and word, read English",
        ylabel="missed at 10 dB",
        xlim=(0, MOST_AN_HOUR),
        ylim=(0, 1),
    )
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure
