"""The browser that tests drive."""

import contextlib
import os

from playwright.sync_api import sync_playwright


@contextlib.contextmanager
def chromium():
    """A Chromium for the time of the `with` block."""
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextlib.contextmanager
def launched(browser_type, *arguments):
    """A browser of its own with further arguments, for the time of the `with` block."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    browser = browser_type.launch(executable_path=path, args=["--no-sandbox", *arguments])
    try:
        yield browser
    finally:
        browser.close()
