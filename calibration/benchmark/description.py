"""The stream of the benchmark: people's recordings of wake words, mixed as the public benchmark mixes them, and negatives.

The public benchmark (Picovoice's wake-word-benchmark) mixes recordings with household noise at 10 dB and counts false alarms in
LibriSpeech.
"""

import hashlib

from calibration.streams.description import Description, Kind, SpokenPassages, SyntheticBed, UntranscribedSpeech
from calibration.streams.words import recorded_files

PEOPLE = "wake_words_people"
"""The folder in DATA: <word>/ with recordings of people, each of whom says it once."""
NOISE = "noise/household"
READ_SPEECH = "running_speech/librispeech"
KEYWORDS_PER_MINUTE = 10
SYNTHETIC_HOURS = 20
NOISE_HOURS = 2
QUIET_BED = dict(bed=SyntheticBed(recordings=6), bed_db=(-80.0, -75.0))

QUIET, NOISY = "quiet", "10 dB"
SAID_IN = {QUIET: "quiet", NOISY: "noise10"}
"""{condition: its kind in the stream}."""
NEGATIVES = {"read English": ("running",), "synthetic speech and noise": ("synthetic", "noise")}
"""{name: kinds of the stream} of what is counted together."""


def description_of(words):
    """The Description for some words, named after their hash; ValueError if DATA has no recordings of one."""
    recordings = len(recorded_files(PEOPLE, list(words), tell=False))
    said = dict(keywords=PEOPLE, keywords_per_minute=KEYWORDS_PER_MINUTE, hours=recordings / KEYWORDS_PER_MINUTE / 60)
    kinds = {
        SAID_IN[QUIET]: Kind(**said, **QUIET_BED, snr_db=(40.0, 60.0)),
        SAID_IN[NOISY]: Kind(**said, bed=NOISE, bed_db=(-45.0, -30.0), snr_db=(10.0, 10.0)),
        "running": Kind(sentences=UntranscribedSpeech(untranscribed=READ_SPEECH), **QUIET_BED),
        "synthetic": Kind(sentences=SpokenPassages(minutes=60 * SYNTHETIC_HOURS), **QUIET_BED),
        "noise": Kind(hours=NOISE_HOURS, bed=NOISE, bed_db=(-45.0, -25.0)),
    }
    digest = hashlib.sha256("\n".join(sorted(words)).encode()).hexdigest()
    return Description(name=f"benchmark-{digest[:10]}", words=list(words), kinds=kinds)
