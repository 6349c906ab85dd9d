"""A tab of Chromium with a page, driven by Playwright; its fake microphone plays a recording again and again."""

import shutil
from contextlib import contextmanager

from playwright import sync_api

BROWSER = shutil.which("chromium")
OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update --disable-sync "
    "--use-fake-ui-for-media-stream --use-fake-device-for-media-stream"
).split()
LIMIT_MS = 600_000
expect = sync_api.expect


@contextmanager
def browsing(page_file, microphone=None, permissions=("microphone",), script=""):
    """A tab with the page open; microphone: a WAV file that is played as one."""
    options = [*OPTIONS, *([f"--use-file-for-fake-audio-capture={microphone}"] if microphone else [])]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=options)
        context = browser.new_context(permissions=list(permissions), accept_downloads=True)
        context.set_default_timeout(LIMIT_MS)
        tab, problems = context.new_page(), []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        if script:
            tab.add_init_script(script)
        tab.goto(page_file.as_uri())
        tab.wait_for_selector(".keyword")
        yield tab
        assert not problems
        browser.close()


def told(tab):
    expect(tab.locator("#told")).not_to_be_empty(timeout=LIMIT_MS)
    return tab.inner_text("#told")
