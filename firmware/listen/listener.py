"""One stream through the C library, hop by hop, with its detections, posteriors and processor time."""

import time
from dataclasses import dataclass

import numpy as np

from firmware.words import counted


@dataclass(frozen=True)
class Detection:
    """struct kws_detection with its keyword."""

    word: str
    posterior: int  # smoothed, UQ1.15; of an anomaly its score, UQ4.12
    time_ms: int  # from the first sample to the end of the hop
    is_anomaly: bool = False

    def __str__(self):
        """The line that an emulated core prints (firmware/emulate/cores/spotter.c), with the same rounding."""
        if self.is_anomaly:
            tenths = (self.posterior * 10 + (1 << 11)) >> 12
            return f"Anomaly ({tenths // 10}.{tenths % 10}) @ {self.time_ms} ms"
        hundredths = (self.posterior * 100 + (1 << 14)) >> 15
        return f"Heard {self.word} ({hundredths // 100}.{hundredths % 100:02d}) @ {self.time_ms} ms"


class Listener:
    """A SpotterC that is given one hop after another."""

    def __init__(self, spotter):
        self._spotter = spotter
        self.keywords = spotter.model.words
        self.thresholds = spotter.thresholds  # UQ1.15
        self.smoothed = np.zeros(len(self.keywords), np.uint16)  # posteriors of the last hop, UQ1.15
        self.hops = 0
        self.detections = []
        self._library_s = 0.0

    @property
    def hop_samples(self):
        return self._spotter.frontend.hop_samples

    @property
    def seconds(self):
        """Length of the stream so far."""
        return self.hops * self._spotter.frontend.hop_ms / 1000

    @property
    def load(self):
        """Processor time in the library as a share of the stream's length."""
        return self._library_s / self.seconds if self.hops else 0.0

    def hear(self, hop):
        """Process one hop of PCM int16 [hop_samples]; returns a Detection, or None."""
        begin = time.thread_time()
        trace = self._spotter.hear(hop)
        self._library_s += time.thread_time() - begin
        self.hops += 1
        self.smoothed = trace.smoothed[0]
        label = trace.detected[0]
        if label >= len(self.keywords):
            return None
        time_ms = self.hops * self._spotter.frontend.hop_ms
        of_anomalies = self._spotter.model.task == "anomaly"
        detection = Detection(self.keywords[label], int(self.smoothed[label]), time_ms, of_anomalies)
        self.detections.append(detection)
        return detection

    def summary(self, overruns):
        """The last line of `make listen`."""
        detections = counted(len(self.detections), "detection")
        return f"{self.seconds:.1f} s heard, {detections}, {counted(overruns, 'overrun')}"
