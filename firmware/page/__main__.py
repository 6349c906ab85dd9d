"""Writes a page that listens and records in a browser, by the C library and the models of recipes.

    python -m firmware.page RECIPE... [--serve]        writes BUILD/RECIPE/page/index.html

The page is one file that needs no network; several recipes make one page, in the folder of the first.  --serve offers it on
localhost until Ctrl-C, for browsers that give no microphone to a page opened as a file.
"""

import argparse
import contextlib
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from firmware.command import run_command
from firmware.files import write_whole
from firmware.page.page import page_of
from firmware.paths import build_folder
from firmware.recipes import model_folders_told, recipe_names

FIRST_PORT, PORTS = 8000, 20


def server_of(page):
    """A server of the page on the first free port of localhost."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.path.partition("?")[0] in ("/", "/index.html")
            content = page.encode() if known else b""
            self.send_response(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with contextlib.suppress(OSError):
            return ThreadingHTTPServer(("127.0.0.1", port), Handler)
    raise OSError(f"all ports from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} are in use")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    names = recipe_names(arguments.recipes)
    page = page_of(model_folders_told(names, "page of"))
    path = build_folder() / names[0] / "page" / "index.html"
    write_whole(path, page)
    print(path)
    if arguments.serve:
        with server_of(page) as server, contextlib.suppress(KeyboardInterrupt):
            print(f"http://localhost:{server.server_port} until Ctrl-C", flush=True)
            server.serve_forever()


if __name__ == "__main__":
    run_command("page", main)
