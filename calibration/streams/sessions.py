"""A kind of stream out of real telephone calls: the recordings of a wake-word corpus's testing sessions, as they are, one
after another with nothing between them.  Nothing is mixed, so there is no bed, no SNR and no gap.

Keywords and other wake words have the corpus's own times, and the speaker's gender and dialect.
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
    """Of the testing sessions, those in which every keyword said is marked, and how many were left out."""
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
        raise ValueError(f"{folder}: none of {len(recordings)} recordings of testing sessions can be used")
    return kept, len(recordings) - len(kept)


def event_row(recording, keywords, begin):
    """The row of events.tsv of a marked recording whose first sample is the file's sample `begin`."""
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
    """[(recording, PCM)] of one file after another: ten minutes and whatever of a recording is over."""
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
    """Write the recordings of a kind; returns (rows of events.tsv, what is worth saying of it)."""
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
