"""Recordings in many formats as 16 kHz mono int16 PCM, block by block, in the memory of one block.

Channels are averaged, any sample rate is resampled, any sample width scaled.  A recording that would be decoded wrongly is
refused with advice; one that is only suspicious is decoded, with a remark.
"""

import os
import stat
from dataclasses import dataclass
from functools import cache

import numpy as np
import soundfile
import soxr

from firmware.audio.containers import has_last_page, has_mp3_length, length_of
from firmware.audio.soundness import FULL_SCALE, Soundness, average_of
from firmware.command import print_remark
from firmware.frontend import CLIP_SAMPLES, FRAME_SAMPLES, SAMPLE_RATE_HZ

FORMATS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC", "OGG", "MP3")
"""soundfile's names of the supported formats."""
RATES_HZ = (4_000, 384_000)
MOST_CHANNELS = 64
LONGEST_S = 3600
"""Longest recording that is read into memory at once, 115 MB."""
BLOCK_SAMPLES = 65_536
"""Samples decoded at a time, all channels together; float64."""
LEAST_HIDDEN_S = 1
"""Least sound behind the length in the header that is an error; less may be a tag."""
CLIPPED_SHARE = 0.01
"""Least share of samples at full scale that gives a remark."""


@cache
def _tell(line):
    """Print a line on standard error, the same one once in a process: a stream reads a recording for each kind of sound."""
    print_remark(line)


class BadRecording(ValueError):
    """A recording that cannot be used; the message names the file, says why, and what to do."""


def duration(seconds):
    """Seconds as text: 1.00 s, 0.50 h."""
    return f"{seconds:.2f} s" if seconds < 600 else f"{seconds / 3600:.2f} h"


def _opened(path):
    """(binary file, SoundFile) of a path; BadRecording if it is not audio."""
    try:
        is_file = stat.S_ISREG(os.stat(path).st_mode)  # opening a pipe would wait for its writer
        file = open(path, "rb") if is_file else None  # noqa: SIM115
    except FileNotFoundError:
        raise BadRecording(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: the name has a zero byte
        raise BadRecording(f"{path}: cannot be opened: {getattr(error, 'strerror', error)}") from None
    if file is None:
        raise BadRecording(f"{path}: is a folder, a pipe or a device; give a file")
    try:  # by descriptor: the name need not be UTF-8, and its suffix does not matter
        return file, soundfile.SoundFile(os.open(path, os.O_RDONLY))
    except soundfile.LibsndfileError as error:
        file.close()
        raise BadRecording(f"{path}: cannot be read as audio: {error.error_string}") from None


class Reader:
    """A recording whose header was checked.  blocks() reads its sound once and closes it; `with` closes it too.

    seconds: its length by the header.  remarks: anything suspicious, complete after the last block.
    """

    def __init__(self, path):
        self.path, self.remarks = path, []
        file, self._sound = _opened(path)
        with file:
            try:
                self._check_header(length_of(file))
                self._guessed = self._sound.format == "MP3" and not has_mp3_length(file)
                if self._sound.format == "OGG" and not has_last_page(file):
                    self.remarks.append(
                        "may have been cut short: the last page of an Ogg file has a mark, and this has none"
                    )
            except BaseException:
                self._sound.close()
                raise
        self._judged = Soundness(self._sound.channels)
        if self._guessed:
            self.remarks.append(
                "an MP3 without its length in the header may be decoded in part only; convert it to FLAC"
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._sound.close()

    @property
    def seconds(self):
        return self._sound.frames / self._sound.samplerate

    def _refuse(self, why):
        raise BadRecording(f"{self.path}: {why}")

    def _check_header(self, length):
        sound = self._sound
        if sound.format not in FORMATS:
            self._refuse(f"{sound.format_info} is not supported; convert it to WAV or FLAC")
        if not RATES_HZ[0] <= sound.samplerate <= RATES_HZ[1]:
            self._refuse(f"sample rate {sound.samplerate} Hz; supported: {RATES_HZ[0]} to {RATES_HZ[1]} Hz")
        if sound.channels > MOST_CHANNELS:
            self._refuse(f"{sound.channels} channels; at most {MOST_CHANNELS} are averaged, so extract one of them")
        if length is not None:
            self._check_length(length)
        if sound.frames == 0:
            self._refuse("holds no samples")
        if sound.frames > 1 << 60:  # libsndfile: length unknown
            self._refuse("no length in its header (written to a pipe?); decode it and encode it again into a file")

    def _check_length(self, length):
        """length: a Length in bytes."""
        repair = "`sox --ignore-length` copies all of it into a good file (.flac)"
        if length.promised is None:
            self.remarks.append(
                f"no length in its header, as from a pipe; decoded to its end: {duration(self.seconds)}"
            )
        elif not self._sound.frames:
            if length.there:
                self._refuse(
                    f"its header says 0 samples, but {length.there} bytes follow: the recorder did not finish the file; "
                    f"{repair}"
                )
        else:
            read = length.there if self._sound.format == "W64" else min(length.promised, length.there)  # by libsndfile
            promised, there = (count * self.seconds / max(1, read) for count in (length.promised, length.there))
            if promised > there:
                self._refuse(
                    f"cut short: {duration(there)} of the {duration(promised)} in its header; copy the file again, or save "
                    "the rest of it with sox"
                )
            if there - promised >= LEAST_HIDDEN_S:
                why = "the length wrapped at 4 GB" if length.there >> 32 else "the recorder did not finish the file"
                self._refuse(f"its header says {duration(promised)}, the file has {duration(there)}: {why}; {repair}")

    def blocks(self):
        """Blocks of PCM int16 [samples] at 16 kHz; BadRecording at the first block with an error."""
        with self._sound as sound:
            resampler = None
            if sound.samplerate != SAMPLE_RATE_HZ:  # float64: the same bits as soxr.resample of the whole
                resampler = soxr.ResampleStream(sound.samplerate, SAMPLE_RATE_HZ, 1, dtype="float64", quality="VHQ")
            buffer = np.empty((BLOCK_SAMPLES // sound.channels, sound.channels))
            judged, samples, last = self._judged, 0, False
            while not last:
                block = self._read(buffer, judged.frames)
                last = len(block) < len(buffer)
                mono = average_of(block)
                if why := judged.hear(block, mono):
                    self._refuse(why)
                pcm = as_pcm(mono if resampler is None else resampler.resample_chunk(mono, last))
                samples += len(pcm)
                yield pcm
            self._check_end(samples)

    def _read(self, buffer, heard):
        """The next frames, float64 [frames, channels], in the buffer; heard: frames before them."""
        try:
            return self._sound.read(out=buffer)
        except soundfile.LibsndfileError:
            self._refuse(
                f"damaged or cut short somewhere after {duration(heard / self._sound.samplerate)} of {duration(self.seconds)}; "
                "copy the file again"
            )

    def check_channels(self):
        """BadRecording if the channels cancel each other in the sound read so far; blocks() calls it at the end."""
        if self._judged.is_cancelled:
            self._refuse("its channels cancel each other (antiphase); extract one: `sox in.wav out.wav remix 1`")

    def _check_end(self, samples):
        judged = self._judged
        if judged.frames < self._sound.frames and not self._guessed:
            heard = duration(judged.frames / self._sound.samplerate)
            self._refuse(f"cut short: {heard} of the {duration(self.seconds)} in its header; copy the file again")
        if samples < FRAME_SAMPLES:
            self._refuse(
                f"{samples * 1000 / SAMPLE_RATE_HZ:.1f} ms long, less than one frame of "
                f"{FRAME_SAMPLES * 1000 // SAMPLE_RATE_HZ} ms"
            )
        self.check_channels()
        if judged.is_silent:
            self.remarks.append("digital silence from beginning to end")
        if judged.clipped_share >= CLIPPED_SHARE:
            self.remarks.append(f"{judged.clipped_share:.0%} of its samples are at full scale: recorded too loud")

    def print_remarks(self):
        """Print the remarks on standard error."""
        for remark in self.remarks:
            _tell(f"{self.path}: {remark}")


def read_recording(path):
    """PCM int16 [samples] at 16 kHz of a recording of at most an hour, after its remarks on standard error."""
    reader = Reader(path)
    if reader.seconds > LONGEST_S:
        raise BadRecording(
            f"{path}: {duration(reader.seconds)} long; cut it into parts of at most {duration(LONGEST_S)}"
        )
    pcm = np.concatenate(list(reader.blocks()))
    reader.print_remarks()
    return pcm


def between(blocks, first, end):
    """Samples first to end of blocks of PCM int16, fewer if the blocks end before; no further block is read."""
    parts, begin = [np.empty(0, np.int16)], 0
    for block in blocks:
        parts.append(block[max(0, first - begin) : max(0, end - begin)])
        begin += len(block)
        if begin >= end:
            break
    return np.concatenate(parts)


def in_pieces(blocks, samples):
    """The sound of blocks in pieces of this many samples; the last may be shorter."""
    rest = np.empty(0, np.int16)
    for block in blocks:
        pcm = np.concatenate([rest, block])
        whole = len(pcm) // samples * samples
        yield from pcm[:whole].reshape(-1, samples)
        rest = pcm[whole:]
    if len(rest):
        yield rest


@dataclass(frozen=True)
class Clip:
    """The beginning of a recording."""

    pcm: np.ndarray  # int16 [samples]
    is_cut: bool  # the recording is longer
    clipped_share: float  # share of samples at full scale
    remarks: tuple  # on the file, not on its sound


def read_clip(path, longest=CLIP_SAMPLES):
    """The Clip of the first `longest` samples of a recording, or of all of a shorter one; the rest is not read."""
    with Reader(path) as reader:
        remarks = tuple(reader.remarks)  # remarks on the sound would be on all of it
        pcm = between(reader.blocks(), 0, longest + 1)
        reader.check_channels()
    clip = pcm[:longest]
    clipped = np.count_nonzero((clip == FULL_SCALE - 1) | (clip == -FULL_SCALE))
    return Clip(clip, len(pcm) > longest, clipped / len(clip), remarks)


def as_pcm(mono):
    """PCM int16 [samples] of float samples with full scale 1, clipped there."""
    return rounded_pcm(mono * FULL_SCALE)


def rounded_pcm(samples):
    """PCM int16 [samples] of float samples with full scale 32768: rounded to nearest, clipped."""
    return np.clip(np.rint(samples), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def one_second(pcm):
    """Exactly one second of PCM: cut, or padded with zeros."""
    return np.pad(pcm[:CLIP_SAMPLES], (0, max(0, CLIP_SAMPLES - len(pcm))))
