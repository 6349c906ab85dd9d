"""Draws docs/page.png, the page with a recording of three test speakers: python -m tests.measure.page_picture"""

import tempfile
from pathlib import Path

import numpy as np

from firmware.audio.recordings import one_second, read_recording
from firmware.command import run_command
from firmware.page.page import page_of
from firmware.paths import MODELS, ROOT, data_folder
from tests.browser import browsing, told
from tests.recordings import write

PICTURE = ROOT / "docs" / "page.png"
SAID = "yes/105a0eea_nohash_0", "left/0d53e045_nohash_1", "stop/18f8afd5_nohash_1"
TEST = "speech_commands_test_dev"


def main():
    words = [read_recording(next((data_folder() / TEST).glob(f"{said}.*"))) for said in SAID]
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "index.html"
        page.write_text(page_of([MODELS / "commands-20k"]))
        with browsing(page) as tab:
            tab.set_viewport_size({"width": 900, "height": 760})
            tab.set_input_files(
                "#file", write(Path(folder) / "recording.wav", np.concatenate([*map(one_second, words)]))
            )
            told(tab)
            tab.screenshot(path=PICTURE)
    print(PICTURE)


if __name__ == "__main__":
    run_command("page_picture", main)
