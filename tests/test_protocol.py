"""Commands: whatever comes in on the serial port is a command or a refusal, and nothing else happens."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.application_c import load_with_model

PLAIN = ("help", "model", "selftest", "microphone", "stats", "reset")
KINDS = ("", *PLAIN, "point", "capture", "threshold")
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
MODES, POINTS = ("off", "margin", "on"), ("balanced", "strict")


@pytest.fixture(scope="module")
def protocol(exported, tmp_path_factory):
    *_, folder = exported(units=5)
    return load_with_model(["protocol.c"], ["protocol.h"], folder, tmp_path_factory.mktemp("protocol"))


def answers(protocol, data):
    """What bytes give, line by line: a command's (kind, which, threshold), or the sentence that refuses it."""
    ffi, library = protocol
    guarded = ffi.new("struct { struct input input; uint8_t guard[64]; } *")
    ffi.buffer(guarded.guard)[:] = b"\xa5" * 64
    command, found = ffi.new("struct command *"), []
    for byte in data:
        if library.input_byte(ffi.addressof(guarded.input), byte):
            refusal = library.input_parse(ffi.addressof(guarded.input), command)
            library.input_begin(ffi.addressof(guarded.input))
            found.append(ffi.string(refusal).decode() if refusal else (command.kind, command.which, command.threshold))
    assert ffi.buffer(guarded.guard)[:] == b"\xa5" * 64
    return found


def wanted(line, words):
    """The same told by regular expressions and exact fractions; None where the line is to be refused."""
    if len(line) > 80 or re.search(rb"[\x00-\x1f\x7f]", line):
        return None
    said = [word for word in line.decode("latin-1").split(" ") if word]
    if not said:
        return 0, 0, 0
    if said[0] in PLAIN and len(said) == 1:
        return KINDS.index(said[0]), 0, 0
    for kind, names in (("point", POINTS), ("capture", MODES)):
        if said[0] == kind and len(said) == 2 and said[1] in names:
            return KINDS.index(kind), names.index(said[1]), 0
    word = re.sub("[-_]+", "_", "_".join(said[1:-1])).strip("_").translate(LOWER)
    if said[0] == "threshold" and word in words:
        number = re.fullmatch(r"([01])(?:\.([0-9]{1,4}))?", said[-1])
        if number:
            decimals = number[2] or ""
            value, one = int(number[1] + decimals), 10 ** len(decimals)
            if value <= one:
                return KINDS.index("threshold"), words.index(word), (value * 65536 + one) // (2 * one)
    return None


LINES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.one_of(
            st.sampled_from(
                [*KINDS, *MODES, *POINTS, "word0", "Word9-", "word99", "-", "yes", " ", "0.8", "1.0", "1.0001"]
            ),
            st.decimals(0, 2, places=4).map(str),
            st.text(max_size=12),
        ),
        max_size=6,
    ).map(lambda words: " ".join(words).encode()),
    st.tuples(st.integers(0, 3), st.integers(0, 10**5)).map(lambda share: b"threshold word2 %d.%d" % share),
    st.integers(75, 90).map(lambda size: b"help" + b" " * (size - 4)),
)


@given(st.lists(LINES, max_size=5), st.sampled_from([b"\n", b"\r"]))
def test_any_bytes_are_commands_or_refusals(protocol, lines, end):
    words = [f"word{index}" for index in range(10)]
    data = b"".join(line + end for line in lines)
    each = re.split(rb"[\r\n]", data)[:-1]
    for line, answer in zip(each, answers(protocol, data), strict=True):
        expected = wanted(line, words)
        assert answer == expected if expected else isinstance(answer, str) and answer, (line, answer)


@given(st.integers(0, 10_000))
def test_every_threshold_of_four_decimals_is_rounded_exactly(protocol, value):
    text = f"threshold word3 {value // 10_000}.{value % 10_000:04d}\n"
    assert answers(protocol, text.encode()) == [(KINDS.index("threshold"), 3, (value * 65536 + 10_000) // 20_000)]


@pytest.mark.parametrize(
    "line, why",
    [
        ("jump", "no such command"),
        ("Help", "no such command"),
        ("help me", "number of words"),
        ("point balanced strict", "number of words"),
        ("threshold word1 0.5 0.6", "no such keyword"),
        ("threshold word1 0.12345", "four decimals"),
        ("threshold word1 .5", "four decimals"),
        ("threshold word1 1.", "four decimals"),
        ("threshold word1 -0", "four decimals"),
        ("threshold word1 1.0001", "four decimals"),
        ("threshold unknown 0.5", "no such keyword"),
        ("point sharp", "no such operating point"),
        ("capture yes", "on, off or margin"),
        ("help\x07", "printable"),
        ("threshold word1 0\x00", "bytes before this line's end were lost"),
        ("x" * 81, "80 characters"),
    ],
)
def test_a_refusal_says_why(protocol, line, why):
    (answer,) = answers(protocol, line.encode() + b"\n")
    assert why in answer


def test_a_keyword_is_typed_as_people_write_it(exported, tmp_path):
    *_, folder = exported(units=5, words=("hey_jarvis", "what's_up", "grüss_gott"))
    protocol = load_with_model(["protocol.c"], ["protocol.h"], folder, tmp_path)
    typed = ("hey jarvis", "Hey  Jarvis", "HEY-jarvis", "hey_jarvis", "what's up", "grüss-gott")
    found = answers(protocol, "".join(f"threshold {keyword} 1\n" for keyword in typed).encode())
    assert [which for _, which, _ in found] == [0, 0, 0, 0, 1, 2]


def test_a_line_refused_does_not_touch_the_next(protocol):
    refused, command = answers(protocol, b"y" * 5000 + b"\nstats\n")
    assert "80 characters" in refused and command == (KINDS.index("stats"), 0, 0)
