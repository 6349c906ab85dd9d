"""The DET plot: misses against false accepts an hour, a curve for each kind, as the default operating point's thresholds
move together in log-odds.  A kind without keywords is drawn against the misses of the other kinds at the same thresholds."""

from calibration.plots import plt

LEAST = 0.5
"""Drawn in place of zero false accepts, which a log axis cannot show."""


def missed_by_others(det):
    """The share missed at each step in all kinds with keywords together; empty without such a kind."""
    return [share_missed(rows) for rows in zip(*(rows for rows in det.values() if rows[0].keywords), strict=True)]


def share_missed(rows):
    """The share of keywords missed in rows together; None without keywords."""
    keywords = sum(row.keywords for row in rows)
    return sum(row.misses for row in rows) / keywords if keywords else None


def det_curves(measured):
    """The figure of StreamFigures."""
    figure, axes = plt.subplots(figsize=(8, 5))
    points, others = measured.operating_points, missed_by_others(measured.det)
    for kind, rows in measured.det.items():
        hours, own = measured.negatives[kind].hours, bool(rows[0].keywords)
        missed = [share_missed([row]) for row in rows] if own else others
        if not missed:
            continue
        rates = [max(row.false_accepts, LEAST) / hours for row in rows]
        label, style = f"{kind}, {hours:.1f} h", "-" if own else "--"
        (line,) = axes.plot(rates, [100 * share for share in missed], style, label=label)
        for point in (point for point in points if point.kind == kind):
            alike = [point] if own else [other for other in points if other.name == point.name]
            place = max(point.false_accepts, LEAST) / hours, 100 * share_missed(alike)
            axes.plot(*place, "o", color=line.get_color())
            axes.annotate(point.name, place, xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", ylim=(0, None), xlabel="false accepts an hour", ylabel="keywords missed, %")
    axes.set_title(
        f"{measured.recipe} on stream {measured.stream}, C library, never reset; dashed: misses of the other kinds"
    )
    axes.grid(alpha=0.3, which="both")
    if axes.lines:
        axes.legend(fontsize=8)
    return figure
