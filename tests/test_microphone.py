"""The microphone, with a fake PortAudio instead of a sound device."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soxr

from firmware.frontend import SAMPLE_RATE_HZ
from firmware.listen import microphone
from firmware.listen.microphone import CHANNELS, Microphone, MicrophoneError, list_devices

CLEAN, OVERFLOW = SimpleNamespace(input_overflow=False), SimpleNamespace(input_overflow=True)


class FakePortAudio:
    """A microphone that delivers sound int16 [samples, channels], then nothing; statuses: {block: its status}, else clean."""

    class PortAudioError(Exception):
        pass

    def __init__(self, sound=None, rates=(SAMPLE_RATE_HZ,), statuses=(), opening=None):
        self.sound, self.rates, self.statuses, self.opening = sound, rates, dict(statuses), opening
        self.default = SimpleNamespace(device=[1, 0])
        self.streams = []

    def query_devices(self, device=None, kind=None):
        loudspeaker = {"index": 0, "name": "loudspeaker", "max_input_channels": 0, "default_samplerate": 48000.0}
        if self.sound is None:
            if kind is None:
                return [loudspeaker]
            raise self.PortAudioError("Error querying device -1")
        channels = self.sound.shape[1]
        ours = {"index": 1, "name": "desk", "max_input_channels": channels, "default_samplerate": float(self.rates[0])}
        if kind is None:
            return [loudspeaker, ours]
        if device not in (None, 1, "desk"):
            raise ValueError(f"No input device matching {device!r}")
        return ours

    def check_input_settings(self, device, channels, dtype, samplerate):
        if samplerate not in self.rates:
            raise self.PortAudioError("Invalid sample rate")

    def InputStream(self, device, channels, dtype, samplerate, blocksize, callback):
        if self.opening:
            raise self.PortAudioError(self.opening)
        self.streams.append(FakeStream(self, samplerate, blocksize, channels, callback))
        return self.streams[-1]


class FakeStream:
    def __init__(self, portaudio, rate_hz, block_samples, channels, callback):
        self.portaudio, self.rate_hz, self.channels, self.callback = portaudio, rate_hz, channels, callback
        self.block_samples, self.ended = block_samples, []

    def start(self):
        """Delivers every block in the same memory, as PortAudio does."""
        memory = np.empty((self.block_samples, self.channels), np.int16)
        sound = self.portaudio.sound[:, : self.channels]
        for number in range(len(sound) // self.block_samples):
            memory[:] = sound[number * self.block_samples :][: self.block_samples]
            self.callback(memory, self.block_samples, None, self.portaudio.statuses.get(number, CLEAN))
        memory[:] = 0

    def abort(self):
        self.ended.append("abort")

    def close(self):
        self.ended.append("close")


@pytest.fixture(autouse=True)
def lost_soon(monkeypatch):
    monkeypatch.setattr(microphone, "LOST_S", 0.05)


@pytest.fixture
def plugged(monkeypatch):
    """plugged(**arguments of FakePortAudio): puts the fake in place of the package."""

    def plug(**settings):
        fake = FakePortAudio(**settings)
        monkeypatch.setitem(sys.modules, "sounddevice", fake)
        return fake

    return plug


def tone(rate_hz, channels, amplitude=0.5):
    """One second of 440 Hz, the same in every channel."""
    wave = np.rint(32768 * amplitude * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz))
    return np.tile(wave.astype(np.int16), (channels, 1)).T


def heard_until_lost(source):
    """PCM int16 of all sound before the microphone was lost."""
    chunks = []
    with pytest.raises(MicrophoneError, match="^desk: no sound for .* s; was it unplugged"):
        for chunk in source.chunks():
            chunks.append(chunk)
    return np.concatenate(chunks)


def test_16_khz_come_in_bit_by_bit_and_an_unplugged_microphone_is_an_error_and_closed(plugged):
    pcm = np.random.default_rng(0).integers(-32768, 32768, SAMPLE_RATE_HZ).astype(np.int16)
    fake = plugged(sound=pcm[:, None])
    np.testing.assert_array_equal(heard_until_lost(Microphone()), pcm)
    assert fake.streams[0].ended == ["abort", "close"]


def test_two_channels_are_averaged_and_more_are_not_asked_for(plugged):
    sound = tone(SAMPLE_RATE_HZ, 8)
    sound[:, 1] //= 2
    fake = plugged(sound=sound)
    heard = heard_until_lost(Microphone())
    assert fake.streams[0].channels == CHANNELS
    np.testing.assert_allclose(heard, 0.75 * sound[:, 0], atol=1)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 8_000])
def test_another_rate_is_resampled_as_one_stream(plugged, rate_hz):
    sound = tone(rate_hz, 1)
    fake = plugged(sound=sound, rates=(rate_hz,))
    heard = heard_until_lost(Microphone("desk"))
    assert fake.streams[0].rate_hz == rate_hz
    assert len(heard) > 0.85 * SAMPLE_RATE_HZ
    whole = soxr.resample(sound[:, 0].astype(float), rate_hz, SAMPLE_RATE_HZ)
    np.testing.assert_allclose(heard, whole[: len(heard)], atol=2)


def test_overruns_are_counted_and_the_sound_goes_on(plugged):
    sound = tone(SAMPLE_RATE_HZ, 1)
    plugged(sound=sound, statuses={3: OVERFLOW, 7: OVERFLOW})
    source = Microphone()
    assert len(heard_until_lost(source)) == SAMPLE_RATE_HZ and source.overruns == 2


def test_what_waits_too_long_is_lost_and_counted(plugged):
    """Three seconds arrive at once; two are kept."""
    plugged(sound=np.tile(tone(SAMPLE_RATE_HZ, 1), (3, 1)))
    source = Microphone()
    assert len(heard_until_lost(source)) == 2 * SAMPLE_RATE_HZ and source.overruns == 50


@pytest.mark.parametrize(
    "settings, device, message",
    [
        ({}, None, r"no microphone found \(Error querying device -1\); .*give a recording as WAV="),
        ({"sound": tone(SAMPLE_RATE_HZ, 1)}, "attic", r"no microphone 'attic' .*--list-devices"),
    ],
)
def test_where_there_is_no_microphone_the_error_says_what_to_do(plugged, settings, device, message):
    plugged(**settings)
    with pytest.raises(MicrophoneError, match=message):
        Microphone(device)


def test_a_microphone_that_is_taken_is_named(plugged):
    plugged(sound=tone(SAMPLE_RATE_HZ, 1), opening="Device unavailable")
    with pytest.raises(
        MicrophoneError, match="^desk: cannot be opened: Device unavailable; choose another by --device"
    ):
        next(Microphone().chunks())


def test_without_portaudio_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MicrophoneError, match="apt-get install libportaudio2.*or give a recording as WAV="):
        Microphone()


def test_the_list_has_every_input_and_marks_the_default(plugged):
    plugged(sound=tone(48_000, 2), rates=(48_000,))
    assert list_devices() == "*   1  desk, 2 channels, 48000 Hz"


def test_an_empty_list_says_so(plugged):
    plugged()
    with pytest.raises(MicrophoneError, match="no microphone found; give a recording as WAV="):
        list_devices()
