"""Half hours of one stream through the C library and, with the same features, the float model; nothing is reset."""

from dataclasses import dataclass, field

import numpy as np

from calibration.soak.records import HalfHourFigures
from firmware.progress import progress
from train.decision import decide_in_a_stream, of_clips_in_a_stream, silence_after
from train.integer_model import LOGIT_UNIT


@dataclass
class HalfHour:
    """One list element for each clip: |logit error| against float, share of hops with equal argmax, share of saturated state
    elements, whether the decision was right."""

    errors: list = field(default_factory=list)
    agreed: list = field(default_factory=list)
    saturated: list = field(default_factory=list)
    right: list = field(default_factory=list)

    def figures(self):
        """The HalfHourFigures."""
        errors = np.concatenate(self.errors)
        return HalfHourFigures(
            mean=float(errors.mean()),
            p99=float(np.percentile(errors, 99)),
            agree=float(np.mean(self.agreed)),
            saturated=float(np.mean(self.saturated)),
            clips=len(self.right),
            right=int(np.sum(self.right)),
        )


class Soak:
    """The C library and the float model, side by side on one stream."""

    def __init__(self, spotter, model):
        self.spotter, self.model, self.integers = spotter, model, model.quantize()
        self.limits = [state.format.largest - 1 << state.guard_bits for state in model.states()]
        self.float_states = None
        spotter.reset()

    def saturated(self):
        """The share of state elements at an end of their format now."""
        _, states = self.integers.unpack(self.spotter.memory()[None])
        ends = [np.abs(codes) >= limit for codes, limit in zip(states, self.limits, strict=True)]
        return float(np.concatenate(ends, axis=1).mean())

    def hear(self, codes, half_hour):
        """The logits of one clip's features int8 [hops, bands]; adds their errors to half_hour."""
        logits = self.spotter.stream(codes) * LOGIT_UNIT
        wanted, self.float_states = self.model.run(codes[None], self.float_states)
        half_hour.errors.append(np.abs(logits - wanted[0]).ravel())
        half_hour.agreed.append((logits.argmax(axis=1) == wanted[0].argmax(axis=1)).mean())
        half_hour.saturated.append(self.saturated())
        return logits

    def half_hour(self, clips, chosen, number):
        """The HalfHour of the ValidationClips with the indices chosen, and of the silence in which the last one is decided."""
        half_hour, frontend = HalfHour(), self.model.frontend
        silence = silence_after(frontend, clips.codes.shape[2])
        heard = [clips.codes[clip] for clip in chosen]
        logits = [self.hear(codes, half_hour) for codes in progress([*heard, silence], f"half hour {number + 1}")]
        answers = of_clips_in_a_stream(frontend, np.concatenate(logits), len(heard))
        half_hour.right = (decide_in_a_stream(frontend, answers, self.model.keywords) == clips.labels[chosen]).tolist()
        return half_hour
