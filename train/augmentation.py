"""Augmentation of clips: shift, speed, vocal tract, room, noise at a stated SNR, gain, masks.

Noise is mixed in the power domain: the band energies of clip and noise add, which equals mixing samples on average
(calibration/mixing.py compares the two).  All random numbers come from one generator.
"""

import numpy as np
import torch

from firmware.frontend import ENERGY_FLOOR, LOG_GAIN, energy_of_log_mel, log_mel_of_codes, mel_edges_hz
from train.corpora.clips import FRAME_MS, FRAMES

_ENERGY = torch.from_numpy(energy_of_log_mel(np.arange(256)).astype(np.float32))


def mix_energies(speech, noise, snr_db):
    """Energies of speech plus noise, scaled to an SNR in dB: the ratio of their mean energies over the clip."""
    scale = speech.mean((1, 2)) / noise.mean((1, 2)).clamp(min=1.0) * 10 ** (-snr_db / 10)
    return speech + noise * scale[:, None, None]


def rounded_log_mel(energies):
    """Band energies -> log-mel values 0..255, rounded, float32."""
    return (LOG_GAIN * torch.log1p(energies / ENERGY_FLOOR)).clamp(0, 255).round()


class Augmentation:
    """Makes the network input of a training batch from its clips."""

    def __init__(self, recipe, background):
        """background: codes int8 [clips, FRAMES, bands] that noise is drawn from; may have no clips."""
        self.settings = recipe.augmentation
        self.step = recipe.front.hop_ms // FRAME_MS
        self.features = recipe.feature_map
        self.background = torch.from_numpy(log_mel_of_codes(background))
        self.centres_hz = mel_edges_hz(recipe.front)[1:-1]

    def _shifted(self, log_mel, random):
        """Each clip shifted by a random number of frames, with its first or last frame repeated, at the hops' frames.

        A short recording is moved to an earlier time instead, and its end is digital silence, as the clip rule pads it.
        Returns the log-mel values [clips, hops, bands] and a mask bool [clips, hops, 1], False in that padding.
        """
        most = self.settings.shift_ms // FRAME_MS
        shift = random.integers(-most, most + 1, (len(log_mel), 1))
        lacking = np.zeros_like(shift)
        if self.settings.short_probability:
            short = random.random(shift.shape) < self.settings.short_probability
            lacking = short * random.integers(1, self.settings.short_ms // FRAME_MS + 1, shift.shape)
            shift = np.where(short, -lacking, shift)
        places = np.arange(self.step - 1, FRAMES, self.step)
        middle = (FRAMES - 1) / 2
        rate = 1 + self._change(shift.shape, self.settings.speed_probability, self.settings.speed_change, random)
        frames = np.rint((places - middle) * rate + middle).astype(int) - shift
        frames = torch.from_numpy(np.clip(frames, 0, FRAMES - 1))
        recorded = torch.from_numpy(places < FRAMES - lacking)[:, :, None]
        return log_mel[torch.arange(len(log_mel))[:, None], frames] * recorded, recorded

    def _change(self, shape, probability, most, random):
        """A random change within +-most for some clips, 0 for the others; draws nothing if probability is 0."""
        if not probability:
            return np.zeros(shape)
        return np.where(random.random(shape) < probability, random.uniform(-most, most, shape), 0.0)

    def _other_tract(self, log_mel, random):
        """Log-mel values [clips, hops, bands], warped along the bands as by other lengths of the vocal tract (Jaitly and Hinton
        2013)."""
        change = self._change((len(log_mel), 1), self.settings.tract_probability, self.settings.tract_change, random)
        if not change.any():
            return log_mel
        place = torch.from_numpy(
            np.interp(self.centres_hz * (1 + change), self.centres_hz, np.arange(log_mel.shape[2]))
        )
        below = place.floor().long().clamp(max=log_mel.shape[2] - 2)
        share = (place - below)[:, None].float()
        below = below[:, None].expand(log_mel.shape)
        log_mel = log_mel.float()
        return (log_mel.gather(2, below) * (1 - share) + log_mel.gather(2, below + 1) * share).round()

    def _gain_db(self, clips, random):
        low, high = self.settings.gain_db
        return np.where(random.random(clips) < self.settings.gain_probability, random.uniform(low, high, clips), 0.0)

    def _noise(self, clips, hops, random):
        """Background energies [clips, hops, bands], each from a random frame of a random clip on, wrapped around."""
        which = torch.from_numpy(random.integers(0, len(self.background), (clips, 1)))
        frames = (random.integers(0, FRAMES, (clips, 1)) + np.arange(hops) * self.step) % FRAMES
        return _ENERGY[self.background[which, torch.from_numpy(frames)].int()]

    def _in_rooms(self, energies, random):
        """Energies to which, in some of the clips, the exponentially decaying echo of a room is added (Polack 1988)."""
        settings, clips = self.settings, len(energies)
        if not settings.room_probability:
            return energies
        hop_ms = self.step * FRAME_MS
        echoes = random.random(clips) < settings.room_probability
        left = 10 ** (-6 * hop_ms / random.uniform(*settings.room_decay_ms, clips))
        loudness = echoes * 10 ** (-random.uniform(*settings.room_direct_db, clips) / 10) * (1 - left) / left
        left, loudness = (torch.from_numpy(value.astype(np.float32))[:, None] for value in (left, loudness))
        echo, heard = torch.zeros_like(energies[:, 0]), []
        for hop in energies.unbind(1):
            heard.append(hop + loudness * echo)
            echo = left * (echo + hop)
        return torch.stack(heard, 1)

    def _masks(self, shape, random):
        """Masks of SpecAugment (arXiv:1904.08779): 0 in one run of bands and one run of hops, 1 elsewhere."""
        clips, hops, bands = shape
        kept = []
        for length, most in ((bands, self.settings.mask_bands), (hops, self.settings.mask_hops)):
            width = random.integers(0, most + 1, (clips, 1)) * (
                random.random((clips, 1)) < self.settings.mask_probability
            )
            start = np.floor(random.random((clips, 1)) * (length - width + 1))
            place = np.arange(length)
            kept.append(torch.from_numpy(((place < start) | (place >= start + width)).astype(np.float32)))
        return kept[0][:, None, :] * kept[1][:, :, None]

    def draw(self, codes, random):
        """Network input float32 [clips, hops, bands] of codes int8 [clips, FRAMES, bands]."""
        log_mel, recorded = self._shifted(torch.from_numpy(log_mel_of_codes(codes)), random)
        log_mel = self._other_tract(log_mel, random)
        energies = self._in_rooms(_ENERGY[log_mel.int()], random) * recorded
        clips, hops, _ = energies.shape
        if len(self.background):
            noisy = torch.from_numpy(random.random(clips) < self.settings.noise_probability)
            snr_db = torch.from_numpy(random.uniform(*self.settings.snr_db, clips).astype(np.float32))
            mixed = mix_energies(energies, self._noise(clips, hops, random), snr_db)
            energies = torch.where(noisy[:, None, None], mixed, energies)
        gain = torch.from_numpy((10 ** (self._gain_db(clips, random) / 10)).astype(np.float32))
        x = (
            rounded_log_mel(energies * gain[:, None, None]) - self.features.mean_level
        ) * 2.0**-self.features.right_shift
        return x * self._masks(x.shape, random)
