"""Synthesizers of speech, each a small class behind one interface (synthesizer.py)."""

from train.synthesizers.espeak import Espeak
from train.synthesizers.flite import Flite
from train.synthesizers.kokoro import Kokoro
from train.synthesizers.pico import Pico

SYNTHESIZERS = {kind.name: kind for kind in (Espeak, Flite, Kokoro, Pico)}
