"""The front of a search as a picture: accuracy against flash, the colour says the instructions of a hop."""

from matplotlib.ticker import StrMethodFormatter

from calibration.plots import OTHER, plt


def front_figure(search):
    """All candidates trained to their end, those of the front joined by a line."""
    done, front, itself = search.done(), search.front(), search.as_it_is()
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    shown = axes.scatter(
        [trial.figures["flash_bytes"] / 1024 for trial in done],
        [100 * (1 - trial.figures["errors"]) for trial in done],
        c=[trial.figures["instructions"] / 1000 for trial in done],
        cmap="viridis_r",
        s=46,
        zorder=3,
    )
    axes.plot(
        [trial.figures["flash_bytes"] / 1024 for trial in front],
        [100 * (1 - trial.figures["errors"]) for trial in front],
        color=OTHER,
        linewidth=1,
        label="no other is better in every figure",
    )
    if itself:
        axes.plot(
            itself.figures["flash_bytes"] / 1024,
            100 * (1 - itself.figures["errors"]),
            marker="o",
            markersize=13,
            markerfacecolor="none",
            markeredgecolor=OTHER,
            linestyle="none",
            label="the recipe as it is",
        )
    figure.colorbar(shown, label=f"thousand instructions a hop, {search.section.core}")
    axes.set(
        xlabel="flash of the model, KB",
        ylabel="validation accuracy, %",
        title=f"{search.recipe.name}: {len(done)} of {search.section.trials} candidates were trained to their end",
    )
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure
