"""Boards without hardware: an image runs in Unicorn on a small model of its chip's registers (docs/boards.md)."""

from firmware.emulate.chips.machine import Machine
from firmware.emulate.chips.microphones import converter, decimated, modulator, samples
from firmware.emulate.chips.nrf52 import Nrf52833, Nrf52840
from firmware.emulate.chips.rp2040 import Rp2040
from firmware.emulate.chips.stm32l4 import Stm32l475
from firmware.frontend import SAMPLE_RATE_HZ, Frontend

CHIPS = {
    "nrf52833": (Nrf52833, converter),
    "nrf52840": (Nrf52840, samples),
    "rp2040": (Rp2040, modulator),
    "stm32l475xg": (Stm32l475, decimated),
}
"""{chip: (its model, the microphone of its board)}."""


def start(board, image, pcm, hop_samples=Frontend().hop_samples):
    """The Machine of a board and its image, before the first instruction; its microphone hears PCM int16 [samples], then silence.

    hop_samples: of the model in the image.
    """
    if board.chip not in CHIPS:
        raise ValueError(
            f"BOARD={board.name}: chip {board.chip} has no model in firmware/emulate/chips; there are {', '.join(CHIPS)}"
        )
    chip, microphone = CHIPS[board.chip]
    return Machine(board, image, chip(microphone(pcm, hop_samples), hop_samples))


def hear_on_board(board, image, pcm, hop_samples):
    """The lines that a board's application sends, up to one second after the end of PCM int16 [samples].

    hop_samples: of the model in the image.
    """
    machine = start(board, image, pcm, hop_samples)
    machine.run(lambda: machine.chip.hops * hop_samples >= len(pcm) + SAMPLE_RATE_HZ)
    return machine.chip.lines
