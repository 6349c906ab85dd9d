"""How often a model of voice is wrong beside WebRTC's and Silero's: python -m tests.measure.voice [RECIPE]

Test speakers, one after another with pauses, over background that training never heard, at several SNRs.  Whether somebody speaks
is told by the level of the clean speech (train/corpora/spans.py).  All hear the same PCM; each hop of 20 ms is right or wrong.
"""

import argparse
import importlib.util
from pathlib import Path

import numpy as np

from firmware.audio.recordings import FULL_SCALE, read_recording
from firmware.command import Failure, run_command
from firmware.frontend import SAMPLE_RATE_HZ, Frontend
from firmware.host.binding import CERTAIN, SpotterC
from firmware.markdown import table
from firmware.paths import data_folder
from firmware.progress import progress
from firmware.recipes import model_folder, recipe_name
from train.corpora.background import at_level
from train.corpora.clips import FRAME_MS, codes_at_hops, codes_of_pcm, levels_db
from train.corpora.running_speech import recordings_of
from train.corpora.spans import spoken_frames
from train.splits import TESTING

SPEECH = "running_speech/librispeech", "running_speech/spoken_commands"
BACKGROUND = {
    "noise": [
        f"noise/{name}.ogg"
        for name in (
            "household/coffee-shop",
            "household/fireplace",
            "household/train",
            "effects/car_engine",
            "effects/dog",
            "effects/typing",
        )
    ],
    "music": [f"noise/effects/{name}.ogg" for name in ("arcade_music", "cinematic", "piano")],
}
"""What the recipe voice-2k leaves out of its training."""

SNRS_DB = -5, 0, 5, 10, 15, 20
SPEECH_DB = -26.0
"""Level of each recording of speech, and of the pieces of background at an SNR of 0, dB of full scale."""
PAUSE_S = 0.5, 4.0
PIECE_S = 10
MODES = range(4)
"""How strict WebRTC's is."""


class WebRtc:
    """Decisions of WebRTC's detector at each hop, in a mode."""

    def __init__(self, mode):
        self.mode = mode

    def __call__(self, pcm, hop_samples):
        import webrtcvad

        vad = webrtcvad.Vad(self.mode)
        hops = pcm[: len(pcm) // hop_samples * hop_samples].reshape(-1, hop_samples)
        return np.array([vad.is_speech(hop.tobytes(), SAMPLE_RATE_HZ) for hop in hops], float)


class Silero:
    """The probability by Silero's network at each hop: of the chunk in which the hop ends."""

    THRESHOLD = 0.5
    CHUNK, CONTEXT = 512, 64

    def __call__(self, pcm, hop_samples):
        import onnxruntime

        folder = importlib.util.find_spec("silero_vad").submodule_search_locations[0]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(Path(folder) / "data" / "silero_vad.onnx"), options)
        state, found = np.zeros((2, 1, 128), np.float32), []
        padded = np.pad(pcm / np.float32(FULL_SCALE), (self.CONTEXT, -len(pcm) % self.CHUNK)).astype(np.float32)
        for begin in range(0, len(padded) - self.CONTEXT, self.CHUNK):
            heard = padded[None, begin : begin + self.CONTEXT + self.CHUNK]
            given = {"input": heard, "state": state, "sr": np.array(SAMPLE_RATE_HZ, np.int64)}
            probability, state = session.run(None, given)
            found.append(float(probability[0, 0]))
        ends = np.arange(hop_samples, len(pcm) + 1, hop_samples) - 1
        return np.array(found)[ends // self.CHUNK]


class Ours:
    """The smoothed posterior of voice at each hop."""

    def __init__(self, recipe):
        self.spotter = SpotterC(model_folder(recipe))

    @property
    def threshold(self):
        return self.spotter.thresholds[0] / CERTAIN

    def __call__(self, pcm, hop_samples):
        self.spotter.reset()
        return self.spotter.hear(pcm).smoothed[:, 0] / CERTAIN


def require_peers():
    """Failure if WebRTC's or Silero's detector is not installed."""
    missing = [name for name in ("webrtcvad", "silero_vad") if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            f"{' and '.join(missing)}: not installed, to be compared with: `make setup WITH=vad` installs both"
        )


def speech_of(random, frontend, minutes):
    """(PCM float [samples], whether somebody speaks bool [hops]) of test speakers in a random order with pauses."""
    files = [path for folder in SPEECH for path, *_ in recordings_of(data_folder() / folder, (TESTING,))]
    pcm, spoken, samples, hop = [], [], 0, frontend.hop_samples
    for place in random.permutation(len(files)):
        heard = at_level(read_recording(files[place]), SPEECH_DB)
        pause = round(random.uniform(*PAUSE_S) * SAMPLE_RATE_HZ / hop) * hop
        heard = np.concatenate([heard, np.zeros(-len(heard) % hop + pause, np.int16)])
        labels = spoken_frames(levels_db(codes_of_pcm(frontend, heard)), FRAME_MS)
        pcm.append(heard)
        spoken.append(codes_at_hops(frontend, labels[:, None])[:, 0])
        samples += len(heard)
        if samples >= 60 * minutes * SAMPLE_RATE_HZ:
            break
    return np.concatenate(pcm).astype(float), np.concatenate(spoken)


def background_of(random, files, samples):
    """PCM float [samples] of random pieces of recordings, each at the level of the speech."""
    sounds, pieces = [read_recording(data_folder() / file) for file in files], []
    for _ in range(-(-samples // (PIECE_S * SAMPLE_RATE_HZ))):
        sound = sounds[random.integers(len(sounds))]
        piece = np.resize(np.roll(sound, -random.integers(len(sound))), PIECE_S * SAMPLE_RATE_HZ)
        pieces.append(at_level(piece, SPEECH_DB))
    return np.concatenate(pieces)[:samples].astype(float)


def streams(frontend, minutes):
    """Yield (kind, SNR in dB, PCM int16, whether somebody speaks)."""
    random = np.random.default_rng(0)
    speech, spoken = speech_of(random, frontend, minutes)
    said = np.repeat(spoken, frontend.hop_samples)
    for kind, files in BACKGROUND.items():
        background = background_of(random, files, len(speech))
        level = np.sqrt(np.square(speech[said]).mean() / np.square(background).mean())
        for snr_db in SNRS_DB:
            mixed = speech + background * level * 10 ** (-snr_db / 20)
            mixed *= min(1.0, 0.99 * FULL_SCALE / np.abs(mixed).max())
            yield kind, snr_db, np.rint(mixed).astype(np.int16), spoken


def errors(decided, spoken):
    """(share of the hops with a voice that are missed, share of the others taken for voice)."""
    return float((~decided[spoken]).mean()), float(decided[~spoken].mean())


def area(scores, spoken):
    """The area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(spoken, scores)


def shown(pair):
    """The mean of a pair of errors, and both."""
    return f"**{np.mean(pair):.1%}** ({pair[0]:.1%}, {pair[1]:.1%})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="?", default="voice-2k")
    parser.add_argument("--minutes", type=float, default=5, help="of each stream")
    given = parser.parse_args()
    require_peers()
    ours, silero = Ours(recipe_name(given.recipe)), Silero()
    hop_samples, rows, by_mode = ours.spotter.frontend.hop_samples, [], {mode: [] for mode in MODES}
    found = list(streams(Frontend(), given.minutes))
    for kind, snr_db, pcm, spoken in progress(found, "hearing", "streams"):
        by_voice, by_silero = ours(pcm, hop_samples)[: len(spoken)], silero(pcm, hop_samples)[: len(spoken)]
        for mode in MODES:
            by_mode[mode].append(errors(WebRtc(mode)(pcm, hop_samples)[: len(spoken)] > 0, spoken))
        areas = [f"{area(scores, spoken):.3f}" for scores in (by_voice, by_silero)]
        pairs = errors(by_voice >= ours.threshold, spoken), errors(by_silero >= silero.THRESHOLD, spoken)
        rows.append((kind, f"{snr_db} dB", *map(shown, pairs), *areas))
    best = min(MODES, key=lambda mode: np.mean(by_mode[mode]))
    spoken = found[0][3]
    print(
        f"{len(found)} streams of {len(spoken) * hop_samples / SAMPLE_RATE_HZ / 60:.1f} minutes; somebody speaks in "
        f"{spoken.mean():.0%} of the hops.  Errors: the mean of (those missed, others taken for voice)\n"
    )
    header = [
        "background",
        "SNR",
        given.recipe,
        "Silero",
        f"WebRTC, mode {best}",
        f"area, {given.recipe}",
        "area, Silero",
    ]
    rows = [(*row[:4], shown(pair), *row[4:]) for row, pair in zip(rows, by_mode[best], strict=True)]
    print(table(header, rows))


if __name__ == "__main__":
    run_command("voice", main)
