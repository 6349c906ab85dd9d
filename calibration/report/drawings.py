"""Figures as text in the page: SVG for curves, PNG for images; the same inputs give the same bytes."""

import base64
import io

import numpy as np

from calibration.plots import plt, png_of
from firmware.host.binding import CERTAIN

SETTINGS = {"svg.hashsalt": "jerboa", "svg.fonttype": "path"}
STILL_SHOWN = 0.15
"""A keyword is drawn if its smoothed posterior exceeds this."""


def as_svg(figure):
    """A figure as inline SVG; closes the figure."""
    text = io.StringIO()
    with plt.rc_context(SETTINGS):
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return text.getvalue()[text.getvalue().index("<svg") :]


def as_png(figure):
    """A figure as data URI; closes the figure."""
    return "data:image/png;base64," + base64.b64encode(png_of(figure)).decode()


def time_line(excerpt):
    """The figure of an Excerpt: features with the words said, smoothed posteriors with thresholds and detections."""
    seconds = len(excerpt.codes) * excerpt.hop_ms / 1000
    figure, (picture, curves) = plt.subplots(2, 1, figsize=(12, 6), sharex=True, height_ratios=(1, 1.2))
    picture.imshow(excerpt.codes.T, origin="lower", aspect="auto", extent=(0, seconds, 0, excerpt.codes.shape[1]))
    picture.set(
        ylabel="mel band",
        title="log-mel features of the C front end, with the words said; below: posteriors and detections",
    )
    time_s = (np.arange(len(excerpt.smoothed)) + 1) * excerpt.hop_ms / 1000
    for label, word in enumerate(excerpt.words):
        posterior = excerpt.smoothed[:, label] / CERTAIN
        if posterior.max() > STILL_SHOWN:
            (line,) = curves.plot(time_s, posterior, label=word)
            curves.axhline(excerpt.thresholds[label] / CERTAIN, color=line.get_color(), linestyle=":", linewidth=0.7)
    for start_s, end_s, word in excerpt.said:
        picture.axvspan(start_s, end_s, color="white", alpha=0.25)
        picture.text(start_s, excerpt.codes.shape[1] - 1, word, color="white", va="top", fontsize=9)
    for at_s, word, right in excerpt.heard:
        curves.axvline(at_s, color="#2a7d2a" if right else "#b5460f", linewidth=1.2)
        curves.text(at_s, 1.03, word, fontsize=9, color="#2a7d2a" if right else "#b5460f")
    curves.set(xlabel="s", ylabel="smoothed posterior", ylim=(0, 1.12), xlim=(0, seconds))
    if curves.lines:
        curves.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=10)
    return figure


def error_by_layer(errors):
    """The figure of |integer - float| of each layer's output, {layer: (mean, p99)}: bars on a log axis."""
    figure, axes = plt.subplots(figsize=(8, 0.35 * len(errors) + 1.2))
    places = np.arange(len(errors))[::-1]
    for shift, figure_index, colour in ((0.2, 0, "#2a5d84"), (-0.2, 1, "#b5460f")):
        axes.barh(places + shift, [max(value[figure_index], 1e-6) for value in errors.values()], 0.38, color=colour)
    axes.set_yticks(places, list(errors))
    axes.set(xscale="log", xlabel="|integer - float|: mean (blue) and 99th percentile (red)")
    axes.grid(alpha=0.3, axis="x")
    return figure
