"""Recordings as bytes, to be written whole: soundfile's own writing reports a full disk in its own way."""

import io

import soundfile

from firmware.frontend import SAMPLE_RATE_HZ


def encoded(pcm, format):
    """A file of PCM int16 [samples] at 16 kHz; format: WAV or FLAC."""
    content = io.BytesIO()
    soundfile.write(content, pcm, SAMPLE_RATE_HZ, subtype="PCM_16", format=format)
    return content.getvalue()
