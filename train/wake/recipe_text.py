"""The text of the recipe for some wake phrases: what the synthesizers at hand say, and the recordings that DATA has."""

import json
import shlex
from dataclasses import dataclass

from train.splits import TRAINING
from train.synthesizers import SYNTHESIZERS

KEYWORD_CLIPS = {"espeak-ng": 300, "flite": 60, "kokoro": 300}
QUICK_CLIPS = {"espeak-ng": 200, "flite": 30, "kokoro": 40}
"""Clips of each phrase, by synthesizer."""
SIZES = {
    "6k": "units = 25\nlayers = 3\ndepthwise_frames = 3\nconvolution_channels = 12",
    "20k": "units = 44\nlayers = 4\ndepthwise_frames = 3",
    "80k": "units = 104\nlayers = 4\ndepthwise_frames = 3",
}
LEARNING = {"6k": (16e-3, 0.998), "20k": (16e-3, 0.998), "80k": (8e-3, 0.999)}
"""{size: learning rate, averaging}."""
RUNNING_SPEECH = "running_speech/librispeech", "running_speech/spoken_commands"
BACKGROUND_RECORDINGS = "speech_commands/_background_noise_", "noise/household", "noise/effects"
MUSIC = "arcade_music", "cinematic", "piano"
"""Recordings of music in noise/effects, which stay for tests."""
ROOMS = "rooms"
REAL_WORDS = "speech_commands_logmel"
RECORDED_WORDS = "speech_commands"
ESPHOME = "esphome"
FEATURES = {
    "": "[features]\nmean_level = 85\nright_shift = 6",
    ESPHOME: '[frontend]\nkind = "micro"\n\n[features]\nmean_level = 32\nright_shift = 6',
}
"""The tables of features, by target."""


@dataclass(frozen=True)
class Wish:
    """What the user of `make wake` asks for."""

    phrases: tuple
    size: str = "20k"
    quick: bool = False
    mine: str = ""  # a folder of own recordings
    language: str = "en"
    text: str = ""  # a file of sentences
    target: str = ""  # ESPHOME, or the C library
    name: str = ""  # of the recipe, if it is not that of the phrases

    def command(self):
        """The command that asks for the same, as a shell reads it; phrases have no sign that a shell reads inside "..."."""
        words = [f'WORD="{", ".join(phrase.replace("_", " ") for phrase in self.phrases)}"', f"SIZE={self.size}"]
        words += [f"NAME={self.name}"] if self.name else []
        words += ["QUICK=1"] if self.quick else []
        words += [f"LANGUAGE={self.language}"] if self.language != "en" else []
        given = ("MINE", self.mine), ("TEXT", self.text), ("FOR", self.target)
        words += [f"{key}={shlex.quote(value)}" for key, value in given if value]
        return " ".join(["make wake", *words])


def clips_per_word(wish):
    """{synthesizer: clips of each phrase} of the synthesizers that can speak."""
    wanted = QUICK_CLIPS if wish.quick else KEYWORD_CLIPS
    return {name: clips for name, clips in wanted.items() if SYNTHESIZERS[name]().voices_of(TRAINING, wish.language)}


def _toml(value):
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def _corpus(kind, **settings):
    return "\n".join(
        ["[[corpora]]", f'kind = "{kind}"', *(f"{key} = {_toml(value)}" for key, value in settings.items())]
    )


def _corpora(wish, others, data):
    """The tables [[corpora]]."""
    speech = {"clips_per_word": clips_per_word(wish), "other_words": others}
    sentences = {"minutes": 10 if wish.quick else 40, "validation_minutes": 10}
    if wish.language != "en":
        speech["language"] = sentences["language"] = wish.language
        sentences["text"] = wish.text
    yield _corpus("speech", **speech)
    if wish.mine:
        yield _corpus("folder", name=wish.mine)
    if wish.target == ESPHOME and (data / RECORDED_WORDS).is_dir():
        yield _corpus("speech_commands")
    elif not wish.target and (data / REAL_WORDS).is_dir():
        yield _corpus("logmel")
    yield _corpus("sentences", **sentences)
    for folder in RUNNING_SPEECH:
        if (data / folder).is_dir():
            yield _corpus("running_speech", recordings=folder)
    recordings = [folder for folder in BACKGROUND_RECORDINGS if (data / folder).is_dir()]
    for folder in recordings:
        music = [name for name in MUSIC if any((data / folder).glob(f"{name}.*"))]
        yield _corpus("background", recordings=folder, **({"without": music} if music else {}))
    if not recordings:
        yield _corpus("background", minutes=20)
    yield _corpus("background", made="music", minutes=20)


def recipe_text(wish, others, data):
    """The recipe as TOML; others: the other words that synthesizers say; data: the folder DATA."""
    rate, averaging = LEARNING[wish.size]
    rooms = f'rooms = "{ROOMS}"\n' if (data / ROOMS).is_dir() else ""
    mine = "people_share = 0.25\n" if wish.mine else ""
    return f"""# {wish.command()}
# Edit this file and run that command again: it goes on with what stands here.

keywords = {_toml(wish.phrases)}
cell = "ssm"
{SIZES[wish.size]}
seed = 3

{FEATURES[wish.target]}

{chr(10).join(f"{corpus}{chr(10)}" for corpus in _corpora(wish, others, data))}
[mixing]
quiet_share = 0.15
{mine}
[training]
epochs = {6 if wish.quick else 24}
precision = "bfloat16"
windows = 20000
batch = 40
learning_rate = {rate}
muon_learning_rate = 0.02
normalise = true
weight_decay = 0.03
averaging = {averaging}

[augmentation]
speed_probability = 0.5
tract_probability = 0.5
people_probability = 0.8
mask_probability = 0.5
room_probability = 0.3
{rooms}noise_probability = 0.6
snr_db = [-5, 30]
background_db = [-60, -15]
colour_probability = 0.5
"""
