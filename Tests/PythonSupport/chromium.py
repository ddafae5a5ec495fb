"""The browser that tests drive."""

import contextlib
import os

from playwright.sync_api import sync_playwright


@contextlib.contextmanager
def chromium():
    """A Chromium for the time of the `with` block."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
