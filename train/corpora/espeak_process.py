"""espeak-ng in a process of its own:  python -I -S espeak_process.py LIBRARY DATA CPU_LIMIT_S

espeak-ng remembers: the same text spoken twice in one process differs by samples, even after Terminate and Initialize.  So
the library is initialised once, and a child is forked for every utterance, which is spoken by a library that has never
spoken.  A fork costs by the size of what is forked, so nothing is imported here that is not needed.

Standard input has a line of JSON for each utterance: [text, voice, rate_wpm, pitch].  Standard output has an answer for
each, and one before the first: int32 status (0: PCM, 1: words of what is wrong, less: the signal that ended the child), int32
size, and so many bytes; the first answer's are the sample rate in decimal.
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
    """The kernel ends this process with the one that started it, however that ends."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def initialised(path, data):
    """(the library, its sample rate); it has read its list of voices, which every child would read otherwise."""
    library = ctypes.CDLL(path)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data), _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise OSError(f"no voices in {data}")
    library.espeak_ListVoices.restype = ctypes.c_void_p
    library.espeak_ListVoices(None)
    return library, rate_hz


def speak(library, text, voice, rate_wpm, pitch):
    """PCM int16 as bytes; ValueError says what was refused.  Noise in a voice is seeded, else it is by the time of day.

    An unknown voice goes on in the voice before it, so every code is looked at.
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
    """(status, content) of an answer."""
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
