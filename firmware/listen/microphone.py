"""The PC's microphone, through PortAudio (the package sounddevice), as a source (sources.py).

PortAudio calls from a thread of its own; what it gives waits in a queue that holds BACKLOG_S: a hop that is
heard late loses nothing, and what finds the queue full is lost and counted.  A microphone that does not know 16 kHz is
resampled as a stream, 6 to 115 ms late.
"""

import queue

import numpy as np
import soxr

from firmware.audio.recordings import FULL_SCALE, as_pcm
from firmware.frontend import SAMPLE_RATE_HZ

BLOCKS_PER_S = 50
BACKLOG_S = 2
LOST_S = 3
"""After so long without a block the microphone is taken for lost; PortAudio itself need not say so."""
CHANNELS = 2
"""As many are averaged where there are so many: sound servers offer dozens that are all the same two."""


class MicrophoneError(OSError):
    """There is no microphone, or no more; the message says what to do."""


def portaudio():
    """The module sounddevice; only a microphone needs it."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise MicrophoneError(
            f"no microphone can be heard ({error}): install PortAudio (Debian, Ubuntu: sudo apt-get install libportaudio2) "
            "and run `make setup`, or give a recording as WAV="
        ) from None
    return sounddevice


def list_devices():
    """A line for every device with an input: what --device calls it, channels and rate; * marks the default."""
    sounddevice = portaudio()
    default = sounddevice.default.device[0]
    inputs = [device for device in sounddevice.query_devices() if device["max_input_channels"]]
    if not inputs:
        raise MicrophoneError("there is no microphone; WAV= hears a recording")
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
            which = "there is no microphone" if device is None else f"no microphone {device!r}"
            raise MicrophoneError(
                f"{which} ({'; '.join(str(error).split(chr(10)))}); --list-devices lists what there is, "
                "and WAV= hears a recording"
            ) from None
        self.name = about["name"]
        self._settings = {"device": device, "channels": min(CHANNELS, about["max_input_channels"]), "dtype": "int16"}
        self._rate_hz = self._rate_of(about)
        self._blocks = queue.Queue(BACKLOG_S * BLOCKS_PER_S)  # float [samples] at rate_hz, in shares of full scale

    def _rate_of(self, about):
        """16 kHz where the microphone, or the system for it, can; else its own rate."""
        try:
            self._portaudio.check_input_settings(**self._settings, samplerate=SAMPLE_RATE_HZ)
        except self._portaudio.PortAudioError:
            return round(about["default_samplerate"])
        return SAMPLE_RATE_HZ

    def _receive(self, block, _samples, _time, status):
        """Called by PortAudio's thread with block int16 [samples, channels], which is its own again on return."""
        self.overruns += status.input_overflow
        try:
            self._blocks.put_nowait(block.mean(axis=1, dtype=np.float32) / FULL_SCALE)
        except queue.Full:
            self.overruns += 1

    def _heard(self):
        """Samples as they come in, at the microphone's rate, until it is lost."""
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
            raise MicrophoneError(f"{self.name}: cannot be opened: {error}; --device chooses another") from None
        resampler = soxr.ResampleStream(self._rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
        try:
            stream.start()
            for mono in self._heard():
                yield as_pcm(mono if self._rate_hz == SAMPLE_RATE_HZ else resampler.resample_chunk(mono))
        except self._portaudio.PortAudioError as error:
            raise MicrophoneError(f"{self.name}: cannot be heard: {error}") from None
        finally:
            stream.abort()  # does not wait for what is still to come, as stop() does
            stream.close()
