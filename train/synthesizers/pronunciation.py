"""How a text is pronounced in a language other than English, in the letters of Kokoro: espeak-ng's IPA.

Where IPA has two letters for one sound, an affricate or a diphthong, espeak-ng ties them and Kokoro has one letter.  A sound that
Kokoro does not know becomes its nearest neighbour.
"""

import ctypes
import os

from train.synthesizers.espeak import Espeak
from train.synthesizers.synthesizer import SynthesizerError

LANGUAGES = "de", "es", "fr", "it", "pt"
LETTERS = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^z": "ʣ",
    "d^ʒ": "ʤ",
    "e^ɪ": "A",
    "o^ʊ": "O",
    "t^s": "ʦ",
    "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y",
    "ɔ^ø": "Y",
    "ʏ": "y",
}
TIE = "^"
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8 = 2, 0x8000, 1
_IPA, _WITH_TIE = 0x02, 0x80


class Pronunciation:
    """espeak-ng's library in this process, for one thread at a time; it does not speak, so no text changes the next one's."""

    def __init__(self):
        espeak = Espeak()
        self.library = ctypes.CDLL(str(espeak.library))
        if self.library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(espeak.data), _DO_NOT_EXIT) <= 0:
            raise SynthesizerError(f"espeak-ng: no voices in {espeak.data}")
        self.library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def phonemes(self, text, language):
        """The phonemes of a text, one letter each, with stress marks and spaces, as text."""
        if code := self.library.espeak_SetVoiceByName(language.encode()):
            raise SynthesizerError(f"espeak-ng refused voice {language} (code {code})")
        rest, clauses = ctypes.c_char_p(text.encode()), []
        while rest.value:
            mode = _IPA | _WITH_TIE | ord(TIE) << 8
            clauses.append(self.library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, mode).decode())
        spelt = " ".join(clauses)
        for tied, letter in LETTERS.items():
            spelt = spelt.replace(tied, letter)
        return spelt.replace(TIE, "").replace("-", "").strip()
