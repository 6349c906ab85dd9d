"""Wake words: sessions never part, a keyword is whole in its clip, and other pieces contain no part of it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.frontend import CODE_ZERO_POINT, SAMPLE_RATE_HZ, mel_edges_hz
from tests.wake_corpus import END_S, SECONDS, SESSIONS, START_S, TONES_HZ, line_of, write_corpus, write_index
from train.corpora import load_corpus
from train.corpora.clips import RUNNING_SPEECH, TESTING, TRAINING, VALIDATION
from train.corpora.wake_index import WakeRecording, read_wake_index, session_split
from train.corpora.wake_words import FRAME_SAMPLES, clips_of, keyword_piece, other_pieces
from train.corpus_sections import WakeWordsSection
from train.recipe import load_recipe

RECIPE = load_recipe("wake-ssm-20k")
SECTION = WakeWordsSection(kind="wake_words")
TRAINING_SESSION = next(session for session in SESSIONS if session_split(session) == TRAINING)
FRAMES_A_SECOND = SAMPLE_RATE_HZ // FRAME_SAMPLES


@pytest.fixture
def folder(data):
    """The tiny corpus in a DATA of its own."""
    write_corpus(data / "wake_word_sentences")
    return data / "wake_word_sentences"


def index_with(folder, line):
    """The corpus's table with one line more, of a recording that is there."""
    old = (folder / "index.tsv").read_text().splitlines()[1:]
    (folder / "alone" / "00000_more.flac").write_bytes((folder / "alone" / "00000_operator.flac").read_bytes())
    write_index(folder, [*old, line])
    return len(old) + 2


def test_half_of_the_sessions_test_and_a_fifth_of_the_rest_validates():
    splits = [session_split(f"{number:05d}") for number in range(20_000)]
    shares = {split: splits.count(split) / len(splits) for split in (TESTING, VALIDATION, TRAINING)}
    assert shares == pytest.approx({TESTING: 0.5, VALIDATION: 0.1, TRAINING: 0.4}, abs=0.01)
    assert {session_split(session) for session in SESSIONS} == {TESTING, VALIDATION, TRAINING}


def test_the_corpus_is_wake_words_and_running_speech_by_session(folder):
    clips = load_corpus(SECTION, RECIPE)
    clips.require_whole()
    assert set(clips.word) == {"operator", "wildfire", RUNNING_SPEECH}
    assert set(clips.speaker) == {session for session in SESSIONS if session_split(session) != TESTING}
    for session in set(clips.speaker):
        mine = clips.select(clips.speaker == session)
        assert set(mine.split) == {session_split(session)}
        words, counts = np.unique(mine.word, return_counts=True)
        assert dict(zip(words, counts, strict=True)) == {"operator": 2, "wildfire": 2, RUNNING_SPEECH: 8}


def test_a_wake_word_is_a_clip_with_half_a_second_around_it(folder):
    clips, edges = load_corpus(SECTION, RECIPE), mel_edges_hz(RECIPE.front)
    for word, tone_hz in TONES_HZ.items():
        chosen = clips.select(clips.word == word)
        assert set(chosen.frames) == {160} and (chosen.span == [50, 111]).all()
        for clip in range(len(chosen)):
            loudest = chosen.codes_of(clip)[55:105].mean(0).argmax()
            assert edges[loudest] < tone_hz < edges[loudest + 2]


def test_the_rest_of_a_recording_is_running_speech_from_beginning_to_end(folder):
    clips = load_corpus(SECTION, RECIPE)
    rest = clips.select(clips.word == RUNNING_SPEECH)
    assert set(rest.frames) == {round(FRAMES_A_SECOND * length) for length in (START_S, SECONDS - END_S)}
    np.testing.assert_array_equal(rest.span, [[0, frames] for frames in rest.frames])


def test_a_testing_session_is_not_even_opened(folder):
    for session in SESSIONS:
        if session_split(session) == TESTING:
            for path in folder.glob(f"*/{session}_*"):
                path.write_bytes(b"no sound")
    assert len(load_corpus(SECTION, RECIPE))


def recording_of(start, end, keyword="operator"):
    """A WakeRecording whose keyword is marked at these samples."""
    times = start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ
    return WakeRecording(Path("a.flac"), TRAINING_SESSION, "", "", keyword, *times, keyword)


MARKED = dict(start=st.integers(0, 40_000), long=st.integers(2, 40_000), after=st.integers(0, 40_000))


@given(**MARKED)
@settings(max_examples=50)
def test_a_span_is_the_marked_time_to_a_frame(start, long, after):
    end = start + long
    recording, pcm = recording_of(start, end), np.zeros(max(480, end + after), np.int16)
    pcm[start:end] = np.resize([3000, -3000], long)
    first, piece = keyword_piece(recording, pcm)
    assert first == max(0, start - 8000) and len(piece) == min(len(pcm), end + 8000) - first
    np.testing.assert_array_equal(piece, pcm[first : first + len(piece)])
    (clip,) = [clip for clip in clips_of(recording, pcm, RECIPE) if clip.word == "operator"]
    begin, last = clip.span
    assert 0 <= begin < last <= len(clip.codes) == len(piece) // FRAME_SAMPLES
    assert abs(begin * FRAME_SAMPLES - (start - first)) < FRAME_SAMPLES or begin == len(clip.codes) - 1
    assert abs(last * FRAME_SAMPLES - (end - first)) <= FRAME_SAMPLES


@given(**MARKED)
def test_other_pieces_contain_no_part_of_a_keyword(start, long, after):
    recording, pcm = recording_of(start, start + long), np.zeros(start + long + after, np.int16)
    pcm[start : start + long] = 1
    pieces = other_pieces(recording, pcm)
    assert not any(piece.any() for piece in pieces)
    assert [len(piece) for piece in pieces] == [length for length in (start, after) if length >= 8000]


def test_running_speech_of_a_recording_has_no_sound_of_its_keyword():
    pcm = np.zeros(4 * SAMPLE_RATE_HZ, np.int16)
    pcm[20_000:30_000] = np.resize([3000, -3000], 10_000)
    rest = [clip for clip in clips_of(recording_of(20_000, 30_000), pcm, RECIPE) if clip.word == RUNNING_SPEECH]
    assert len(rest) == 2 and all((clip.codes == CODE_ZERO_POINT).all() for clip in rest)


def test_a_recording_without_a_marked_keyword_is_one_piece_of_running_speech():
    pcm = np.random.default_rng(0).integers(-999, 999, 40_000).astype(np.int16)
    (clip,) = clips_of(recording_of(0, 0, "wildfire"), pcm, RECIPE)
    assert (clip.word, clip.span, clip.split, clip.speaker) == (RUNNING_SPEECH, (0, 250), TRAINING, TRAINING_SESSION)


def test_a_keyword_marked_after_the_end_of_its_recording_is_named(folder):
    line = line_of(TRAINING_SESSION, "alone", "operator", 3.8, 4.2)
    index_with(folder, line.replace(f"{TRAINING_SESSION}_operator", "00000_more"))
    with pytest.raises(ValueError, match="00000_more.flac: operator ends at 4.2 s, after the end of the recording"):
        load_corpus(SECTION, RECIPE)


def test_a_keyword_that_is_digital_silence_is_named(folder):
    path = folder / "alone" / f"{TRAINING_SESSION}_operator.flac"
    wave, rate_hz = soundfile.read(path)
    wave[round(START_S * rate_hz) - 100 : round(END_S * rate_hz) + 100] = 0
    soundfile.write(path, wave, rate_hz)
    with pytest.raises(ValueError, match=f"{path}: digital silence at 1.2 s, where operator is marked"):
        load_corpus(SECTION, RECIPE)


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


def test_the_corpus_itself_can_be_read(corpus):
    recordings = read_wake_index(corpus("wake_word_sentences"))
    sessions = [session_split(session) for session in {recording.session for recording in recordings}]
    assert len(recordings) == 1025 and [sessions.count(split) for split in (TESTING, VALIDATION, TRAINING)] == [
        58,
        9,
        36,
    ]
