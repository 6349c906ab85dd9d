"""A kind of stream of real telephone calls: the testing sessions of a wake-word corpus, joined without gaps or mixing.

Events of keywords and other wake words have the corpus's times, and the speaker's gender and dialect.
"""

from collections import Counter

import numpy as np
import soundfile

from calibration.streams.description import FILE_MS
from calibration.streams.events import KEYWORD, OTHER
from calibration.streams.running_speech import plain
from firmware.audio.recordings import read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.paths import data_folder
from firmware.progress import progress
from firmware.words import words_in_text
from train.corpora.clips import TESTING
from train.corpora.wake_index import read_wake_index

FILE_SAMPLES = FILE_MS * SAMPLE_RATE_HZ // 1000


def testing_recordings(section, keywords):
    """(recordings of the testing sessions in which every keyword is marked, how many were left out)."""
    folder = data_folder() / section.folder
    recordings = [
        recording
        for recording in read_wake_index(folder.parent)
        if recording.split == TESTING and recording.path.is_relative_to(folder)
    ]
    kept = [
        recording
        for recording in recordings
        if recording.is_clear_of(keywords) and words_in_text(plain(recording.transcript))
    ]
    if not kept:
        raise ValueError(
            f"{folder}: no testing session of {len(recordings)} has a transcript with every keyword marked"
        )
    return kept, len(recordings) - len(kept)


def event_row(recording, keywords, begin):
    """The row of events.tsv, without path, of a marked recording that starts at sample `begin` of its file."""
    begin_ms = begin * 1000 / SAMPLE_RATE_HZ
    return {
        "start_ms": f"{begin_ms + recording.start_s * 1000:.4f}",
        "end_ms": f"{begin_ms + recording.end_s * 1000:.4f}",
        "word": recording.keyword,
        "event": KEYWORD if recording.keyword in keywords else OTHER,
        "gender": recording.gender,
        "dialect": recording.dialect,
        "source": str(recording.path.relative_to(data_folder())),
    }


def in_files(recordings):
    """Yield [(recording, PCM)] for each file: as many whole recordings as reach ten minutes."""
    file, length = [], 0
    for recording in recordings:
        file.append((recording, read_recording(recording.path)))
        length += len(file[-1][1])
        if length >= FILE_SAMPLES:
            yield file
            file, length = [], 0
    if file:
        yield file


def build_sessions(random, section, keywords, name, folder):
    """Write the recordings of a kind; returns (rows of events.tsv, its entry in made.json)."""
    kept, left_out = testing_recordings(section, keywords)
    rows, samples = [], 0
    shuffled = [kept[place] for place in random.permutation(len(kept))]
    for place, file in enumerate(in_files(progress(shuffled, f"joining {name}", "recordings"))):
        path, joined = f"{name}/{place:03d}.flac", np.concatenate([pcm for _, pcm in file])
        starts = np.cumsum([0, *(len(pcm) for _, pcm in file)])
        rows += [
            {"path": path, **event_row(recording, keywords, int(start))}
            for (recording, _), start in zip(file, starts[:-1], strict=True)
            if recording.marked
        ]
        soundfile.write(folder / path, joined, SAMPLE_RATE_HZ, subtype="PCM_16")
        samples += len(joined)
    about = {"hours": samples / SAMPLE_RATE_HZ / 3600, **Counter(row["event"] for row in rows)}
    return rows, {**about, "sessions": len({recording.session for recording in kept}), "left_out": left_out}
