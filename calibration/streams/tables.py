"""StreamFigures as text: the table of operating points, the DET curve at given rates, and recall by word, gender and dialect."""

from firmware.markdown import table

COLUMNS = (
    "kind",
    "point",
    "negative hours",
    "missed",
    "wrong word",
    "false accepts",
    "an hour",
    "other words accepted",
    "delay, median and p95",
)


def percent(value):
    return "-" if value is None else f"{value:.1%}"


def point_rows(measured):
    """A row, with the cells of COLUMNS, for each operating point and kind."""
    for point in measured.operating_points:
        missed = accepted = delay = "-"
        if point.keywords:
            missed = f"{point.misses} of {point.keywords}, {percent(point.misses / point.keywords)}"
            missed += f" ({percent(point.miss_low)} to {percent(point.miss_high)})"
        if point.others:
            accepted = percent(point.others_accepted / point.others) + f" of {point.others}"
        if point.delay_ms.median is not None:
            delay = f"{point.delay_ms.median:.0f}, {point.delay_ms.p95:.0f} ms"
        late = f", {point.late} late" if point.late else ""
        rate = f"{point.fa_per_hour:.2f} ({point.low:.2f} to {point.high:.2f})"
        hours = f"{measured.negatives[point.kind].hours:.2f}"
        wrong, false = str(point.wrong_words), f"{point.false_accepts}{late}"
        yield (point.kind, point.name, hours, missed, wrong, false, rate, accepted, delay)


def points_table(measured):
    """The title and the table that `make stream` prints."""
    title = f"{measured.recipe} on stream {measured.stream}; in brackets 95 % intervals (Wilson, Poisson)"
    return f"{title}\n{table(COLUMNS, point_rows(measured))}"


def asleep_lines(measured):
    """A line about the gate, if it slept."""
    shares = {kind: negatives.asleep for kind, negatives in measured.negatives.items()}
    if any(shares.values()):
        yield f"asleep: {', '.join(f'{kind} {share:.1%}' for kind, share in shares.items())} of all hops"


def curve_lines(measured, most_an_hour=1.0, most_missed=0.15):
    """The DET curves at given rates, kind by kind: where keywords are said, what is missed at so many false accepts an hour;
    elsewhere the false accepts an hour at the highest thresholds that miss so few of the keywords among other words."""
    few = [place for place, row in enumerate(measured.det.get("words", ())) if row.misses <= most_missed * row.keywords]
    for kind, rows in measured.det.items():
        quiet = [row for row in rows if row.keywords and row.fa_per_hour <= most_an_hour]
        if quiet:
            best = min(quiet, key=lambda row: row.misses)
            yield f"{kind}, at most {most_an_hour:g} false accept an hour: {percent(best.misses / best.keywords)} missed"
        elif few and not rows[0].keywords:
            accepted = f"{rows[few[-1]].fa_per_hour:.1f} false accepts an hour"
            yield f"{kind}, at most {most_missed:.0%} of the keywords among words missed: {accepted}"


def recall_lines(measured):
    """A line for each kind and column of the events."""
    for kind, groups in measured.recall.items():
        for column, values in groups.items():
            shares = ", ".join(f"{value} {found.share:.3f}" for value, found in values.items())
            yield f"{kind}, recall by {column}: {shares}"
