"""The page: the same bits as the host, a microphone and a recording to the end, and clear sentences where something is missing.

The browser is Chromium, driven by Playwright; its fake microphone plays a recording again and again.
"""

import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from calibration.operating_points import read_point
from firmware.audio.recordings import one_second, read_recording
from firmware.frontend import SAMPLE_RATE_HZ
from firmware.host.binding import CERTAIN, SpotterC
from firmware.listen.listener import Listener
from firmware.listen.sources import cut_into_hops
from firmware.model_json import read_model_json
from firmware.paths import MODELS
from firmware.words import counted, keyword_of
from tests.recordings import record_word, write
from train.corpora.spans import span_of

LACKING = [name for name in ("ziglang", "playwright") if not importlib.util.find_spec(name)]
LACKING += [] if shutil.which("chromium") else ["chromium"]
if LACKING and not os.environ.get("ALL_DATA"):
    pytest.skip(f"not installed: {', '.join(LACKING)} (make setup WITH='page browser')", allow_module_level=True)

from tests.browser import LIMIT_MS, browsing, expect, told  # noqa: E402

MODEL = MODELS / "commands-20k"
TAKES = {"Ann O": 2, "Bob": 4}
"""Takes of each speaker; the fake microphone begins anew for Bob, whose last two differ from Ann's."""
NAMES = "Ann-O", "Ann-O", "Bob", "Bob", "Bob", "Bob"
SAID_S = (1.2, 1.8), (4.2, 4.9), (7.2, 7.7), (10.2, 10.9)
OWN_RECIPE = """
keywords = ["hey_jerboa"]
units = 8
features = { mean_level = 85, right_shift = 6 }
corpora = [
    { kind = "folder", name = "mine", validation_share = 0.82 },
    { kind = "background", minutes = 1 },
    { kind = "sentences", minutes = 1, validation_minutes = 1 },
]
training = { epochs = 1, windows = 20, batch = 10 }
"""
HEARD = """async bytes => {
  const samples = [];
  for await (const block of soundOf(new File([new Uint8Array(bytes)], "tone.wav"))) samples.push(...block);
  return samples;
}"""
CLOSED = """new Promise(closed => {
  const look = () => (tracks.length && tracks.every(track => track.readyState === "ended") ? closed() : setTimeout(look, 50));
  look();
})"""
WIDTHS = 360, 900, 1600
LARGEST_BYTES = 200_000


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """The page of two models, as make page writes it."""
    build = tmp_path_factory.mktemp("build")
    command = [sys.executable, "-m", "firmware.page", "commands-20k commands-6k"]
    done = subprocess.run(command, env={**os.environ, "BUILD": str(build)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    path = Path(done.stdout.strip())
    assert path == build / "commands-20k+commands-6k" / "page" / "index.html"
    return path


def bits_of(pcm):
    """(the CRC-32 of what the host leaves behind at every hop of PCM, the hops), as spotter.js forms it."""
    spotter = SpotterC(MODEL)
    hop = spotter.frontend.hop_samples
    trace = spotter.hear(np.pad(pcm, (0, -len(pcm) % hop)))
    left = [
        part.reshape(len(trace.detected), -1).view(np.uint8) for part in (trace.memory, trace.smoothed, trace.detected)
    ]
    return zlib.crc32(np.concatenate(left, axis=1).tobytes()), len(trace.detected)


def lines_of(pcm):
    """The detections of the host in PCM: [(word, time in s)]."""
    listener = Listener(SpotterC(MODEL))
    for hop in cut_into_hops([pcm], listener.hop_samples):
        listener.hear(hop)
    return [(detection.word, f"{detection.time_ms / 1000:.2f} s") for detection in listener.detections]


def lively(seconds, seed):
    """PCM of noise and tones whose level and colour change, to full scale."""
    random = np.random.default_rng(seed)
    samples = seconds * SAMPLE_RATE_HZ
    level = np.repeat(10 ** random.uniform(0, 4.3, seconds * 10), SAMPLE_RATE_HZ // 10)
    tone = np.sin(np.cumsum(np.repeat(random.uniform(0.05, 2.5, seconds * 10), SAMPLE_RATE_HZ // 10)))
    return np.clip(level * (0.5 * random.normal(size=samples) + tone), -32768, 32767).round().astype(np.int16)


def test_ten_minutes_leave_the_bits_of_the_host(page_file, tmp_path):
    pcm = lively(600, seed=1)[:-100]
    path = write(tmp_path / "lively.wav", pcm)
    bits, hops = bits_of(pcm)
    with browsing(page_file) as tab:
        tab.set_input_files("#file", path)
        assert told(tab).startswith("lively.wav: 600.0 s heard")
        assert tab.inner_text("#bits") == f"bits {bits:08x} after {hops} hops"
        share = float(re.search(r"took ([\d.]+) % of that", tab.inner_text("#time"))[1])
        assert 0 < share < 100


def test_a_recording_is_heard_as_the_host_hears_it(page_file, commands, tmp_path):
    pcm = np.concatenate(commands)
    path = write(tmp_path / "commands.wav", pcm)
    with browsing(page_file) as tab:
        tab.set_input_files("#file", path)
        told(tab)
        cells = [row.split("\t") for row in tab.inner_text("#events").splitlines()]
    assert [(word, time) for time, _, word, *_ in reversed(cells)] == lines_of(pcm) != []


@pytest.fixture
def commands(corpus):
    """Recordings of a yes, a left and a stop by test speakers."""
    folder = corpus("speech_commands_test_dev")
    return [one_second(read_recording(sorted((folder / word).iterdir())[0])) for word in ("yes", "left", "stop")]


def test_the_microphone_is_heard(page_file, commands, tmp_path):
    path = write(tmp_path / "commands.wav", np.concatenate(commands))
    with browsing(page_file, path) as tab:
        tab.click("#listen")
        tab.wait_for_selector("#events tr.heard")
        tab.click("#listen")
        heard = tab.inner_text("#events tr:last-child td:nth-child(3)")
        assert heard in {word for word, _ in lines_of(np.concatenate(commands))}
        assert not tab.inner_text("#told")


def record_takes(tab, word, speaker, count):
    """Record takes at the page's prompt until so many are good."""
    for field, value in (("#word", word), ("#speaker", speaker), ("#count", str(count))):
        tab.fill(field, value)
    tab.click("#record")
    expect(tab.locator("#record")).to_have_text("Stop", timeout=LIMIT_MS)
    expect(tab.locator("#record")).to_have_text("Record", timeout=LIMIT_MS)
    assert told(tab) == f"{counted(count, 'take')} of {word}: record more, or save."


def test_takes_are_cut_judged_saved_and_trained_on(page_file, tmp_path):
    path, build, data = record_word(tmp_path / "word.wav", *SAID_S, seconds=12), tmp_path / "build", tmp_path / "data"
    with browsing(page_file, path) as tab:
        tab.click("#to-recording")
        for speaker, count in TAKES.items():
            record_takes(tab, "Hey Jerboa", speaker, count)
        with tab.expect_download() as download:
            tab.click("#save")
        download.value.save_as(tmp_path / "recordings.zip")
    with zipfile.ZipFile(tmp_path / "recordings.zip") as archive:
        assert archive.testzip() is None
        patterns = [rf"hey_jerboa/{name}_\d{{8}}T\d{{6}}_{take:03}\.wav" for take, name in enumerate(NAMES, 1)]
        assert all(map(re.fullmatch, patterns, archive.namelist())) and len(archive.namelist()) == 6
        archive.extractall(data / "mine")
    for path in (data / "mine" / "hey_jerboa").iterdir():
        assert 0.9 < len(read_recording(path)) / SAMPLE_RATE_HZ < 1.4
    (tmp_path / "own.toml").write_text(OWN_RECIPE)
    command = [sys.executable, "-m", "train", str(tmp_path / "own.toml")]
    environment = {**os.environ, "BUILD": str(build), "DATA": str(data)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (
        done.returncode == 0 and "hey_jerboa: 2 clips of 1 speaker for training, 4 of 1 for validation" in done.stdout
    ), done


def test_a_word_is_found_in_a_take_by_the_rule_of_training(page_file):
    random = np.random.default_rng(0)
    takes = [np.repeat(random.uniform(-80, -5, 30), random.integers(1, 20, 30)).round(2) for _ in range(50)]
    with browsing(page_file) as tab:
        found = tab.evaluate("takes => takes.map(spanOf)", [take.tolist() for take in takes])
    assert [tuple(span) for span in found] == [span_of(take, 10) for take in takes]


def test_words_to_record_are_those_that_can_be_keywords(page_file):
    good = ["Hey Jerboa", "naïve", "o'clock", "über-Haus", "x" * 40]
    bad = ["../x", "a/b", "who?", "x" * 41, "''", " - "]
    with browsing(page_file) as tab:
        tab.evaluate("document.getElementById('word').removeAttribute('maxlength')")
        asked = "said => { $('word').value = said; try { return recording.asked().folder } catch { return '' } }"
        folders = [tab.evaluate(asked, word) for word in good + bad]
    assert folders == [keyword_of(word) for word in good] + [""] * len(bad)


def test_thresholds_are_moved_copied_and_saved(page_file, tmp_path):
    with browsing(page_file, permissions=("microphone", "clipboard-read", "clipboard-write")) as tab:
        tab.click("text=eager")
        tab.focus("[aria-label='threshold of stop']")
        tab.keyboard.press("End")
        with tab.expect_download() as download:
            tab.click("#thresholds")
        download.value.save_as(tmp_path / "point.json")
        tab.click("#copy")
        assert told(tab)
        lines = tab.evaluate("navigator.clipboard.readText()")
    words = read_model_json(MODEL).words
    point = read_point(tmp_path / "point.json", words)
    assert point.thresholds["stop"] == 1 and point.thresholds["yes"] < 0.5
    assert re.findall(r"kws, (\d+), (\d+)\); /\* (\w+) \*/", lines) == [
        (str(label), str(round(point.thresholds[word] * CERTAIN)), word) for label, word in enumerate(words)
    ]


# --- what is missing or wrong


def test_a_file_that_is_no_recording_is_refused_and_the_next_is_heard(page_file, tmp_path):
    (tmp_path / "notes.wav").write_text("no sound")
    good = record_word(tmp_path / "good.wav", (0.2, 0.8), seconds=1)
    with browsing(page_file) as tab:
        tab.set_input_files("#file", tmp_path / "notes.wav")
        assert told(tab).startswith("notes.wav is no recording")
        tab.set_input_files("#file", good)
        expect(tab.locator("#told")).to_contain_text("good.wav: 1.0 s heard", timeout=LIMIT_MS)


@pytest.mark.parametrize(
    "script, sentence",
    [
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') }",
            "was not allowed",
        ),
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError') }",
            "No microphone was found",
        ),
        ("delete window.AudioWorkletNode", "gives a page no microphone"),
    ],
)
def test_without_a_microphone_one_sentence_says_what_to_do(page_file, tmp_path, script, sentence):
    with browsing(page_file, script=script) as tab:
        tab.click("#listen")
        assert sentence in told(tab) and "open a recording" in told(tab)
        assert tab.inner_text("#listen") == "Listen"


@pytest.mark.parametrize("rate, channels", [(8000, 1), (44_100, 2), (48_000, 1)])
def test_recordings_of_other_rates_are_resampled(page_file, tmp_path, rate, channels):
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone] * channels, axis=1), rate)
    with browsing(page_file) as tab:
        tab.set_input_files("#file", tmp_path / "tone.wav")
        assert told(tab) == "tone.wav: 1.0 s heard, 0 detections."
        heard = tab.evaluate(HEARD, list((tmp_path / "tone.wav").read_bytes()))
    heard = np.array(heard) / CERTAIN
    expected = 0.3 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    middle = slice(200, SAMPLE_RATE_HZ - 200)
    np.testing.assert_allclose(heard[:SAMPLE_RATE_HZ][middle], expected[middle], atol=2e-4)


def test_what_16_khz_cannot_hold_is_removed(page_file):
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * 9000 * np.arange(48_000) / 48_000), 48_000, format="WAV")
    with browsing(page_file) as tab:
        heard = np.array(tab.evaluate(HEARD, list(file.getvalue())))
    assert np.abs(heard[200:-200]).max() <= 1


def test_a_second_file_takes_over_from_the_first(page_file, tmp_path):
    long = write(tmp_path / "long.wav", lively(120, seed=2))
    short = record_word(tmp_path / "short.wav", (0.2, 0.8), seconds=1)
    with browsing(page_file) as tab:
        tab.set_input_files("#file", long)
        tab.set_input_files("#file", short)
        expect(tab.locator("#told")).to_contain_text("short.wav: 1.0 s heard", timeout=LIMIT_MS)
        assert tab.inner_text("#bits").endswith("after 50 hops")


def test_a_microphone_that_opens_too_late_is_closed(page_file):
    slow = """
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.tracks = [];
        navigator.mediaDevices.getUserMedia = async wanted => {
          await new Promise(opened => { window.allow = opened; });
          const stream = await open(wanted);
          window.tracks.push(...stream.getTracks());
          return stream;
        }"""
    with browsing(page_file, script=slow) as tab:
        tab.click("#listen")
        tab.click("#listen")
        tab.evaluate("allow()")
        expect(tab.locator("#listen")).to_have_text("Listen")
        tab.evaluate(CLOSED)


def test_a_word_is_needed_to_record(page_file):
    with browsing(page_file) as tab:
        tab.click("#to-recording")
        tab.click("#record")
        assert told(tab) == "Type the word that you are going to say."


# --- the page itself


def test_the_page_is_small_and_needs_no_network(page_file):
    text = page_file.read_text()
    assert len(text.encode()) < LARGEST_BYTES
    assert not re.search(r"[a-z]+://", text)


def test_the_page_fits_any_width(page_file):
    with browsing(page_file) as tab:
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            for part in ("listening", "recording"):
                tab.click(f"#to-{part}")
                assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_other_model_is_chosen(page_file):
    with browsing(page_file) as tab:
        before = tab.inner_text("#about")
        tab.select_option("#model", label="commands-6k")
        expect(tab.locator("#about")).not_to_have_text(before, timeout=LIMIT_MS)


def test_the_page_is_served_on_localhost(page_file, tmp_path):
    command = [sys.executable, "-m", "firmware.page", "commands-20k", "--serve"]
    environment = {**os.environ, "BUILD": str(page_file.parent.parent.parent)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        server.stdout.readline()
        address = server.stdout.readline().split()[0]
        with urllib.request.urlopen(address) as answer:
            assert b"<title>Jerboa: commands-20k</title>" in answer.read()
        server.terminate()
