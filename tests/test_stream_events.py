"""The table of events of a stream and its folder are read as they were written; wrong ones are refused."""

import re

import numpy as np
import pytest
import soundfile

from calibration.streams.events import read_events, read_stream, write_events
from calibration.streams.running_speech import read_index

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
        ("a/1.wav\t1_0\t2\tyes\tf", "start_ms = '1_0' is not a number"),
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


def test_the_word_of_a_sentence_may_be_unknown_but_no_other(tmp_path):
    sentence = {**ROW, "word": "", "event": "sentence"}
    write_events(tmp_path / "events.tsv", [sentence])
    assert [event.word for event in read_events(tmp_path / "events.tsv", LENGTHS)["a/1.wav"]] == [""]
    write_events(tmp_path / "events.tsv", [ROW, {**sentence, "event": "other"}])
    with pytest.raises(ValueError, match="events.tsv:3: word is empty$"):
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


def test_the_first_of_many_bad_rows_are_told(tmp_path):
    (tmp_path / "events.tsv").write_text(TABLE.splitlines()[0] + "\nshort" * 1000)
    with pytest.raises(ValueError) as refused:
        read_events(tmp_path / "events.tsv", LENGTHS)
    assert len(str(refused.value).splitlines()) == 21 and str(refused.value).endswith("\nand 980 more")


def test_every_table_is_read_by_the_same_rules(tmp_path):
    (tmp_path / "index.tsv").write_bytes("file\ttranscript\na.wav\tgrüß\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"index.tsv:2: byte 0xfc is not UTF-8 \(Latin-1\?\): save it as UTF-8 text$"):
        read_index(tmp_path / "index.tsv")


def test_a_folder_without_recordings_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no recordings; put them into"):
        read_stream(tmp_path)
