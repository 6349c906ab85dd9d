"""Wake words: sessions never part, a keyword is whole in its clip and in no other, and what is share-alike stays apart."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from calibration.records import DetRow, Negatives, WordFigures
from calibration.streams.build import build
from calibration.streams.description import load_description, parse_description
from calibration.streams.events import read_stream
from calibration.streams.misses import misses_table, place_at
from export.licences import licence_text, share_alike
from export.ship import folder_for, ship
from firmware.frontend import CLIP_SAMPLES, SAMPLE_RATE_HZ
from firmware.paths import ROOT
from tests.records import stream_figures
from tests.wake_corpus import END_S, SESSIONS, START_S, line_of, write_corpus, write_index
from train.corpora import load_corpus
from train.corpora.clips import TESTING, TRAINING, VALIDATION
from train.corpora.sentences import RUNNING_SPEECH
from train.corpora.wake_index import read_wake_index, session_split
from train.corpora.wake_words import keyword_start, other_clips, second_at
from train.recipe import WakeWordsSection, load_recipe

RECIPE = load_recipe("wake-ssm-20k")
SECTION = WakeWordsSection(kind="wake_words", cuts=5)
WORD = slice(round(START_S * SAMPLE_RATE_HZ), round(END_S * SAMPLE_RATE_HZ))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The tiny corpus in a DATA of its own, and a BUILD that keeps nothing from other tests."""
    monkeypatch.setenv("DATA", str(tmp_path))
    monkeypatch.setenv("BUILD", str(tmp_path / "build"))
    write_corpus(tmp_path / "wake_word_sentences")
    return tmp_path / "wake_word_sentences"


def index_with(folder, line):
    """The corpus's table with one line more, of a recording that is there."""
    old = (folder / "index.tsv").read_text().splitlines()[1:]
    (folder / "alone" / "00000_more.flac").write_bytes((folder / "alone" / "00000_operator.flac").read_bytes())
    write_index(folder, [*old, line])
    return len(old) + 2


def test_a_keyword_that_is_digital_silence_is_named(folder):
    session = next(session for session in SESSIONS if session_split(session) == TRAINING)
    path = folder / "alone" / f"{session}_operator.flac"
    wave, rate_hz = soundfile.read(path)
    wave[round(START_S * rate_hz) - 100 : round(END_S * rate_hz) + 100] = 0
    soundfile.write(path, wave, rate_hz)
    with pytest.raises(ValueError, match=f"{path}: digital silence at 1.2 s, where operator is marked"):
        load_corpus(SECTION, RECIPE)


def test_half_of_the_sessions_test_and_a_fifth_of_the_rest_validates():
    splits = [session_split(f"{number:05d}") for number in range(20_000)]
    shares = {split: splits.count(split) / len(splits) for split in (TESTING, VALIDATION, TRAINING)}
    assert shares == pytest.approx({TESTING: 0.5, VALIDATION: 0.1, TRAINING: 0.4}, abs=0.01)
    assert {session_split(session) for session in SESSIONS} == {TESTING, VALIDATION, TRAINING}


def test_the_corpus_is_keywords_and_everything_else_by_session(folder):
    clips = load_corpus(SECTION, RECIPE)
    assert set(clips.word) == {"operator", "wildfire", RUNNING_SPEECH}
    for session in SESSIONS:
        assert set(clips.split[clips.speaker == session]) <= {session_split(session)} - {TESTING}
        if session_split(session) != TESTING:
            assert ((clips.speaker == session) & (clips.word == "operator")).sum() == 2 * SECTION.cuts
    hertz = np.linspace(0, 1, clips.codes.shape[2])
    tone = {
        word: np.median([hertz[clip.max(0).argmax()] for clip in clips.codes[clips.word == word]])
        for word in ("operator", "wildfire")
    }
    assert tone["operator"] < tone["wildfire"]


def test_a_testing_session_is_not_even_opened(folder):
    for session in SESSIONS:
        if session_split(session) == TESTING:
            for path in folder.glob(f"*/{session}_*"):
                path.write_bytes(b"no sound")
    assert len(load_corpus(SECTION, RECIPE))


@given(
    start=st.integers(0, 60_000),
    long=st.integers(1, CLIP_SAMPLES),
    after=st.integers(0, 60_000),
    seed=st.integers(0, 9),
)
def test_a_keyword_is_whole_and_ends_in_the_last_60_percent(start, long, after, seed):
    samples = start + long + after
    first = keyword_start(np.random.default_rng(seed), start, start + long, samples)
    assert first <= start and 0.4 * CLIP_SAMPLES <= start + long - first <= CLIP_SAMPLES
    if samples >= CLIP_SAMPLES and start + long >= CLIP_SAMPLES and after >= CLIP_SAMPLES:
        assert 0 <= first <= samples - CLIP_SAMPLES


def test_a_keywords_end_is_anywhere_in_the_last_60_percent():
    random = np.random.default_rng(0)
    ends = [60_000 - keyword_start(random, 56_000, 60_000, 200_000) for _ in range(500)]
    assert min(ends) < 0.42 * CLIP_SAMPLES and max(ends) > 0.98 * CLIP_SAMPLES


def test_a_second_over_an_edge_of_the_recording_is_filled_with_zeros():
    pcm = np.arange(1, 20_001, dtype=np.int16)
    for start in (-15_999, -100, 0, 2_000, 10_000, 30_000):
        whole = np.concatenate([np.zeros(40_000), pcm, np.zeros(40_000)])[40_000 + start :][:CLIP_SAMPLES]
        np.testing.assert_array_equal(second_at(pcm, start), whole)


def test_no_other_clip_holds_any_part_of_a_keyword(folder):
    recording = next(one for one in read_wake_index(folder) if one.keyword == "operator")
    pcm = np.zeros(4 * SAMPLE_RATE_HZ, np.int16)
    pcm[WORD] = 1000
    clips = other_clips(recording, pcm, ["operator"])
    assert len(clips) == 4 and not any(clip.any() for _, clip in clips)
    named = other_clips(recording, pcm, ["wildfire"])
    assert len(named) == 7 and [word for word, clip in named if (clip == 1000).sum() == WORD.stop - WORD.start] == [
        "operator"
    ]
    assert [word for word, _ in named].count(RUNNING_SPEECH) == 6


TRAINING_SESSION = next(session for session in SESSIONS if session_split(session) == TRAINING)


@pytest.mark.parametrize(
    "about",
    [
        dict(start_s=0, end_s=0),
        dict(transcript="Operator, get me the operator"),
        dict(transcript="-perator [static]"),
        dict(transcript="nobody says it"),
    ],
)
def test_a_keyword_that_is_not_marked_or_broken_off_or_said_twice_is_left_out(folder, about, capsys):
    without = load_corpus(SECTION, RECIPE)
    line = line_of(TRAINING_SESSION, "alone", "operator", **about)
    index_with(folder, line.replace(f"{TRAINING_SESSION}_operator", "00000_more"))
    assert load_corpus(SECTION, RECIPE).sha256() == without.sha256()
    assert ": 1 of " in capsys.readouterr().err


def test_a_keyword_in_another_words_sentence_is_no_unknown_clip(folder):
    line = line_of(TRAINING_SESSION, "sentences", "wildfire", transcript="hello operatorcould you [Wildfire]")
    without = load_corpus(SECTION, RECIPE)
    index_with(folder, line.replace(f"sentences/{TRAINING_SESSION}_wildfire", "alone/00000_more"))
    assert load_corpus(SECTION, RECIPE).sha256() == without.sha256()


@pytest.mark.parametrize(
    "change, message",
    [
        (("1.2\t1.8", "1.2\tlate"), "end_s = 'late' is not a number"),
        (("1.2\t1.8", "nan\t1.8"), "start_s = 'nan' is not a time"),
        (("1.2\t1.8", "1.8\t1.2"), "operator ends at 1.2 s, not after its start at 1.8 s"),
        (("1.2\t1.8", "0\t0\t0"), "does not have as many columns"),
        (("alone/00000_more", "alone/none"), "file = 'alone/none.flac': no such recording"),
        (("alone/00000_more", "../alone/00000_more"), "file = '../alone/00000_more.flac' is outside the folder"),
        (("alone/00000_more", "alone/00000_operator"), "file = .* is in line 2 already"),
        (("\t00000\t", "\t\t"), "session is empty"),
    ],
)
def test_a_bad_row_is_named_with_its_line(folder, change, message):
    line = line_of("00000", "alone", "operator").replace("00000_operator", "00000_more").replace(*change)
    number = index_with(folder, line)
    with pytest.raises(ValueError, match=f"index.tsv:{number}: {message}"):
        load_corpus(SECTION, RECIPE)


def test_a_table_that_is_not_there_or_lacks_a_column_is_named(folder):
    (folder / "index.tsv").write_text("file\tsession\n")
    with pytest.raises(ValueError, match="index.tsv:1: lacks the columns gender, dialect, keyword"):
        load_corpus(SECTION, RECIPE)
    (folder / "index.tsv").unlink()
    with pytest.raises(ValueError, match="index.tsv: does not exist; corpus wake_words needs this table"):
        load_corpus(SECTION, RECIPE)


# --- the stream of testing sessions


STREAM = 'words = ["operator"]\n[sessions.alone]\nfolder = "wake_word_sentences/alone"\n'


def test_a_stream_of_sessions_is_the_testing_recordings_with_their_times(folder):
    stream = build(parse_description(STREAM, "calls"))
    ((path, events),) = read_stream(stream)["alone"]
    testing = [session for session in SESSIONS if session_split(session) == TESTING]
    pcm, rate_hz = soundfile.read(path)
    assert rate_hz == SAMPLE_RATE_HZ and len(pcm) == 2 * len(testing) * 4 * SAMPLE_RATE_HZ
    assert sorted(event.word for event in events) == sorted(["operator", "wildfire"] * len(testing))
    assert [event.event == "keyword" for event in events] == [event.word == "operator" for event in events]
    loud = np.abs(pcm) > 0.05
    for event in events:
        start, end = (round(time * SAMPLE_RATE_HZ / 1000) for time in (event.start_ms, event.end_ms))
        assert loud[start:end].mean() > 0.8 and not loud[start - 8000 : start - 80].any()
        assert not loud[end + 80 : end + 8000].any()
    females = sum(int(session) % 2 for session in testing)
    assert [event.about["gender"] for event in events].count("female") == 2 * females
    assert {event.about["dialect"] for event in events} == {"native"}


def test_a_stream_of_sessions_is_made_again_where_the_table_changed(folder):
    first = build(parse_description(STREAM, "calls"))
    before = (first / "events.tsv").read_bytes()
    testing = next(session for session in SESSIONS if session_split(session) == TESTING)
    old = (folder / "index.tsv").read_text()
    (folder / "index.tsv").write_text(
        old.replace(line_of(testing, "alone", "operator"), line_of(testing, "alone", "operator", 0, 0))
    )
    again = build(parse_description(STREAM, "calls"))
    assert (again / "events.tsv").read_bytes().count(b"operator\tkeyword") == before.count(b"operator\tkeyword") - 1


def test_a_description_without_a_kind_or_with_one_twice_is_refused():
    with pytest.raises(ValueError, match="kinds: required: at least one"):
        parse_description('words = ["a"]', "none")
    mixed = "[kinds.alone]\nhours = 1\nbed = { recordings = 1 }\nbed_db = [-50, -50]\n"
    with pytest.raises(ValueError, match="sessions.alone has the same name"):
        parse_description(STREAM + mixed, "twice")


def test_the_shipped_stream_asks_for_the_recipes_words():
    description = load_description("wake")
    assert description.words == RECIPE.keywords and set(description.sessions) == {"alone", "sentences"}


# --- misses at few false accepts


def det(*false_accepts):
    """Rows of one word at rising thresholds, of which each misses one more of five."""
    rows = []
    for place, count in enumerate(false_accepts):
        counts = {"misses": place, "keywords": 5, "false_accepts": count}
        words = {"yes": WordFigures(threshold=place / 10, **counts)}
        rows.append(DetRow(log_odds=float(place), words=words, fa_per_hour=float(count), **counts))
    return tuple(rows)


def test_the_threshold_is_the_lowest_from_which_on_there_are_few_enough():
    assert place_at(det(9, 4, 1, 0), "yes", hours=1, rate=4) == 1
    assert place_at(det(9, 4, 5, 0), "yes", hours=1, rate=4) == 3  # it rose above the rate once more
    assert place_at(det(0, 0), "yes", hours=1, rate=1) == 0
    assert place_at(det(9, 4, 1), "yes", hours=0.5, rate=1) is None  # half an hour holds no fraction of an accept


def test_misses_are_told_by_word_and_by_kind_and_never_pooled():
    negatives = {kind: Negatives(hours=hours, recorded_hours=hours) for kind, hours in (("a", 1.0), ("b", 0.5))}
    measured = stream_figures({"a": det(9, 1, 0), "b": det(0, 0, 0)}, [], negatives=negatives)
    table = [line.split(" | ") for line in misses_table(measured).splitlines()]
    assert [row[1:4] for row in table[3:]] == [
        [kind, hours, rate] for kind, hours in (("a", "1.00"), ("b", "0.50")) for rate in ("1", "4", "10")
    ]
    assert table[3][4:6] == ["0.1000", "1: 1.00 (0.03 to 5.57)"] and table[3][6].startswith("1 of 5, 20.0% (")
    assert table[6][5] == "0: 0.00 (0.00 to 7.38)" and table[6][6].startswith("0 of 5")


# --- what is share-alike


def test_a_model_of_share_alike_recordings_does_not_go_into_the_tree(tmp_path):
    with pytest.raises(ValueError, match="share-alike .*CC BY-SA 4.0.* INTO=folder"):
        ship(RECIPE.name)
    with pytest.raises(ValueError, match="must stay outside of"):
        ship(RECIPE.name, ROOT / "docs")
    assert folder_for(RECIPE, tmp_path) == tmp_path / RECIPE.name
    assert folder_for(load_recipe("hello"), None).is_relative_to(ROOT)


def test_what_a_share_alike_teacher_taught_is_share_alike():
    assert share_alike(RECIPE) == "CC BY-SA 4.0" and share_alike(load_recipe("commands-6k")) is None
    taught = load_recipe("hello").model_copy(update={"teacher": type("Taught", (), {"recipe": RECIPE.name})})
    assert share_alike(taught) == "CC BY-SA 4.0"
    assert "CC BY-SA 4.0" in licence_text(taught) and "MIT" not in licence_text(taught)
    assert licence_text(load_recipe("hello")).startswith("Licence: MIT")


def test_the_corpus_itself_can_be_read(corpus):
    recordings = read_wake_index(corpus("wake_word_sentences"))
    sessions = [session_split(session) for session in {recording.session for recording in recordings}]
    assert len(recordings) == 1025 and [sessions.count(split) for split in (TESTING, VALIDATION, TRAINING)] == [
        58,
        9,
        36,
    ]
