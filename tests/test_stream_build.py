"""Streams are built from their sources, and to equal bytes when built again; wrong sources are refused."""

import numpy as np
import pytest
import soundfile

import calibration.streams.build as build_module
from calibration.streams.background_mix import load_bed
from calibration.streams.build import build, digest_of
from calibration.streams.description import DESCRIPTIONS, load_description, parse_description
from calibration.streams.events import read_stream
from calibration.streams.running_speech import load_sentences, plain
from calibration.streams.words import clip_of, recorded_files
from firmware.audio.recordings import BadRecording
from firmware.words import words_in_text
from tests.test_stream_mix import burst
from train.synthesizers.flite import Flite

RATE = 16_000


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """tiny(change) -> the stream `tiny` of two recorded words on noise, whose folder is built under tmp_path."""
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    random = np.random.default_rng(0)
    for word in ("yes", "house"):
        for take in range(3):
            path = tmp_path / "data" / "said" / word / f"{take}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, burst(random, 6000, 9000, level=4000), RATE)

    def make(change=("", "")):
        text = """
            words = ["yes"]
            [kinds.noise]
            hours = 0.04
            keywords = "said"
            keywords_per_minute = 5
            others = "said/house"
            others_per_minute = 5
            bed = { recordings = 2 }
            bed_db = [-50, -45]
            """.replace(*change)
        return parse_description(text, "tiny")

    return make


def test_a_short_last_recording_has_its_part_of_the_words(tiny, monkeypatch):
    monkeypatch.setattr(build_module, "FILE_SAMPLES", 120 * RATE)
    kinds = read_stream(build(tiny(("others_per_minute = 5", "others_per_minute = 10"))))
    lengths_s = [soundfile.info(path).frames / RATE for path, _ in kinds["noise"]]
    words = [len(events) for _, events in kinds["noise"]]
    assert lengths_s == [120, 24] and words == [30, 6]


def write_noise(path, seconds, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).normal(0, 0.1, seconds * RATE), RATE)


@pytest.fixture
def music(tmp_path):
    """The folder DATA/music with two recordings of 4 and 5 s, and DATA/tune.wav of 6 s."""
    folder = tmp_path / "data" / "music"
    for path, seconds in ((folder / "a.wav", 4), (folder / "b.wav", 5), (folder.parent / "tune.wav", 6)):
        write_noise(path, seconds, seed=seconds)
    return folder


def test_a_bed_is_a_folder_a_file_or_a_list_of_both(tiny, music):
    tiny()

    def lengths_s(source):
        return [len(pcm) / RATE for pcm in load_bed(np.random.default_rng(0), source)]

    assert lengths_s("music") == [4, 5] and lengths_s("tune.wav") == [6]
    assert lengths_s(["tune.wav", "music"]) == [6, 4, 5] and lengths_s(["music/b.wav"]) == [5]
    listed = tiny(("{ recordings = 2 }", '["tune.wav", "music/b.wav"]'))
    assert [path.name for path, _ in read_stream(build(listed))["noise"]] == ["000.flac"]


def test_a_stream_is_built_again_when_a_listed_recording_changes(tiny, music):
    listed = tiny(("{ recordings = 2 }", '["tune.wav", "music/b.wav"]'))
    before = digest_of(listed)
    write_noise(music / "a.wav", 8)
    assert digest_of(listed) == before, "a recording that is not listed"
    write_noise(music / "b.wav", 8)
    changed = digest_of(listed)
    assert changed != before
    (music.parent / "tune.wav").unlink()
    assert digest_of(listed) != changed


@pytest.mark.parametrize(
    "source, message",
    [
        (["tune.wav", "nowhere.wav"], "nowhere.wav: not there; put a background recording, or a folder of them, there"),
        (["music/c.wav"], "c.wav: 2.0 s is too short for a bed; give recordings of at least 3 s"),
        (["empty"], "empty: no background recordings"),
    ],
)
def test_a_bed_that_cannot_be_used_is_refused(tiny, music, source, message):
    tiny()
    write_noise(music / "c.wav", 2)
    (music.parent / "empty").mkdir()
    with pytest.raises(ValueError, match=message):
        load_bed(np.random.default_rng(0), source)


def test_a_stream_is_built_once_and_again_to_the_same_bytes(tiny):
    folder = build(tiny())
    first = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*.*"))}
    assert build(tiny()) == folder
    assert {name: next(folder.rglob(name)).stat().st_mtime_ns for name in first} == {
        name: about[1] for name, about in first.items()
    }
    (folder / "made.json").unlink()
    build(tiny())
    assert {path.name: path.read_bytes() for path in folder.rglob("*.*")} == {
        name: about[0] for name, about in first.items()
    }
    ((path, events),) = read_stream(folder)["noise"]
    assert soundfile.info(path).subtype == "PCM_16" and soundfile.info(path).frames == 144 * RATE
    assert sorted(event.word for event in events) == ["house"] * 12 + ["yes"] * 12
    build(tiny(('words = ["', 'seed = 2\nwords = ["')))
    assert (folder / "events.tsv").read_bytes() != first["events.tsv"][0]


def test_linked_recordings_are_used_and_their_changes_noticed(tiny, tmp_path):
    disk = tmp_path / "disk"
    (tmp_path / "data" / "said" / "yes").rename(disk)
    (tmp_path / "data" / "said" / "yes").symlink_to(disk)
    before = digest_of(tiny())
    soundfile.write(disk / "0.wav", np.ones(20_000, np.int16), RATE)
    assert digest_of(tiny()) != before


def test_a_stream_is_kept_when_data_moves(tiny, tmp_path, monkeypatch):
    before = digest_of(tiny())
    (tmp_path / "data").rename(tmp_path / "moved")
    monkeypatch.setenv("DATA", str(tmp_path / "moved"))
    assert digest_of(tiny()) == before


@pytest.mark.parametrize("relative", [True, False])
def test_a_stream_is_built_again_when_its_text_changes(tiny, tmp_path, monkeypatch, relative):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "de.txt"
    spoken = tiny(("bed =", f'sentences = {{ minutes = 1, text = "{file.name if relative else file}" }}\nbed ='))
    file.write_text("Das ist ein Haus.")
    before = digest_of(spoken)
    file.write_text("Das ist ein Baum.")
    assert digest_of(spoken) != before


@pytest.mark.parametrize(
    "content, message",
    [(None, "de.txt: No such file or directory; give a text file"), ("Nur ein Satz.", "de.txt: 0 sen")],
)
def test_a_text_that_cannot_be_spoken_is_refused_before_anything_is_mixed(
    tiny, tmp_path, monkeypatch, content, message
):
    monkeypatch.setattr(build_module, "build_kind", None)
    file = tmp_path / "de.txt"
    if content:
        file.write_text(content)
    with pytest.raises(ValueError, match=message):
        build(tiny(("bed =", f'sentences = {{ minutes = 1, text = "{file}" }}\nbed =')))


def test_a_stream_is_built_again_when_flite_is_installed(tiny, monkeypatch):
    spoken = tiny(("bed =", "sentences = { minutes = 1 }\nbed ="))
    monkeypatch.setattr(Flite, "voices", lambda self: [])
    before = digest_of(spoken)
    monkeypatch.setattr(Flite, "voices", lambda self: ["slt"])
    monkeypatch.setattr(Flite, "identity", lambda self: "flite")
    assert digest_of(spoken) != before


def test_a_failed_build_leaves_the_old_stream(tiny, tmp_path):
    folder = build(tiny())
    (tmp_path / "data" / "said" / "house" / "0.wav").write_bytes(b"no sound")
    with pytest.raises(ValueError, match="0.wav: cannot be read as audio"):
        build(tiny())
    assert len(read_stream(folder)["noise"]) == 1 and [path.name for path in folder.parent.iterdir()] == ["tiny"]


@pytest.mark.parametrize(
    "last, message",
    [
        ("bed = 'nowhere'", "nowhere: not there"),
        ("bed = ['said/yes', 'nowhere.wav']", "nowhere.wav: not there"),
        ("bed = { recordings = 1 }\nsentences = 'nowhere'", "nowhere/index.tsv: not there"),
        ("bed = { recordings = 1 }\nsentences = { untranscribed = 'nowhere' }", "nowhere: does not exist"),
        ("bed = { recordings = 1 }\nothers = 'nowhere'\nothers_per_minute = 1", "nowhere: not there"),
        ("bed = { recordings = 1 }\nkeywords = 'said/house'\nkeywords_per_minute = 1", "no recordings of yes"),
        (
            "bed = { recordings = 1 }\nothers = { words = ['...'], clips_per_word = 1 }\nothers_per_minute = 1",
            "'...': no voice can speak this",
        ),
    ],
)
def test_a_missing_source_of_the_last_kind_is_reported_before_the_first_is_mixed(tiny, monkeypatch, last, message):
    monkeypatch.setattr(build_module, "build_kind", None)
    with pytest.raises(ValueError, match=message):
        build(
            tiny(("bed_db = [-50, -45]", f"bed_db = [-50, -45]\n[kinds.last]\nhours = 1\nbed_db = [-50, -45]\n{last}"))
        )


@pytest.mark.parametrize(
    "change, message",
    [
        (("hours = 0.04", "hours = 0.04\nours = 3"), "kinds.noise.ours: unknown key"),
        (("[-50, -45]", "[-40, -45]"), "bed_db = .* the first must not exceed the second"),
        (("keywords_per_minute = 5", ""), "keywords and keywords_per_minute: give both or neither"),
        (("hours = 0.04", ""), "hours: required without sentences"),
        (("{ recordings = 2 }", '["a", "../b"]'), "kinds.noise.bed.1: '../b' is not a folder in DATA"),
        (("{ recordings = 2 }", "[]"), "kinds.noise.bed: .*at least 1 item"),
        (('"said"', '"../said"'), "kinds.noise.keywords: .*'../said' is not a folder in DATA"),
        (('"said"', '"/said"'), "kinds.noise.keywords: .*'/said' is not a folder in DATA"),
        (('words = ["', 'name = "x"\nwords = ["'), "name: remove this key; the file name is the name"),
        (('words = ["', 'words ["'), "not TOML"),
        (('"said"', "{ words = ['no'], clips_per_word = 1 }"), "kinds.noise.keywords: no is not among words"),
    ],
)
def test_a_bad_description_is_refused(tiny, change, message):
    with pytest.raises(ValueError, match=f"(?s)stream tiny.*{message}"):
        tiny(change)


def test_shipped_descriptions_are_valid():
    names = {path.stem: load_description(path.stem) for path in DESCRIPTIONS.glob("*.toml")}
    assert set(names) >= {"test", "small"} and load_description("nonesuch") is None
    mixed = ["noise", "rooms", "music", "words", "sentences", "running", "orders", "synthetic"]
    assert list(names["test"].kinds) == mixed


def test_recordings_are_found_by_folder_or_by_name(tiny, tmp_path):
    tiny()
    assert set(recorded_files("said/house").values()) == {"house"}
    assert set(recorded_files("said", ["yes"]).values()) == {"yes"}
    (tmp_path / "data" / "_flat_").mkdir()
    soundfile.write(tmp_path / "data" / "_flat_" / "tree_1.wav", np.zeros(RATE), RATE)
    soundfile.write(tmp_path / "data" / "_flat_" / "house_1.wav", np.zeros(RATE), RATE)
    assert set(recorded_files("_flat_").values()) == {"tree", "house"}
    assert set(recorded_files("_flat_", ["tree"]).values()) == {"tree"}
    with pytest.raises(ValueError, match="no recordings of nox"):
        recorded_files("said", ["nox"])
    with pytest.raises(ValueError, match="nowhere: not there"):
        recorded_files("nowhere")


@pytest.mark.parametrize("sample", [0, 1], ids=["zeros", "a constant"])
def test_a_recording_without_a_sound_is_no_word(sample):
    with pytest.raises(BadRecording, match="yes.wav: digital silence, no word in it"):
        clip_of("yes", "yes.wav", np.full(RATE, sample, np.int16))


def test_sentences_with_a_keyword_are_left_out_even_if_it_is_in_an_annotation(tiny, tmp_path):
    tiny()
    folder = tmp_path / "data" / "talk" / "sentences"
    folder.mkdir(parents=True)
    texts = [
        "{breath} well I +gonna know_ it [click]",
        "Yes, please",
        "[static/ yes there] is",
        "(( )) yesterday",
        "[[skip]]",
    ]
    for number in range(len(texts)):
        soundfile.write(folder / f"{number}.wav", np.ones(RATE) * 0.1, RATE)
    lines = [f"sentences/{number}.wav\t{text}" for number, text in enumerate(texts)]
    (folder.parent / "index.tsv").write_text("\n".join(["file\ttranscript", *lines]))
    clips = load_sentences(np.random.default_rng(0), "talk/sentences", ["yes"])
    assert sorted(clip.word for clip in clips) == ["well I gonna know it", "yesterday"]
    assert plain("a [x/] b [y/ c [/y]") == "a b [y/ c" and words_in_text("Don't_stop-") == ["don't", "stop"]
    (folder.parent / "index.tsv").write_text("\n".join(["file\ttranscript", "sentences/0.wav"]))
    with pytest.raises(
        ValueError, match="index.tsv:2: does not have as many columns as the first line, 2; separate them by tabs"
    ):
        load_sentences(np.random.default_rng(0), "talk/sentences", ["yes"])
    (folder.parent / "index.tsv").write_text("file\ttranscript\nsentences/../../said/yes/0.wav\twell")
    with pytest.raises(ValueError, match="index.tsv:2: file = .* is outside"):
        load_sentences(np.random.default_rng(0), "talk/sentences", ["yes"])
