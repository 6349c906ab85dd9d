"""A tiny corpus of wake words in the index's format: tones for keywords in faint noise, twelve sessions, 8 kHz."""

import numpy as np
import soundfile

RATE_HZ = 8000
START_S, END_S, SECONDS = 1.2, 1.8, 4.0
TONES_HZ = {"operator": 700, "wildfire": 1500}
COLUMNS = "file\tsession\tgender\tdialect\tphone\tkeyword\tstart_s\tend_s\ttranscript"
SESSIONS = [f"{number:05d}" for number in range(12)]


def line_of(session, folder, keyword, start_s=START_S, end_s=END_S, transcript=None):
    said = transcript or (keyword if folder == "alone" else f"I said {keyword.capitalize()} just now")
    gender = "female" if int(session) % 2 else "male"
    file = f"{folder}/{session}_{keyword}.flac"
    return "\t".join((file, session, gender, "native", "phone", keyword, str(start_s), str(end_s), said))


def write_index(folder, lines):
    (folder / "index.tsv").write_text("\n".join([COLUMNS, *lines]) + "\n")


def write_corpus(folder):
    """The corpus's table, and a recording of SECONDS for each of its lines."""
    random, lines = np.random.default_rng(0), []
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    for session in SESSIONS:
        for kind in ("alone", "sentences"):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            for keyword, tone_hz in TONES_HZ.items():
                spoken = (START_S <= time_s) & (time_s < END_S)
                wave = 1e-4 * random.normal(size=len(time_s)) + 0.3 * spoken * np.sin(2 * np.pi * tone_hz * time_s)
                soundfile.write(folder / kind / f"{session}_{keyword}.flac", wave, RATE_HZ)
                lines.append(line_of(session, kind, keyword))
    write_index(folder, lines)
    return lines
