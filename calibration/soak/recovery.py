"""Recovery of a stream from a disturbance: its logits against those of an undisturbed stream."""

import numpy as np

from calibration.soak.records import Recovery
from calibration.soak.stream import disturbances
from train.decision import decide_in_a_stream, of_clips_in_a_stream, silence_after
from train.integer_model import LOGIT_UNIT

AFTER_CLIPS = 120
NEAR_LOGITS = 0.1


def hear_after(spotter, before, disturbance, after):
    """Logits int16 [hops, labels] of the clips after a disturbance int8 [hops, bands]."""
    spotter.reset()
    spotter.stream(before)
    spotter.stream(disturbance)
    return spotter.stream(after)


def last_beyond(difference, bound):
    """Hops until the difference stays within a bound; None if it never does."""
    beyond = np.flatnonzero(difference > bound)
    hops = int(beyond[-1]) + 1 if len(beyond) else 0
    return hops if hops < len(difference) else None


def recoveries(spotter, clips, model):
    """{disturbance: Recovery}; the undisturbed stream hears other clips for as long."""
    frontend, hop_ms = model.frontend, model.frontend.hop_ms
    bands = clips.codes.shape[2]
    before, instead = (clips.codes[start : start + 10].reshape(-1, bands) for start in (0, 10))
    chosen = np.random.default_rng(1).integers(0, len(clips.labels), AFTER_CLIPS)
    after = np.concatenate([clips.codes[chosen].reshape(-1, bands), silence_after(frontend, bands)])
    wanted = hear_after(spotter, before, instead, after)
    found = {}
    for name, disturbance in disturbances(frontend).items():
        logits = hear_after(spotter, before, disturbance, after)
        difference = np.abs(logits.astype(int) - wanted).max(axis=1)
        near, equal = (last_beyond(difference, bound) for bound in (NEAR_LOGITS / LOGIT_UNIT, 0))
        decided = [
            decide_in_a_stream(
                frontend, of_clips_in_a_stream(frontend, given * LOGIT_UNIT, AFTER_CLIPS), model.keywords
            )
            for given in (logits, wanted)
        ]
        found[name] = Recovery(
            near_ms=near and near * hop_ms,
            equal_ms=equal and equal * hop_ms,
            clips=AFTER_CLIPS,
            same=int((decided[0] == decided[1]).sum()),
        )
    return found


def reset_is_fresh(spotter, fresh, codes):
    """Whether a reset stream has the memory and the logits of a new one, fresh, bit for bit."""
    spotter.reset()
    same = np.array_equal(spotter.memory(), fresh.memory())
    return bool(same and np.array_equal(spotter.stream(codes), fresh.stream(codes)))
