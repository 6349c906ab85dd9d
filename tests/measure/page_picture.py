"""Draws docs/page.png, the page with the recording at the head of the README: python -m tests.measure.page_picture

Leaves the page and the recording, words of three test speakers, in BUILD/page; `make emulate` prints the README's lines for it.
"""

import numpy as np

from firmware.audio.recordings import read_recording
from firmware.command import run_command
from firmware.files import write_whole
from firmware.page.page import page_of
from firmware.paths import MODELS, ROOT, build_folder, data_folder
from tests.browser import browsing, told
from tests.recordings import write

PICTURE = ROOT / "docs" / "page.png"
SAID = "yes/105a0eea_nohash_0", "left/0d53e045_nohash_1", "stop/18f8afd5_nohash_1"
TEST = "speech_commands_test_dev"
WIDTH, HEIGHT = 900, 760


def main():
    words = [read_recording(next((data_folder() / TEST).glob(f"{said}.*"))) for said in SAID]
    recording = write(build_folder() / "page" / "recording.wav", np.concatenate(words))
    page = build_folder() / "page" / "index.html"
    write_whole(page, page_of([MODELS / "commands-20k"]))
    with browsing(page) as tab:
        tab.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        tab.set_input_files("#file", recording)
        told(tab)
        tab.screenshot(path=PICTURE)
    print(f"{recording}\n{PICTURE}")


if __name__ == "__main__":
    run_command("page_picture", main)
