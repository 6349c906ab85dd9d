"""A model that another gates by voice, as an image of both runs them (firmware/library/voice.c)."""


class GatedSpotter:
    """A SpotterC gated by the SpotterC of a model of voice with the same features; used as a SpotterC."""

    def __init__(self, spotter, voice):
        self.spotter, self.voice = spotter, voice

    def __getattr__(self, name):
        return getattr(self.spotter, name)

    def reset(self):
        self.spotter.reset()
        self.voice.reset()

    def hear(self, pcm):
        """Run PCM int16 [samples] through both streams; returns the gated model's Trace."""
        spoken = self.voice.hear(pcm).smoothed[:, 0] >= self.voice.thresholds[0]
        return self.spotter.hear(pcm, spoken)
