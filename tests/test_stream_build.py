"""Streams are as their table says: times, levels, gaps, equal bytes when built again; wrong inputs are refused."""

import re

import numpy as np
import pytest
import soundfile
from scipy.signal import correlate

import calibration.streams.build as build_module
from calibration.streams.background_mix import FADE_SAMPLES, lay_bed
from calibration.streams.build import build, digest_of, in_turns, with_sentences
from calibration.streams.description import DESCRIPTIONS, load_description, parse_description
from calibration.streams.events import KEYWORD, OTHER, SENTENCE, read_events, read_stream, write_events
from calibration.streams.placement import AFTER_KEYWORD_SAMPLES, Item, mix, place
from calibration.streams.rooms import Room, response
from calibration.streams.running_speech import load_sentences, plain, read_index
from calibration.streams.words import Clip, recorded_files, spoken_part
from firmware.words import words_in_text
from train.corpora.flite import Flite
from train.corpora.wake_index import read_wake_index

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


def burst(random, start, end, level):
    """A clip of one second, int16: noise from start to end on a floor of a few steps."""
    clip = random.normal(0, 2, RATE)
    clip[start:end] += random.normal(0, level, end - start)
    return np.clip(np.rint(clip), -32768, 32767).astype(np.int16)


def clip_at(random, start, end, word="yes", level=3000):
    return Clip(word, "made", burst(random, start, end, level), start, end)


def kind(change=("", "")):
    text = 'words = ["yes"]\n[kinds.k]\nhours = 1\nbed = { recordings = 1 }\nbed_db = [-50, -50]\nword_db = [-90, 0]\n'
    return parse_description(text.replace(*change), "k").kinds["k"]


def test_the_spoken_part_includes_pauses_and_excludes_a_distant_click():
    random = np.random.default_rng(0)
    pcm = burst(random, 4800, 8000, 5000)
    assert spoken_part(pcm) == (4800, 8000)
    pcm[10080:10720] = 4000  # 0.13 s later: the release of a stop
    assert spoken_part(pcm) == (4800, 10880)
    pcm[15000:15040] = 32767  # its frame is louder than any of the word
    assert spoken_part(pcm) == (4800, 10880)


def test_every_time_stamp_is_exact():
    """The clip is at the time in the table, to the sample."""
    random = np.random.default_rng(1)
    clips = [clip_at(random, 3200, 9600) for _ in range(6)]
    bed = random.normal(0, 30, 60 * RATE)
    pcm, rows = mix(random, kind(), [Item(KEYWORD, clip) for clip in clips], bed)
    for row, clip in zip(rows, clips, strict=True):
        start, end = (float(row[name]) * RATE / 1000 for name in ("start_ms", "end_ms"))
        assert start == int(start) and end - start == 6400
        around = pcm[int(start) - 1000 : int(start) + 7400].astype(float)
        match = correlate(around, clip.pcm[clip.start : clip.end].astype(float), "valid")
        assert match.argmax() == 1000


def test_the_snr_is_what_the_table_says():
    random = np.random.default_rng(2)
    items = [Item(KEYWORD, clip_at(random, 3200, 9600)) for _ in range(10)]
    bed = random.normal(0, 100, 60 * RATE)
    before = bed.copy()
    pcm, rows = mix(random, kind(), items, bed)
    for row in rows:
        spoken = slice(*(round(float(row[name]) * RATE / 1000) for name in ("start_ms", "end_ms")))
        added = pcm[spoken] - before[spoken]
        measured = 10 * np.log10(np.square(added).mean() / np.square(before[spoken]).mean())
        assert measured == pytest.approx(float(row["snr_db"]), abs=0.5)
        assert -0.1 <= float(row["snr_db"]) <= 20.1


def test_a_word_is_limited_to_its_range_and_the_resulting_snr_is_written():
    random = np.random.default_rng(3)
    bed = random.normal(0, 1, 20 * RATE)
    wanted = kind(("word_db = [-90, 0]", "word_db = [-40, -30]"))
    pcm, (row,) = mix(random, wanted, [Item(KEYWORD, clip_at(random, 3200, 9600))], bed)
    assert float(row["snr_db"]) == pytest.approx(20 * np.log10(32768) - 40, abs=0.2)
    loud = random.normal(0, 3000, 20 * RATE)
    pcm, (row,) = mix(
        random, kind(("hours = 1", "hours = 1\nsnr_db = [20, 20]")), [Item(KEYWORD, clip_at(random, 3200, 9600))], loud
    )
    assert float(row["snr_db"]) < 15 and np.abs(pcm.astype(int)).max() <= 32767


def test_events_keep_their_distance_and_a_keyword_has_time_after_it():
    random = np.random.default_rng(4)
    items = [
        Item(KEYWORD if random.random() < 0.4 else OTHER, clip_at(random, 100 * a, 16000 - 100 * b))
        for a, b in random.integers(0, 60, (40, 2))
    ]
    starts = place(random, items, 120 * RATE)
    for item, start, after, later in zip(items[:-1], starts[:-1], items[1:], starts[1:], strict=True):
        assert later >= start + len(item.clip.pcm)
        if item.event == KEYWORD:
            assert later + after.clip.start >= start + item.clip.end + AFTER_KEYWORD_SAMPLES
    assert starts != place(random, items, 120 * RATE)
    with pytest.raises(
        ValueError, match="40 words need .* s, but the recording has 30 s: ask for fewer words a minute"
    ):
        place(random, items, 30 * RATE)


def test_sentences_are_placed_between_words_and_the_last_word_is_kept():
    random = np.random.default_rng(5)
    words = [Item(KEYWORD, clip_at(random, 3200, 9600)) for _ in range(7)]
    sentences = [Clip(f"said {n}", "made", np.ones(5 * RATE, np.int16), 0, 5 * RATE) for n in range(30)]
    items = with_sentences(words, sentences, 60 * RATE)
    said = [item for item in items if item.event == SENTENCE]
    assert [item for item in items if item.event == KEYWORD] == words
    assert len(said) + len(sentences) == 30 and len(said) >= 5
    place(random, items, 60 * RATE)


def test_recordings_are_used_equally_often():
    items = in_turns(np.random.default_rng(0), list("abcde"), OTHER, 13)
    used = [sum(item.clip == clip for item in items) for clip in "abcde"]
    assert sorted(used) == [2, 2, 3, 3, 3]
    assert in_turns(np.random.default_rng(0), list("abcde"), OTHER, 0) == []


def test_a_room_has_its_direct_sound_first_and_the_stated_ratio_and_decay():
    echo = response(np.random.default_rng(0), Room(400, 6.0))
    assert echo[0] == 1 and len(echo) == 6400
    assert 10 * np.log10(1 / np.square(echo[1:]).sum()) == pytest.approx(6.0, abs=0.01)
    early, late = np.square(echo[1:1600]).sum(), np.square(echo[3200:4800]).sum()
    assert 10 * np.log10(early / late) == pytest.approx(30, abs=1.5)


def test_a_bed_has_its_level_and_no_gap():
    random = np.random.default_rng(0)
    recordings = [random.normal(size=15 * RATE), random.normal(size=5 * RATE)]
    bed = lay_bed(random, recordings, 60 * RATE, (-40, -40))
    level_db = 10 * np.log10(np.square(bed.reshape(-1, RATE // 4)).mean(axis=1)) - 20 * np.log10(32768)
    assert len(bed) == 60 * RATE and np.abs(level_db[4:-4] + 40).max() < 1 and FADE_SAMPLES == RATE


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
        ("bed = { recordings = 1 }\nsentences = 'nowhere'", "nowhere/index.tsv: not there"),
        ("bed = { recordings = 1 }\nothers = 'nowhere'\nothers_per_minute = 1", "nowhere: not there"),
        ("bed = { recordings = 1 }\nkeywords = 'said/house'\nkeywords_per_minute = 1", "no recordings of yes"),
        (
            "bed = { recordings = 1 }\nothers = { words = ['...'], clips_per_word = 1 }\nothers_per_minute = 1",
            "'...': an English voice cannot speak this",
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
        (('"said"', '"../said"'), "kinds.noise.keywords: .*'../said' is not a folder in DATA"),
        (('"said"', '"/said"'), "kinds.noise.keywords: .*'/said' is not a folder in DATA"),
        (('words = ["', 'name = "x"\nwords = ["'), "name: remove this key; the file name is the name"),
        (('words = ["', 'words ["'), "not TOML"),
    ],
)
def test_a_bad_description_is_refused(tiny, change, message):
    with pytest.raises(ValueError, match=f"(?s)stream tiny.*{message}"):
        tiny(change)


def test_shipped_descriptions_are_valid():
    names = {path.stem: load_description(path.stem) for path in DESCRIPTIONS.glob("*.toml")}
    assert set(names) >= {"test", "small"} and load_description("nonesuch") is None
    assert list(names["test"].kinds) == ["noise", "rooms", "words", "sentences", "synthetic"]


def test_recordings_are_found_by_folder_or_by_name(tiny, tmp_path):
    tiny()
    assert set(recorded_files("said/house").values()) == {"house"}
    assert set(recorded_files("said", ["yes"]).values()) == {"yes"}
    (tmp_path / "data" / "_flat_").mkdir()
    soundfile.write(tmp_path / "data" / "_flat_" / "tree_1.wav", np.zeros(RATE), RATE)
    assert list(recorded_files("_flat_").values()) == ["tree"]
    with pytest.raises(ValueError, match="no recordings of nox"):
        recorded_files("said", ["nox"])
    with pytest.raises(ValueError, match="nowhere: not there"):
        recorded_files("nowhere")


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


ROW = {"path": "a/1.wav", "start_ms": 1000, "end_ms": 2000.5, "word": "yes", "event": "keyword"}
LENGTHS = {"a/1.wav": 3_600_000.0, "a/2.wav": None}


def test_a_table_of_events_is_read_as_it_was_written(tmp_path):
    sentence = {**ROW, "start_ms": 1, "end_ms": 90_000, "word": 'Don\'t "go"\\ now', "event": "sentence"}
    write_events(tmp_path / "events.tsv", [ROW, sentence])
    events = read_events(tmp_path / "events.tsv", LENGTHS)
    assert [(event.start_ms, event.word) for event in events["a/1.wav"]] == [(1, sentence["word"]), (1000, "yes")]
    assert events["a/2.wav"] == [] and read_events(tmp_path / "none.tsv", {"x": None}) == {"x": []}


@pytest.mark.parametrize(
    "line, message",
    [
        ("b/1.wav\t100\t200\tyes\tf", "path = 'b/1.wav': no such recording in the stream"),
        ("a/1.wav\tone\t2\tyes\tf", "start_ms = 'one' is not a number"),
        ("a/1.wav\t1,5\t2\tyes\tf", "start_ms = '1,5' is not a number; write a point instead of the comma"),
        ("a/1.wav\tnan\t2\tyes\tf", "start_ms = 'nan' is not a time"),
        ("a/1.wav\t3\t2\tyes\tf", "end_ms 2.0 is not after start_ms 3.0"),
        ("a/1.wav\t100\t200\t \tf", "word is empty"),
        ("a/1.wav\t100\t200", "does not have as many columns"),
        ("a/1.wav 100 200 yes f", "does not have as many columns as the first line, 5; separate them by tabs"),
        ("a/1.wav\t1000\t1500\tYES\tf", "duplicates line 2"),
        ("a/1.wav\t1400\t1900\tyes\tf", "yes at 1400.0 ms overlaps line 2"),
        ("a/1.wav\t20000\t31000\tyes\tf", "yes lasts 11.0 s, too long for a word"),
        ("a/1.wav\t3599900\t3600100\tyes\tf", "yes ends at 3600100.0 ms, after the end of a/1.wav at 3600000 ms"),
    ],
)
def test_a_bad_row_is_refused_with_the_number_of_its_line(tmp_path, line, message):
    header = "path\tstart_ms\tend_ms\tword\tgender\na/1.wav\t1000\t1500\tyes\tf\n"
    (tmp_path / "events.tsv").write_text(f"{header}{line}\n")
    with pytest.raises(ValueError, match=f"events.tsv:3: {message}"):
        read_events(tmp_path / "events.tsv", LENGTHS)


def test_an_event_is_a_keyword_another_word_or_a_sentence(tmp_path):
    header, row = "path\tstart_ms\tend_ms\tword\tevent\n", "a/1.wav\t1000\t1500\tyes\t"
    (tmp_path / "events.tsv").write_text(f"{header}{row}Keyword\na/2.wav\t1000\t9500\tsay yes\tSENTENCE\n")
    assert [event.event for events in read_events(tmp_path / "events.tsv", LENGTHS).values() for event in events] == [
        "keyword",
        "sentence",
    ]
    (tmp_path / "events.tsv").write_text(f"{header}{row}wake\n")
    with pytest.raises(ValueError, match="events.tsv:2: event = 'wake' must be keyword, other, sentence or empty"):
        read_events(tmp_path / "events.tsv", LENGTHS)


@pytest.mark.parametrize(
    "name, content, told",
    [
        ("Events.TSV", "x", r"is not there \(Events.TSV is not read\)"),
        ("events.tsv", "path\tstart_ms\tend_ms\tword\n", "has no rows"),
    ],
)
def test_a_stream_without_events_gets_a_warning(tmp_path, capsys, name, content, told):
    (tmp_path / name).write_text(content)
    (tmp_path / "talk").mkdir()
    soundfile.write(tmp_path / "talk" / "one.wav", np.ones(16_000, np.int16), 16_000)
    assert read_stream(tmp_path) == {"talk": [(tmp_path / "talk" / "one.wav", [])]}
    assert re.search(f"events.tsv {told}: every detection will count as a false accept", capsys.readouterr().err)


def test_a_word_may_follow_itself_or_overlap_another(tmp_path):
    table = "path\tstart_ms\tend_ms\tword\na/1.wav\t1000\t1500\tyes\na/1.wav\t1500\t1600\tyes\n"
    (tmp_path / "events.tsv").write_text(table + "a/1.wav\t1400\t1600\tno\na/2.wav\t1000\t1500\tyes\n")
    assert [len(events) for events in read_events(tmp_path / "events.tsv", LENGTHS).values()] == [3, 1]


@pytest.mark.parametrize(
    "times_a_ms, message",
    [
        (0.001, "3 of 3 events are shorter than 20 ms: .* multiply seconds by 1000"),
        (16, "3 of 3 events are too long or end after .* samples by 16"),
    ],
)
def test_times_that_are_not_milliseconds_give_one_line(tmp_path, times_a_ms, message):
    starts = (1_000_000, 2_000_000, 3_000_000)
    rows = [{**ROW, "start_ms": at * times_a_ms, "end_ms": (at + 700) * times_a_ms} for at in starts]
    write_events(tmp_path / "events.tsv", rows)
    with pytest.raises(ValueError, match=rf"^\S*events.tsv: {message}[^\n]*$"):
        read_events(tmp_path / "events.tsv", LENGTHS)


def test_events_that_are_all_at_the_start_of_an_hour_get_a_warning(tmp_path, capsys):
    write_events(tmp_path / "events.tsv", [{**ROW, "start_ms": at, "end_ms": at + 40} for at in (1000, 2000, 3000)])
    assert len(read_events(tmp_path / "events.tsv", LENGTHS)["a/1.wav"]) == 3
    assert (
        "all 3 events of a/1.wav are in the first 3.0 s of 60 min: are the times milliseconds"
        in capsys.readouterr().err
    )


TABLE = 'Path\tSTART_MS\tend_ms\tWord\na\\1.wav\t1000\t1500\t"hey, ""Jarvis"""\n\na/2.wav\t1000\t1500\tHey-Jarvis\t\t\n'


@pytest.mark.parametrize("change", [("", ""), ("\n", "\r\n"), ("\n", "\r"), ("Path", "\ufeffPath")])
def test_changes_by_spreadsheets_are_undone(tmp_path, change):
    (tmp_path / "events.tsv").write_bytes(TABLE.replace(*change).encode())
    events = read_events(tmp_path / "events.tsv", LENGTHS)
    assert [event.word for spoken in events.values() for event in spoken] == ['hey,_"jarvis"', "hey_jarvis"]


@pytest.mark.parametrize(
    "content, message",
    [
        (TABLE.encode("utf-16"), "1: UTF-16, not UTF-8"),
        (TABLE.encode("utf-16-le"), "1: contains a zero byte, so it is not text, or UTF-16"),
        (TABLE.replace("Jarvis", "Jürgen").encode("latin-1"), r"2: byte 0xfc is not UTF-8 \(Latin-1\?\)"),
        (TABLE.replace("\t", ";").encode(), r"1: lacks the columns path.* \(separated by tabs, not by semicolons\)"),
        (TABLE.replace("\t", "  ").encode(), r"1: lacks the columns path.* \(separated by tabs, not by spaces\)"),
        (b"path\tstart_ms\tpath\tend_ms\tword\n", "1: has the column path twice"),
        (b"path\tstart_ms\n", "1: lacks the columns end_ms, word"),
        (b"", "1: lacks the columns path"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line_with_its_place(tmp_path, content, message):
    path = tmp_path / "events.tsv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^{path}:{message}[^\n]*$"):
        read_events(path, LENGTHS)


@pytest.mark.parametrize(
    "read", [read_index, lambda path: read_wake_index(path.parent)], ids=["sentences", "wake words"]
)
def test_every_table_is_read_by_the_same_rules(tmp_path, read):
    (tmp_path / "index.tsv").write_bytes("file\ttranscript\na.wav\tgrüß\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"index.tsv:2: byte 0xfc is not UTF-8 \(Latin-1\?\): save it as UTF-8 text$"):
        read(tmp_path / "index.tsv")


def test_a_folder_without_recordings_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no recordings; put them into"):
        read_stream(tmp_path)
