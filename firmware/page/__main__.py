"""Writes a page that listens and records in a browser, by the C library and the models of recipes.

    python -m firmware.page RECIPE [--serve]        writes BUILD/RECIPE/page/index.html

The page is one file that needs no network; several recipes with spaces between them make one, in the folder of the first.
--serve offers it on localhost until Ctrl-C, for browsers that give no microphone to a page opened as a file.
"""

import argparse
import contextlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from firmware.command import run_command
from firmware.files import write_whole
from firmware.page.page import page_of
from firmware.paths import build_folder
from firmware.recipes import model_folders_told, of_keywords, recipe_names

FIRST_PORT, PORTS = 8000, 20


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a line for each request."""

    def log_message(self, *_):
        pass


def server_of(folder):
    """A server of a folder on the first free port of localhost."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with contextlib.suppress(OSError):
            return ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=folder))
    raise OSError(f"all ports from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are in use")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    names = recipe_names(arguments.recipes)
    path = build_folder() / "+".join(names) / "page" / "index.html"
    write_whole(path, page_of(of_keywords(model_folders_told(names, "page of"))))
    print(path)
    if arguments.serve:
        with server_of(path.parent) as server, contextlib.suppress(KeyboardInterrupt):
            print(f"http://localhost:{server.server_port} until Ctrl-C", flush=True)
            server.serve_forever()


if __name__ == "__main__":
    run_command("page", main)
