"""espeak-ng in a process of its own:  python -I -S espeak_process.py LIBRARY DATA CPU_LIMIT_S

espeak-ng keeps state: the same text spoken twice in a process differs in some samples, even after Terminate and Initialize.
The library is therefore initialised once, and a child is forked for every utterance, so that each is the first.  The cost of a
fork grows with the size of the process, so this file imports no more than it needs.

Standard input has a line of JSON for each utterance: [text, voice, rate_wpm, pitch].  Standard output has an answer to each, and
one before the first: int32 status (0: PCM, 1: an error message, negative: the signal that ended the child), int32 size, and
size bytes of content.  The content of the first answer is the sample rate in decimal.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys

ANSWER = struct.Struct("<ii")
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8, _RATE, _PITCH = 2, 0x8000, 1, 1, 3
_PARENT_DEATH_SIGNAL = 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def end_with_parent():
    """Have the kernel end this process when its parent ends."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def initialised(path, data):
    """(library, sample rate in Hz); the list of voices is read here once, so that no child reads it."""
    library = ctypes.CDLL(path)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data), _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise OSError(f"no voices in {data}")
    library.espeak_ListVoices.restype = ctypes.c_void_p
    library.espeak_ListVoices(None)
    return library, rate_hz


def speak(library, text, voice, rate_wpm, pitch):
    """PCM int16 as bytes; ValueError names what espeak-ng refused.  The noise of a voice is seeded, by default with the time.

    After an unknown voice espeak-ng would speak with the previous one, so all return codes are checked.
    """
    pieces = []

    @_CALLBACK
    def collect(samples, count, _events):
        if samples and count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    library.espeak_SetSynthCallback(collect)
    content = text.encode()
    codes = {
        f"voice {voice}": library.espeak_SetVoiceByName(voice.encode()),
        f"rate {rate_wpm}": library.espeak_SetParameter(_RATE, rate_wpm, 0),
        f"pitch {pitch}": library.espeak_SetParameter(_PITCH, pitch, 0),
        f"text '{text}'": library.espeak_Synth(content, len(content) + 1, 0, 0, 0, _UTF8, None, None),
    }
    library.espeak_Synchronize()
    refused = [f"{what} (code {code})" for what, code in codes.items() if code]
    if refused:
        raise ValueError(f"refused {', '.join(refused)}")
    return b"".join(pieces)


def answer(status, content):
    sys.stdout.buffer.write(ANSWER.pack(status, len(content)) + content)
    sys.stdout.buffer.flush()


def speak_in_a_child(library, utterance, cpu_limit_s):
    """The (status, content) of an answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status, content = 1, b""
        try:
            end_with_parent()
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_limit_s, cpu_limit_s + 1))
            status, content = 0, speak(library, *utterance)
        except Exception as error:
            content = str(error).encode()
        with open(writing, "wb") as file:
            file.write(content)
        os._exit(status)
    os.close(writing)
    with open(reading, "rb") as file:
        content = file.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), content


def main():
    end_with_parent()
    path, data, cpu_limit_s = sys.argv[1:]
    try:
        library, rate_hz = initialised(path, data)
    except (OSError, AttributeError) as error:
        answer(1, str(error).encode())
        return
    answer(0, str(rate_hz).encode())
    for line in sys.stdin.buffer:
        answer(*speak_in_a_child(library, json.loads(line), int(cpu_limit_s)))


if __name__ == "__main__":
    main()
