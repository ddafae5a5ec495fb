"""Strangers who guess somebody's password slow down themselves and each other, and not the owner."""

import threading
import time

import pytest

from client import Client
from conftest import LIMITS
from people import PASSWORD, is_signed_in, sign_up, try_sign_in

SIGN_INS = 22


@pytest.fixture(scope="module")
def guessed(stack):
    """A gateway of its own, where guesses are counted as everywhere, with a raised limit for each address alone."""
    with stack.another_gateway(LIMITS) as gateway:
        yield gateway.address


class Strangers:
    """Guesses of a name from many addresses, each as fast as its answers come."""

    def __init__(self, address, username, sources):
        self.statuses = []
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._guess, args=(address, username, source), daemon=True) for source in sources
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        end = time.monotonic() + 20
        while self.statuses.count(401) < 6 and time.monotonic() < end:
            time.sleep(0.05)
        assert self.statuses.count(401) >= 5
        return self

    def __exit__(self, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join(30)

    def _guess(self, address, username, source):
        client = Client(address, source)
        number = 0
        while not self._ended.wait(0.2):
            number += 1
            self.statuses.append(try_sign_in(client, username, f"guess number {number} of {source}").status)


#: From networks of their own, so that no limit of a network is what stops them.
SOURCES = [f"127.0.{number}.2" for number in range(10, 18)]


def test_the_owner_signs_in_while_strangers_guess(guessed):
    owner = sign_up(guessed, "owner", source="127.1.0.1")
    browser = owner.sign_in()
    with Strangers(guessed, owner.username, SOURCES) as strangers:
        statuses = []
        for _ in range(SIGN_INS):
            assert browser.request("DELETE", "/api/v1/session").status == 204
            statuses.append(try_sign_in(browser, owner.username, PASSWORD).status)
            time.sleep(0.15)
    assert statuses == [200] * SIGN_INS, f"{statuses.count(200)} of {SIGN_INS} times"
    assert 429 in strangers.statuses, "the control: guessing is slowed down"


def test_a_live_session_changes_its_password_while_strangers_guess(guessed):
    owner = sign_up(guessed, "owner", source="127.1.0.1")
    with Strangers(guessed, owner.username, SOURCES):
        for current, new in [(PASSWORD, "another sentence to remember"), ("another sentence to remember", PASSWORD)]:
            body = {"currentPassword": current, "newPassword": new}
            answer = owner.client.post("/api/v1/account/password", body)
            assert answer.status == 204, answer
            time.sleep(0.5)


def test_what_a_browser_knows_of_one_account_helps_to_guess_no_other(guessed):
    victim, attacker = sign_up(guessed, "victim"), sign_up(guessed, "attacker")
    browser = attacker.client
    statuses = [try_sign_in(browser, victim.username, f"guess {number}").status for number in range(12)]
    assert statuses.count(401) <= 6 and 429 in statuses, statuses
    assert is_signed_in(attacker.client)


def test_a_browser_that_signed_in_before_cannot_guess_for_ever(guessed):
    """Somebody who once used the owner's computer has its cookies."""
    owner = sign_up(guessed, "owner")
    browser = owner.client
    assert browser.request("DELETE", "/api/v1/session").status == 204
    statuses = [try_sign_in(browser, owner.username, f"guess {number}").status for number in range(12)]
    assert statuses.count(401) <= 6 and 429 in statuses, statuses


def test_guessing_is_slowed_down_whether_or_not_the_name_exists(guessed):
    existing = sign_up(guessed, "existing").username
    outcomes = []
    for name in (existing, "nobody-" + existing):
        answers = [try_sign_in(Client(guessed), name, f"guess {number}") for number in range(8)]
        outcomes.append([(answer.status, answer.json()["detail"], answer.json()["code"]) for answer in answers])
    assert [status for status, _, _ in outcomes[0]] == [401] * 5 + [429] * 3
    assert outcomes[0] == outcomes[1]
