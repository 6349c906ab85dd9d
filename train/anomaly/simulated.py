"""Simulated machines: DATA/machines/<machine>/ with normal/ and test/, for recipes of anomalies.  No machine was recorded.

    python -m train.anomaly.simulated

A machine is a shaft whose speed sags and whose noise grows with a load that wanders and jumps.  Its sound is harmonics of the
shaft and of its blades, vanes or belt, noise that they modulate, and what stands around it: other noise at 0 to 10 dB less, and
now and then a bang.  Faults begin ONSET_S into a recording, some faint and some clear:

    bearing     clicks of the outer race, 3.05 a turn with 1 % of jitter, each a ringing of 2 to 4 kHz
    imbalance   (fan)   the first harmonics of the shaft louder, and the noise modulated by the turn
    cavitation  (pump)  bursts of noise above 1.5 kHz at random, 40 a second
    slip        (belt)  squeals of 0.2 to 0.8 s, while the driven side loses speed
"""

import zlib
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter

from firmware.audio.encoded import encoded
from firmware.audio.recordings import rounded_pcm
from firmware.command import run_command
from firmware.files import whole_folder, write_whole
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import data_folder
from train.anomaly.recipe import NORMAL
from train.anomaly.sound import LABELS

SECONDS, ONSET_S = 20, 8
SAMPLES, ONSET = SECONDS * SAMPLE_RATE_HZ, ONSET_S * SAMPLE_RATE_HZ
NORMAL_RECORDINGS, TEST_RECORDINGS = 45, 15
"""Recordings of a machine to train on; of the tests without a fault, and with each."""


@dataclass(frozen=True)
class Machine:
    shaft_hz: float
    sag: float  # share of the speed that full load takes
    parts: tuple  # (events a turn, number of harmonics, level) of blades, vanes, teeth or belt
    noise_hz: tuple  # band of the machine's own noise
    modulation: float  # of the noise by the first of the parts
    fault: str  # besides the bearing


MACHINES = {
    "fan": Machine(24.0, 0.06, ((7, 8, 0.5), (1, 5, 0.2)), (60, 3000), 0.3, "imbalance"),
    "pump": Machine(48.0, 0.04, ((6, 6, 0.6), (1, 4, 0.3)), (200, 5000), 0.5, "cavitation"),
    "belt": Machine(25.0, 0.10, ((0.37, 6, 0.3), (12, 5, 0.4), (1, 4, 0.3)), (80, 2000), 0.4, "slip"),
}


def _band(random, low, high):
    """Noise of unit power in a band, Hz."""
    noise = lfilter(*butter(2, (low, high), "band", fs=SAMPLE_RATE_HZ), random.normal(size=SAMPLES))
    return noise / noise.std()


def _load(random):
    """0.3 to 1: a walk about a level that jumps every few seconds."""
    seconds = np.cumsum(random.exponential(6, 12))
    levels = random.uniform(0.35, 0.95, 13)[np.searchsorted(seconds, np.arange(SAMPLES) / SAMPLE_RATE_HZ)]
    walk = np.interp(np.arange(SAMPLES), np.arange(0, SAMPLES + 1600, 1600), _walk(random))
    return np.clip(_smoothed(levels + 0.06 * walk, 0.3), 0.3, 1.0)


def _walk(random):
    """A bounded walk, a step each 100 ms."""
    return lfilter([0.3], [1, -0.95], random.normal(size=SAMPLES // 1600 + 1))


def _smoothed(values, seconds):
    share = 1 / (seconds * SAMPLE_RATE_HZ)
    return lfilter([share], [1, share - 1], values, zi=[(1 - share) * values[0]])[0]


def _ringing(random, times, hz, decay_s):
    """A ringing at each of times, in samples, its level about 1."""
    sound = np.zeros(SAMPLES)
    times = times[(times >= 0) & (times < SAMPLES)]
    np.add.at(sound, times.astype(int), random.lognormal(0, 0.3, len(times)))
    time = np.arange(int(8 * decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return fftconvolve(sound, np.exp(-time / decay_s) * np.sin(2 * np.pi * hz * time))[:SAMPLES]


def _harmonics(random, periods, count):
    """Tones of k periods, k = 1..count, at random phases, the louder the lower."""
    turn = np.exp(2j * np.pi * periods).astype(np.complex64)
    tone, sound = np.ones_like(turn), np.zeros(SAMPLES, np.float32)
    for k in range(1, count + 1):
        tone *= turn
        sound += (tone * np.complex64(k**-0.7 * np.exp(2j * np.pi * random.random()))).imag
    return sound


def _bearing(random, machine, turns, load):
    clicks = np.arange(0, turns[-1], 1 / 3.05)
    clicks = clicks + random.normal(0, 0.01 / 3.05, len(clicks))
    times = np.interp(clicks, turns, np.arange(SAMPLES))
    return _ringing(random, times, random.uniform(2000, 4000), 0.003) * (0.5 + load)


def _imbalance(random, machine, turns, load):
    shake = np.sin(2 * np.pi * turns)
    harmonics = sum(np.sin(2 * np.pi * k * turns) / k for k in (2, 3, 4))
    return harmonics + 0.7 * _band(random, *machine.noise_hz) * (1 + shake)


def _cavitation(random, machine, turns, load):
    times = np.cumsum(random.exponential(SAMPLE_RATE_HZ / 40, 60 * SECONDS))
    bursts = np.abs(_ringing(random, times, 300, 0.004))
    return _band(random, 1500, 7000) * bursts


def _slip(random, machine, turns, load):
    sound = np.zeros(SAMPLES)
    begin = ONSET
    while begin < SAMPLES:
        length = int(random.uniform(0.2, 0.8) * SAMPLE_RATE_HZ)
        time = np.arange(min(length, SAMPLES - begin)) / SAMPLE_RATE_HZ
        hz = random.uniform(800, 1600) * (1 + 0.1 * np.sin(2 * np.pi * random.uniform(2, 6) * time))
        phase = 2 * np.pi * np.cumsum(hz) / SAMPLE_RATE_HZ
        squeal = sum(np.sin(k * phase) / k for k in (1, 2, 3))
        sound[begin : begin + len(time)] += squeal * np.hanning(len(time))
        begin += length + int(random.exponential(0.8) * SAMPLE_RATE_HZ)
    return sound


FAULTS = {
    "bearing": (_bearing, (-24, -6)),
    "imbalance": (_imbalance, (-9, 3)),
    "cavitation": (_cavitation, (-24, -6)),
    "slip": (_slip, (-24, -6)),
}
"""What each adds, and the range of its power in dB of the machine's: from hardly there to plain."""


def _around(random):
    """What stands around the machine: noise, and a bang every ten seconds or so."""
    noise = _band(random, 50, random.uniform(1000, 4000))
    bangs = _ringing(random, random.uniform(0, SAMPLES, random.poisson(SECONDS / 10)), random.uniform(300, 1500), 0.03)
    return noise + 6 * bangs


def recording(machine, random, fault=None):
    """Float [SAMPLES] of a Machine, about 0.1 of full scale."""
    load = _load(random)
    speed = (
        machine.shaft_hz
        * (1 - machine.sag * load)
        * (1 + 0.003 * np.interp(np.arange(SAMPLES), np.arange(0, SAMPLES + 1600, 1600), _walk(random)))
    )
    turns = np.cumsum(speed) / SAMPLE_RATE_HZ + random.random()
    tones = sum(level * _harmonics(random, events * turns, count) for events, count, level in machine.parts)
    modulated = 1 + machine.modulation * np.sin(2 * np.pi * machine.parts[0][0] * turns)
    noise = _band(random, *machine.noise_hz) * modulated * load**1.5
    sound = tones * (0.6 + 0.4 * load) + noise
    around = _around(random) * sound.std() * 10 ** (random.uniform(-10, 0) / 20)
    if fault:
        sound_of, severity_db = FAULTS[fault]
        added = sound_of(random, machine, turns, load)
        added[:ONSET] = 0
        level = 10 ** (random.uniform(*severity_db) / 20)
        sound = sound + added * level * sound.std() / added[ONSET:].std()
    return (sound + around) * 0.05 * 10 ** (random.uniform(-3, 3) / 20)


def _write(path, name, fault=None):
    random = np.random.default_rng(zlib.crc32(f"{name}/{path.parent.name}/{path.name}".encode()))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encoded(rounded_pcm(32768 * recording(MACHINES[name], random, fault)), "FLAC"))


def make_machine(name, folder):
    """Write normal/ and test/ of one of MACHINES into a folder."""
    for number in range(NORMAL_RECORDINGS):
        _write(folder / "normal" / f"{number:03d}.flac", name)
    lines = ["file\tfault\tonset"]
    for fault in (NORMAL, "bearing", MACHINES[name].fault):
        for number in range(TEST_RECORDINGS):
            path = folder / "test" / f"{fault}_{number:03d}.flac"
            _write(path, name, None if fault == NORMAL else fault)
            lines.append(f"{path.name}\t{fault}\t{0 if fault == NORMAL else ONSET_S}")
    write_whole(folder / "test" / LABELS, "\n".join(lines) + "\n")


def main():
    for name in MACHINES:
        folder = data_folder() / "machines" / name
        with whole_folder(folder) as made:
            make_machine(name, made)
        print(f"{folder}: {NORMAL_RECORDINGS} normal recordings, {3 * TEST_RECORDINGS} tests, {SECONDS} s each")


if __name__ == "__main__":
    run_command("machines", main)
