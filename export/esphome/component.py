"""The decision of ESPHome's component micro_wake_word, in numpy.

    every frame of 10 ms    features; at every stride-th one the graph tells a probability, uint8
    detected                the sum of the last `window` probabilities exceeds window * cutoff
    after a detection       the window is zero, and none follows until the newest probability was below the cutoff at
                            QUIET_FRAMES frames; so at the start

The state of the network survives a detection.
"""

import numpy as np

STEP_MS = 10
QUIET_FRAMES = 100
"""Those of ESPHome 2025; releases before waited for 74 frames of any probability."""
CERTAIN = 255
WINDOW_MS = 100


def sums_of(probabilities, window):
    """The sum of the last `window` probabilities at each hop, int [hops]; zeros came before."""
    total = np.cumsum(np.concatenate([np.zeros(window, int), probabilities]))
    return total[window:] - total[:-window]


def detected_hops(probabilities, cutoff, window, stride):
    """The hops int at which the component detects, of probabilities uint8 [hops] and a cutoff uint8."""
    quiet = np.cumsum(probabilities < cutoff) * stride
    found, needed = [], QUIET_FRAMES
    for hop in np.flatnonzero(sums_of(probabilities, window) > cutoff * window).tolist():
        if quiet[hop] >= needed:
            found.append(hop)
            needed = quiet[hop] + QUIET_FRAMES
    return found


def detections(probabilities, cutoff, window, stride, word):
    """[(time_ms, word)] of detected_hops; the time is the end of the hop."""
    return [((hop + 1) * stride * STEP_MS, word) for hop in detected_hops(probabilities, cutoff, window, stride)]


def cutoff_of(share):
    """The cutoff uint8 that the component makes of probability_cutoff."""
    return int(share * CERTAIN)


def share_of(cutoff):
    """The least probability_cutoff, in thousandths, that is this cutoff uint8."""
    return -(-cutoff * 1000 // CERTAIN) / 1000
