"""Compares the C front end with librosa, in steps of a code (0.44 dB): python -m tests.measure.features

The oracle is librosa.feature.melspectrogram in float64 with the settings of the front end, through the same logarithm.  Speech
and noise are compared by rounded values.  Full-scale tones, clipping, impulses and DC are compared in bands within 50 dB of the
frame's strongest bin; in the other bands the table has how far the C is above the oracle, which would be noise of its own.
"""

from dataclasses import dataclass

import librosa
import numpy as np

from firmware.audio.recordings import read_recording, rounded_pcm
from firmware.command import run_command
from firmware.frontend import (
    FFT_POINTS,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    Frontend,
    energy_of_log_mel,
    log_mel_of_codes,
    log_mel_of_energy,
)
from firmware.host.binding import FrontendC
from firmware.markdown import table
from firmware.paths import data_folder
from train.corpora.speech import speak_clips
from train.splits import TRAINING
from train.synthesizers.espeak import Espeak

MEAN_BOUND, PERCENTILE_BOUND = 0.25, 2.0
NEAR_DB, NEAR_BOUND, ABOVE_BOUND = 50, 2.0, 10.0


def framed_spectrum(frontend, pcm):
    """librosa's power spectrum [hops, bins] of the frames that the C front end computes after a reset."""
    padding = (FFT_POINTS - FRAME_SAMPLES) // 2  # librosa centres the window in the transform
    before = FRAME_SAMPLES - frontend.hop_samples + padding
    samples = np.pad(pcm.astype(np.float64), (before, padding))
    return (
        np.abs(
            librosa.stft(
                samples,
                n_fft=FFT_POINTS,
                hop_length=frontend.hop_samples,
                win_length=FRAME_SAMPLES,
                window="hann",
                center=False,
                dtype=np.complex128,
            ).T
        )
        ** 2
    )


def oracle(frontend, pcm):
    """Log-mel values float [hops, bands], and the strongest bin's power of each frame [hops, 1]."""
    power = framed_spectrum(frontend, pcm)
    mel = librosa.filters.mel(
        sr=SAMPLE_RATE_HZ,
        n_fft=FFT_POINTS,
        n_mels=frontend.bands,
        fmin=0,
        fmax=frontend.high_hz,
        htk=True,
        norm=None,
        dtype=np.float64,
    )
    return log_mel_of_energy(power @ mel.T), power.max(axis=1, keepdims=True)


@dataclass(frozen=True)
class Errors:
    """mean and p999: |code - rounded oracle|; near: the largest |log-mel - oracle| in strong bands; above: elsewhere, signed."""

    mean: float
    p999: float
    near: float
    above: float


def compare(frontend, pcm):
    """Errors of the C front end over PCM int16 [samples]."""
    found = log_mel_of_codes(FrontendC(frontend).features(pcm))
    wanted, strongest = oracle(frontend, pcm)
    wanted = wanted[: len(found)]
    rounded = np.abs(found - np.rint(wanted))
    is_near = energy_of_log_mel(wanted) >= strongest[: len(found)] * 10 ** (-NEAR_DB / 10)
    error = found - wanted
    return Errors(
        float(rounded.mean()),
        float(np.percentile(rounded, 99.9)),
        float(np.abs(error[is_near]).max(initial=0)),
        float(error[~is_near].max(initial=0)),
    )


def natural_signals():
    """{name: PCM int16}: speech and noise at several levels."""
    random = np.random.default_rng(0)
    synthesizer = Espeak()
    words = ["yes", "stop", "hello", "jerboa", "seven", "three", "house", "music"] * 5
    spoken = speak_clips(random, synthesizer, words, synthesizer.voices_of(TRAINING, "en"))
    signals = {"synthetic speech": np.concatenate([clip.pcm for clip in spoken])}
    recorded = sorted((data_folder() / "speech_commands").glob("*/*_nohash_0.*"))[::12]
    if recorded:
        signals["recorded speech"] = np.concatenate([read_recording(path) for path in recorded])
    for rms in (1, 30, 1000, 12000):
        signals[f"white noise, {rms} rms"] = rounded_pcm(random.normal(0, rms, 80_000))
    return signals


def extreme_signals():
    """{name: PCM int16}: full-scale tones, clipping, impulses, DC, and every sign at once."""
    time = np.arange(8000)
    tone = {
        hz: np.sin(2 * np.pi * hz * time / SAMPLE_RATE_HZ + 0.3)
        for hz in (100, 440, 1000, 1234.5, 2222, 3000, 3999, 5995.3, 7000)
    }
    signals = {f"tone {hz} Hz": np.rint(32767 * wave) for hz, wave in tone.items()}
    signals["clipped 300 Hz"] = np.clip(60_000 * np.sin(2 * np.pi * 300 * time / SAMPLE_RATE_HZ), -32768, 32767)
    signals["square 300 Hz"] = np.where(np.sin(2 * np.pi * 300.3 * time / SAMPLE_RATE_HZ) > 0, 32767, -32768)
    signals["impulses"] = np.where(time % 777 == 0, 32767, 0)
    signals["DC"] = np.full(len(time), -32768)
    signals["alternating"] = np.where(time % 2, 32767, -32768)
    return {name: signal.astype(np.int16) for name, signal in signals.items()}


def swept_tones():
    """PCM int16 of full-scale tones from 50 Hz to 8 kHz."""
    time = np.arange(1600)
    for hz in np.arange(50, 8000, 7.8125):
        yield np.rint(32767 * np.sin(2 * np.pi * hz * time / SAMPLE_RATE_HZ + 0.3)).astype(np.int16)


def main():
    frontend = Frontend()
    rows = []
    for signals in (natural_signals(), extreme_signals()):
        for name, pcm in signals.items():
            errors = compare(frontend, pcm)
            rows.append((name, f"{errors.mean:.3f}", f"{errors.p999:.2f}", f"{errors.near:.2f}", f"{errors.above:.2f}"))
    swept = [compare(frontend, tone) for tone in swept_tones()]
    worst = (f"{max(getattr(errors, figure) for errors in swept):.2f}" for figure in ("near", "above"))
    rows.append((f"{len(swept)} swept tones, the worst", "-", "-", *worst))
    print(table(["signal", "mean", "99.9th percentile", f"within {NEAR_DB} dB", "above, elsewhere"], rows))
    print(
        f"bounds: speech and noise mean <= {MEAN_BOUND}, 99.9th percentile <= {PERCENTILE_BOUND}; "
        f"extremes <= {NEAR_BOUND} within {NEAR_DB} dB of the strongest bin, elsewhere at most {ABOVE_BOUND} above"
    )


if __name__ == "__main__":
    run_command("features", main)
