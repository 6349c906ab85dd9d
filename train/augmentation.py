"""The sound of windows: vocal tract, level, colour of voice, room, background, microphone; the result is features.

Sounds are mixed in the power domain: their band energies add and interfere (train/interference.py).  All random numbers
come from one generator.
"""

import numpy as np
import torch

from firmware.frontend import CODE_ZERO_POINT, ENERGY_FLOOR, LOG_GAIN, mel_edges_hz
from train.colours import Colours
from train.corpora.clips import ENERGIES, FRAME_MS, codes_at_hops, mean_energies
from train.interference import Interference, together
from train.micro import codes_of_energies
from train.recipe import SILENCE
from train.rooms import measured_responses, simulated_responses
from train.windows import BACKGROUND

FULL_SCALE_DB = 121.0
"""Mean band energy, dB, of broadband sound with an RMS of full scale."""

FAINTEST_SNR_DB = 60.0
"""SNR of the faintest background, unless a recipe goes beyond."""


def factors(decibels):
    """Energy factors of decibels, a float32 tensor."""
    return torch.from_numpy(np.float32(10 ** (np.asarray(decibels) / 10)))


def level_db(energies, chosen):
    """The level in dB of each window over its chosen hops, [windows]; energies [windows, hops, bands], chosen bool."""
    chosen = chosen.float()
    mean = (energies.mean(2) * chosen).sum(1) / chosen.sum(1).clamp(min=1)
    return 10 * np.log10(mean.clamp(min=1).numpy())


def words_db(clips):
    """The level in dB of each clip's word, or of all of a clip of running speech, [clips]."""
    total = np.concatenate([[0.0], np.cumsum(mean_energies(clips.codes), dtype=np.float64)])
    first, last = (clips.starts[:, None] + clips.span).T
    return 10 * np.log10(np.maximum((total[last] - total[first]) / (last - first), 1.0))


def rounded_log_mel(energies):
    """Band energies -> log-mel values 0..255, rounded, float32."""
    return (LOG_GAIN * torch.log1p(energies / ENERGY_FLOOR)).clamp(0, 255).round()


class Augmentation:
    """Makes the network input of Layouts of Clips with int labels [clips]."""

    def __init__(self, recipe, clips, labels):
        self.settings, self.features = recipe.augmentation, recipe.feature_map
        self.front, mixed = recipe.front, recipe.front.mixed
        self.clips, self.step = clips, mixed.hop_ms // FRAME_MS
        self.log_mel = torch.from_numpy(clips.codes.astype(np.int16) - CODE_ZERO_POINT).to(torch.uint8)
        self.energies = torch.from_numpy(ENERGIES)
        self.centres_hz = mel_edges_hz(recipe.front)[1:-1]
        self.words_db = words_db(clips)
        self.background = np.flatnonzero(labels == recipe.labels.index(SILENCE))
        lengths = clips.frames[self.background]
        self.background_shares = lengths / max(1, lengths.sum())
        self.interference = Interference(mixed)
        self.colours = Colours(recipe.front, clips) if self.settings.people_probability else None
        self.rooms = measured_responses(mixed, self.settings.rooms) if self.settings.rooms else None

    def _drawn(self, probability, shape, random):
        return random.random(shape) < probability

    def _other_tract(self, log_mel, random):
        """Log-mel values [windows, hops, bands], warped along the bands as by other lengths of the vocal tract (Jaitly and
        Hinton 2013)."""
        most, windows = self.settings.tract_change, (len(log_mel), 1)
        change = random.uniform(-most, most, windows) * self._drawn(self.settings.tract_probability, windows, random)
        if not change.any():
            return log_mel
        place = torch.from_numpy(
            np.interp(self.centres_hz * (1 + change), self.centres_hz, np.arange(log_mel.shape[2]))
        )
        below = place.floor().long().clamp(max=log_mel.shape[2] - 2)
        share = (place - below)[:, None].float()
        below = below[:, None].expand(log_mel.shape)
        return log_mel.gather(2, below) * (1 - share) + log_mel.gather(2, below + 1) * share

    def _gains_db(self, layout, random):
        """The gain of each item, [windows, items]: speech to the level of its window, which is drawn, and a little more or less;
        background to a level of its own."""
        shape, change = layout.clip.shape, self.settings.level_change_db
        speech_db = random.uniform(*self.settings.level_db, (len(layout.clip), 1)) + random.uniform(
            -change, change, shape
        )
        alone_db = random.uniform(*self.settings.background_db, shape)
        wanted_db = np.where(layout.kind == BACKGROUND, alone_db, speech_db)
        return wanted_db + FULL_SCALE_DB - self.words_db[layout.clip]

    def _in_rooms(self, energies, random):
        """Energies to which, in some of the windows, the echo of a room is added."""
        chosen = np.flatnonzero(self._drawn(self.settings.room_probability, len(energies), random))
        if not len(chosen):
            return energies
        if self.rooms is None:
            responses = simulated_responses(self.settings, len(chosen), self.step * FRAME_MS, random)
        else:
            responses = self.rooms[random.integers(0, len(self.rooms), len(chosen))]
        responses, direct = torch.from_numpy(responses), energies[torch.from_numpy(chosen)]
        heard = direct * responses[:, :1]
        echo = torch.zeros_like(heard)
        for hop in range(1, min(responses.shape[1], direct.shape[1])):
            echo[:, hop:].addcmul_(direct[:, :-hop], responses[:, hop, None])
        power, cosines = map(torch.from_numpy, self.interference.echo(random, heard.shape[:2]))
        energies = energies.clone()
        energies[torch.from_numpy(chosen)] = together(heard, echo, cosines, power)
        return energies

    def _background(self, windows, hops, random):
        """Background energies [windows, hops, bands], each from a random frame of a random clip on, wrapped around."""
        clip = random.choice(self.background, (windows, 1), p=self.background_shares)
        lengths = self.clips.frames[clip]
        change = random.uniform(-self.settings.speed_change, self.settings.speed_change, (windows, 1))
        rate = 1 + change * self._drawn(self.settings.speed_probability, (windows, 1), random)
        frames = random.integers(0, lengths) + np.rint(np.arange(hops) * self.step * rate).astype(int)
        return self.energies[self.log_mel[torch.from_numpy(self.clips.starts[clip] + frames % lengths)].int()]

    def _background_db(self, spoken_db, spoken, random):
        """The level of the background of each window: at an SNR to what is spoken, or by itself if nothing is."""
        settings, windows = self.settings, len(spoken_db)
        noisy = self._drawn(settings.noise_probability, windows, random)
        snr_db = np.where(
            noisy,
            random.uniform(*settings.snr_db, windows),
            random.uniform(settings.snr_db[1], max(settings.snr_db[1], FAINTEST_SNR_DB), windows),
        )
        alone = random.uniform(*settings.background_db, windows) + FULL_SCALE_DB
        found = np.where(spoken.any(1), spoken_db - snr_db, alone)
        return np.where(self._drawn(settings.silence_probability, windows, random), -np.inf, found)

    def _colours_db(self, windows, bands, random):
        """The gain of a microphone in each band, [windows, 1, bands]: a slope and a wave over the mel scale, in some windows."""
        most, place = self.settings.colour_db, np.linspace(-1, 1, bands)
        slope, wave = random.uniform(-most, most, (windows, 1)), random.uniform(-most / 2, most / 2, (windows, 1))
        turns, start = random.uniform(0.25, 1, (windows, 1)), random.uniform(0, 2 * np.pi, (windows, 1))
        colour = slope * place + wave * np.cos(2 * np.pi * turns * place + start)
        return (colour * self._drawn(self.settings.colour_probability, (windows, 1), random))[:, None]

    def _masks(self, windows, bands, random):
        """1 for the bands that are heard and 0 for those that some of the windows lack, float32 [windows, 1, bands]."""
        shape = windows, 1
        width = random.integers(1, self.settings.mask_bands, shape, endpoint=True)
        first, place = random.integers(0, bands - width + 1), np.arange(bands)
        lacking = (
            (place >= first) & (place < first + width) & self._drawn(self.settings.mask_probability, shape, random)
        )
        return torch.from_numpy(np.float32(~lacking))[:, None]

    def _log_mel(self, energies):
        """What a network hears of energies: log-mel values 0..255, or in their place what a front end of kind micro makes."""
        if not self.front.is_micro:
            return rounded_log_mel(energies)
        codes = codes_at_hops(self.front, codes_of_energies(energies.numpy()))
        return torch.from_numpy(codes.astype(np.float32)) - CODE_ZERO_POINT

    def draw(self, layout, random):
        """Network input float32 [windows, hops, bands] of a Layout of hops of Frontend.mixed."""
        sounds, row = layout.sounds, np.arange(len(layout.item))[:, None]
        log_mel = self.log_mel[torch.from_numpy(np.maximum(layout.source, 0))].float()
        log_mel = self._other_tract(log_mel, random) * torch.from_numpy(sounds)[:, :, None]
        energies = ENERGY_FLOOR * torch.expm1(log_mel / LOG_GAIN)
        gains_db = self._gains_db(layout, random)[row, layout.item][:, :, None]
        if self.colours:
            colours_db = self.colours.draw(layout.clip, self.settings.people_probability, random)
            gains_db = gains_db + colours_db[row, layout.item]
        energies = energies * factors(gains_db)
        if self.settings.mask_probability:
            energies = energies * self._masks(len(energies), energies.shape[2], random)
        energies = self._in_rooms(energies, random)
        if len(self.background):
            background = self._background(*sounds.shape, random)
            spoken = sounds & (layout.heard != BACKGROUND)
            wanted = self._background_db(level_db(energies, torch.from_numpy(spoken)), spoken, random)
            own = level_db(background, torch.ones(sounds.shape))
            background = background * factors(wanted - own)[:, None, None]
            cosines = torch.from_numpy(self.interference.cosines(random, sounds.shape))
            energies = together(energies, background, cosines)
        energies = energies * factors(self._colours_db(len(energies), energies.shape[2], random))
        return (self._log_mel(energies) - self.features.mean_level) * 2.0**-self.features.right_shift
