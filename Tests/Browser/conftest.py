"""What every browser test needs: a running stack, a browser, and people who are signed up."""

import itertools
import json
import re
import secrets
import time

import pytest
from playwright.sync_api import expect

from chromium import chromium
from stack import Stack

PASSWORD = "correct horse battery staple"
expect.set_options(timeout=15_000)
_numbers = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures what other work would change, so nothing may run beside it")


@pytest.fixture(scope="session")
def stack():
    """The real stack with two gateways, once for all tests."""
    with Stack(gateways=2) as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        yield browser


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, stack, browser, name, gateway=0, address=None, **options):
        self.name = f"{name}{next(_numbers)}"
        self.display_name = name.capitalize()
        self.address = address or stack.gateways[gateway]
        # With a service worker, the driver would not see every request: tests that are about it ask for it.
        self.context = browser.new_context(base_url=self.address, **{"service_workers": "block"} | options)
        self.page = self.context.new_page()
        self.complaints = []
        self.listen(self.page)

    def listen(self, page):
        """Collects what the browser's console complains about."""
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: self.complaints.append(message.text)
            # A refused request is part of several tests; a broken script or a blocked resource never is.
            if message.type == "error" and "Failed to load resource" not in message.text
            else None,
        )
        return page

    def new_tab(self):
        return self.listen(self.context.new_page())

    def sign_up(self):
        self.page.goto("/signup")
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Your name").fill(self.display_name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Create account").click()
        expect(self.page).to_have_url(re.compile(r"/chatwith$"))
        return self

    def chat_with(self, other):
        self.page.goto(f"/chatwithme/{other.name}")
        return self

    def write(self, text, page=None):
        page = page or self.page
        page.locator("#text").fill(text)
        page.get_by_role("button", name="Send Message").click()

    def say(self, other, *texts):
        """Sends messages to somebody as a program would: fast, and whatever the page shows."""
        headers = {"origin": self.address}
        opened = self.context.request.post("/api/v1/conversations", data={"username": other.name}, headers=headers)
        path = f"/api/v1/conversations/{opened.json()['id']}/messages"
        for text in texts:
            message = {"clientMessageId": secrets.token_hex(16), "text": text}
            while not (answer := self.context.request.post(path, data=message, headers=headers)).ok:
                assert answer.status == 429, answer.text()
                time.sleep(0.1)

    def is_live(self, page=None):
        """Waits until the page is live and the script's own composer stands where the server's form was."""
        page = page or self.page
        expect(page.locator("#freshness")).to_have_attribute("data-state", "live")
        expect(page.locator("#composer[action]")).to_have_count(0)
        return self

    def open_account_menu(self, page=None):
        """Opens the menu in the corner of the list, and answers it."""
        menu = (page or self.page).locator("#account-menu")
        menu.locator("summary").click()
        return menu

    def keeps_draft(self, text):
        """Waits until the browser has a text on disk; one that was typed before the script ran is kept as soon as it runs."""
        for _ in range(500):
            if self.page.evaluate("text => Object.values(localStorage).some((kept) => kept.includes(text))", text):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"the draft {text!r} is not kept")

    def messages(self, page=None):
        return (page or self.page).locator(".message .text")

    def message(self, text, page=None):
        """The message with a text; its last one, if there are several."""
        return (page or self.page).locator(f".message:has(.text:text-is({json.dumps(text, ensure_ascii=False)}))").last

    def act(self, text, action, page=None):
        """Does something with a message by its bar, or by the menu that the bar opens."""
        page = page or self.page
        message = self.message(text, page)
        message.locator(".bubble").hover()
        button = message.locator(f".action-bar [data-action={action}]")
        if action in ("react", "reply", "edit") and button.count():
            button.click()
        else:
            message.locator(".action-bar [data-action=more]").click()
            page.locator(f".popup [data-action={action}]").click()


@pytest.fixture
def person(stack, browser):
    """Makes people: ``person("ada")`` is signed up, with a browser of her own."""
    made = []

    def make(name, sign_up=True, **options):
        someone = Person(stack, browser, name, **options)
        made.append(someone)
        return someone.sign_up() if sign_up else someone

    yield make
    complaints = {someone.name: someone.complaints for someone in made if someone.complaints}
    for someone in made:
        someone.context.close()
    assert not complaints, f"the browser console complained: {complaints}"


@pytest.fixture
def pair(person):
    """Ada and Grace, who look at their conversation from two gateways."""

    def make(**options):
        ada, grace = person("ada", **options), person("grace", gateway=1)
        ada.chat_with(grace).is_live()
        grace.chat_with(ada).is_live()
        return ada, grace

    return make
