"""The microphone of this machine, through PortAudio (the package sounddevice), as a source (sources.py).

PortAudio's thread puts blocks into a queue of BACKLOG_S, so late processing loses nothing; a block that finds the queue full
is lost and counted as an overrun.  A microphone that does not support 16 kHz is resampled as a stream, with 6 to 115 ms of
delay.
"""

import queue

import numpy as np
import soxr

from firmware.audio.recordings import FULL_SCALE, as_pcm
from firmware.frontend import SAMPLE_RATE_HZ

BLOCKS_PER_S = 50
BACKLOG_S = 2
LOST_S = 3
"""Time without a block after which the microphone counts as unplugged; PortAudio does not always report it."""
CHANNELS = 2
"""Most channels that are averaged; sound servers offer dozens, all copies of the same two."""


class MicrophoneError(OSError):
    """There is no microphone, or it failed; the message says what to do."""


def portaudio():
    """The module sounddevice, imported for microphones only."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise MicrophoneError(
            f"no access to microphones ({error}): install PortAudio (Debian, Ubuntu: sudo apt-get install libportaudio2) "
            "and run `make setup`, or give a recording as WAV="
        ) from None
    return sounddevice


def list_devices():
    """A line for each device with an input: its number and name for --device, channels and rate; * marks the default."""
    sounddevice = portaudio()
    default = sounddevice.default.device[0]
    inputs = [device for device in sounddevice.query_devices() if device["max_input_channels"]]
    if not inputs:
        raise MicrophoneError("no microphone found; give a recording as WAV=")
    return "\n".join(
        f"{'*' if device['index'] == default else ' '} {device['index']:>3}  {device['name']}, "
        f"{device['max_input_channels']} channels, {device['default_samplerate']:.0f} Hz"
        for device in inputs
    )


class Microphone:
    """device: an index, a part of a name, or None for the default one."""

    def __init__(self, device=None):
        self.overruns = 0
        self._portaudio = portaudio()
        try:
            about = self._portaudio.query_devices(device, "input")
        except (ValueError, self._portaudio.PortAudioError) as error:
            which = "no microphone found" if device is None else f"no microphone {device!r}"
            raise MicrophoneError(
                f"{which} ({'; '.join(str(error).split(chr(10)))}); see --list-devices, or give a recording as WAV="
            ) from None
        self.name = about["name"]
        self._settings = {"device": device, "channels": min(CHANNELS, about["max_input_channels"]), "dtype": "int16"}
        self._rate_hz = self._rate_of(about)
        self._blocks = queue.Queue(BACKLOG_S * BLOCKS_PER_S)  # float [samples] at rate_hz, full scale 1

    def _rate_of(self, about):
        """16 kHz if the microphone or the system supports it, else the microphone's default rate."""
        try:
            self._portaudio.check_input_settings(**self._settings, samplerate=SAMPLE_RATE_HZ)
        except self._portaudio.PortAudioError:
            return round(about["default_samplerate"])
        return SAMPLE_RATE_HZ

    def _receive(self, block, _samples, _time, status):
        """Called by PortAudio's thread with block int16 [samples, channels], valid until the return."""
        self.overruns += status.input_overflow
        try:
            self._blocks.put_nowait(block.mean(axis=1, dtype=np.float32) / FULL_SCALE)
        except queue.Full:
            self.overruns += 1

    def _heard(self):
        """Blocks as they arrive, at the microphone's rate; MicrophoneError after LOST_S without one."""
        while True:
            try:
                yield self._blocks.get(timeout=LOST_S)
            except queue.Empty:
                raise MicrophoneError(f"{self.name}: no sound for {LOST_S} s; was it unplugged?") from None

    def chunks(self):
        try:
            stream = self._portaudio.InputStream(
                **self._settings,
                samplerate=self._rate_hz,
                blocksize=self._rate_hz // BLOCKS_PER_S,
                callback=self._receive,
            )
        except self._portaudio.PortAudioError as error:
            raise MicrophoneError(f"{self.name}: cannot be opened: {error}; choose another by --device") from None
        resampler = soxr.ResampleStream(self._rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
        try:
            stream.start()
            for mono in self._heard():
                yield as_pcm(mono if self._rate_hz == SAMPLE_RATE_HZ else resampler.resample_chunk(mono))
        except self._portaudio.PortAudioError as error:
            raise MicrophoneError(f"{self.name}: cannot be read: {error}") from None
        finally:
            stream.abort()  # unlike stop(), does not wait for pending blocks
            stream.close()
