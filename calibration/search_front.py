"""What `make search` found: the front of recipes that no other one beats, as a table and as a picture."""

from matplotlib.ticker import StrMethodFormatter

from calibration.plots import OTHER, plt

FIGURES = {
    "errors": "errors",
    "missed": "missed in noise",
    "flash_bytes": "flash",
    "ram_bytes": "RAM",
    "instructions": "instructions a hop",
}
"""{what may be minimised: its heading}."""


def front_rows(found):
    """Rows of SearchFigures, the header first: the front, the smallest first, and the recipe as it is."""
    keys = list(found.candidates[0].values) if found.candidates else []
    rows = [["recipe", *keys, *FIGURES.values()]]
    for one in sorted(found.candidates, key=lambda one: (not one.on_front, one.flash_bytes, one.recipe)):
        if one.on_front or one.as_it_is:
            note = "" if not one.as_it_is else ", as it is" if one.on_front else ", as it is: not on the front"
            values = [f"{value:.3g}" if isinstance(value, float) else str(value) for value in one.values.values()]
            sizes = [f"{size:,}" for size in (one.flash_bytes, one.ram_bytes, one.instructions)]
            rows.append([f"{one.recipe}{note}", *values, f"{one.errors:.1%}", f"{one.missed:.1%}", *sizes])
    return rows


def front_figure(found):
    """Accuracy against flash of all candidates trained to their end; the colour says the instructions of a hop."""
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")

    def places(candidates):
        return [one.flash_bytes / 1024 for one in candidates], [100 * (1 - one.errors) for one in candidates]

    thousands = [one.instructions / 1000 for one in found.candidates]
    shown = axes.scatter(*places(found.candidates), c=thousands, cmap="viridis_r", s=46, zorder=3)
    front = sorted((one for one in found.candidates if one.on_front), key=lambda one: one.flash_bytes)
    axes.plot(*places(front), color=OTHER, linewidth=1, label="no other is better in every figure")
    ring = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "linestyle": "none", "color": OTHER}
    if itself := [one for one in found.candidates if one.as_it_is]:
        axes.plot(*places(itself), label="the recipe as it is", **ring)
    figure.colorbar(shown, label=f"thousand instructions a hop, {found.core}")
    axes.set(xlabel="flash of the model, KB", ylabel="validation accuracy, %")
    axes.set_title(f"{len(found.candidates)} of {found.tried} candidates were trained to their end")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.1f}"))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure
