"""What is spoken is kept: whatever ends a process, nothing is lost but the clip in hand, and no damage is heard."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from firmware.compile.compiler import host_compiler, run_compiler
from firmware.paths import ROOT
from tests.children import child
from train.synthesizers import espeak, synthesizer
from train.synthesizers.espeak import Espeak
from train.synthesizers.spoken_clips import KEY_BYTES, SpokenClips
from train.synthesizers.synthesizer import SynthesizerError, Utterance

KEYS = [bytes([number]) * KEY_BYTES for number in range(3)]
CLIPS = [np.arange(5 * number, dtype=np.int16) for number in range(3)]

SPEAK = """
import os, sys
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from pathlib import Path
from firmware.command import run_command
from train.synthesizers.espeak import Espeak
from train.synthesizers.synthesizer import Utterance
synthesizer = Espeak()
synthesizer.library = Path(sys.argv[1])
run_command("speak", lambda: synthesizer.speak([Utterance(text, "m1") for text in sys.argv[2:]]))
"""


@pytest.fixture
def kept(tmp_path):
    """The one file of a folder that holds CLIPS by KEYS."""
    clips = SpokenClips(tmp_path)
    for key, pcm in zip(KEYS, CLIPS, strict=True):
        clips.put(key, pcm)
    (file,) = tmp_path.iterdir()
    return file


def found(folder):
    """How many clips are found, each being the right one."""
    clips = SpokenClips(folder)
    got = [clips.get(key) for key in KEYS]
    for pcm, clip in zip(got, CLIPS, strict=True):
        assert pcm is None or np.array_equal(pcm, clip)
    return sum(pcm is not None for pcm in got)


def test_a_file_cut_short_anywhere_keeps_the_clips_before_the_cut(kept):
    content = kept.read_bytes()
    ends = [24, 24 + 34, 24 + 34 + 44]
    assert len(content) == ends[-1]
    for cut in range(len(content)):
        kept.write_bytes(content[:cut])
        assert found(kept.parent) == sum(end <= cut for end in ends)


def test_a_damaged_clip_is_not_heard_and_one_that_is_spoken_again_is(kept):
    content = kept.read_bytes()
    for place in range(len(content)):
        kept.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert found(kept.parent) < len(CLIPS)
    clips = SpokenClips(kept.parent)
    for key, pcm in zip(KEYS, CLIPS, strict=True):
        clips.put(key, pcm)
    assert found(kept.parent) == len(CLIPS)


def test_two_processes_write_side_by_side(tmp_path):
    one, other = SpokenClips(tmp_path), SpokenClips(tmp_path)
    for clips, place in ((one, 0), (other, 1), (one, 2)):
        clips.put(KEYS[place], CLIPS[place])
    assert found(tmp_path) == 3 and other.get(KEYS[0]) is None


def test_a_full_disk_is_named(tmp_path):
    clips = SpokenClips(tmp_path)
    clips.file = "/dev/full"
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        clips.put(KEYS[2], CLIPS[2])
    assert clips.get(KEYS[2]) is None


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A stand-in for espeak-ng's library."""
    path = tmp_path_factory.mktemp("library") / "libespeak.so"
    run_compiler([*host_compiler(), "-shared", "-fPIC", "-o", path, ROOT / "tests" / "host" / "espeak.c"])
    return path


@pytest.fixture
def standing_in(library, tmp_path, monkeypatch):
    """standing_in() -> an Espeak that speaks by the stand-in, with a BUILD of its own."""
    monkeypatch.setenv("BUILD", str(tmp_path))

    def make():
        made = Espeak()
        made.library = library
        return made

    return make


def said(*texts):
    return [Utterance(text, "m1") for text in texts]


@pytest.fixture
def asked(monkeypatch):
    """What espeak-ng's processes were asked to say."""
    say, asked = espeak._Process.say, []
    monkeypatch.setattr(espeak._Process, "say", lambda self, utterance: asked.append(utterance) or say(self, utterance))
    return asked


def test_nothing_is_spoken_twice(standing_in, asked):
    first = standing_in().speak(said("a", "bb", "a"))
    assert sorted(utterance.text for utterance in asked) == ["a", "bb"]
    again = standing_in().speak(said("a", "c", "bb", "a"))
    assert asked[2:] == said("c") and [len(pcm) for pcm in again] == [1600, 1600, 3200, 1600]
    for pcm, same in zip(first, again[:1] + again[2:], strict=True):
        np.testing.assert_array_equal(pcm, same)


def test_another_library_speaks_anew(standing_in, library, tmp_path):
    other = standing_in()
    other.library = tmp_path / "other.so"
    other.library.write_bytes(library.read_bytes() + b"of another version")
    assert other.identity() != standing_in().identity() == standing_in().identity()


@pytest.mark.parametrize(
    ("text", "ending"),
    [("crash", "was ended by SIGSEGV"), ("run out of memory", "was ended by SIGKILL"), ("spin", "took more than 1 s")],
)
def test_what_ends_the_library_is_named_and_what_was_spoken_is_kept(standing_in, asked, monkeypatch, text, ending):
    monkeypatch.setattr(synthesizer, "CPU_LIMIT_S", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    with pytest.raises(SynthesizerError, match=f"^espeak-ng {ending}.*: .*text='{text}'"):
        standing_in().speak(said("a", "bb", text, "ccc"))
    asked.clear()
    assert [len(pcm) for pcm in standing_in().speak(said("a", "bb"))] == [1600, 3200] and not asked


def test_a_library_that_cannot_be_loaded_is_named(standing_in, tmp_path):
    broken = standing_in()
    broken.library = tmp_path / "broken.so"
    broken.library.write_text("no library")
    with pytest.raises(SynthesizerError, match="^espeak-ng .*broken.so.*: .* cannot be loaded"):
        broken.speak(said("a"))


@pytest.mark.parametrize(
    ("number", "status", "end"), [(signal.SIGINT, 130, b"speak: stopped\n"), (signal.SIGKILL, -signal.SIGKILL, b"")]
)
def test_stopped_while_it_speaks_it_leaves_no_process_and_loses_no_clip(
    standing_in, library, asked, number, status, end
):
    """Standard error is held open by every process that is left: its end is the end of them all."""
    speaking = [sys.executable, "-c", SPEAK, library, "a", "bb", "wait"]
    with child(speaking, cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr.readline() == b"waiting\n"
        process.send_signal(number)
        assert (process.stderr.read(), process.wait()) == (end, status)
    assert [len(pcm) for pcm in standing_in().speak(said("a", "bb"))] == [1600, 3200] and not asked
