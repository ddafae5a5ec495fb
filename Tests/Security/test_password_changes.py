"""After a change of the password, whoever only knew the old one is out, whatever happened beside it."""

import os
import secrets
import signal
import threading
import time

import pytest

from client import Client
from people import PASSWORD, is_signed_in, sign_up, try_sign_in
from raw import connect

ROUNDS = 25
#: Sign-ins beside each change, and seconds within which all gateways know.
BESIDE, WITHIN = 8, 12
NEW_PASSWORD = "another sentence to remember"


def change(client, current=PASSWORD, new=NEW_PASSWORD):
    return client.post("/api/v1/account/password", {"currentPassword": current, "newPassword": new})


def all_refused(clients, gateways, limit=WITHIN):
    """Waits until no gateway takes any of the sessions; answers those that one still takes at the end of the limit."""
    end = time.monotonic() + limit
    left = [client.at(gateway) for client in clients for gateway in gateways]
    while left and time.monotonic() < end:
        left = [client for client in left if is_signed_in(client)]
        if left:
            time.sleep(0.25)
    return left


def test_no_session_that_the_old_password_opened_beside_the_change_survives_it(address, elsewhere):
    opened, changed, rounds = [], [], {}
    for number in range(ROUNDS):
        person = sign_up(address)
        results = []

        def sign_in(gateway, delay, person=person, results=results):
            time.sleep(delay)
            client = Client(gateway)
            if try_sign_in(client, person.username, PASSWORD).status == 200:
                # Cached where it was opened, as if it were in use.
                is_signed_in(client)
                results.append(client)

        threads = [
            threading.Thread(target=sign_in, args=([address, elsewhere][each % 2], each * 0.02)) for each in range(BESIDE)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.02 * (number % 5))
        answer = change(person.client)
        for thread in threads:
            thread.join()
        assert answer.status == 204, answer
        opened += results
        changed.append(person.client)
        rounds |= {client.cookie_header: number for client in results}
    assert len(opened) >= ROUNDS, "the old password opened sessions beside the change"
    survivors = all_refused(opened, [address, elsewhere])
    found = {rounds[client.cookie_header] for client in survivors if client.cookie_header in rounds}
    assert not survivors, f"{len(survivors)} sessions of {len(found)} of {ROUNDS} rounds survived"
    assert all(is_signed_in(client) for client in changed), "the control: who changed it goes on"


def test_a_change_whose_answer_nobody_waits_for_ends_the_other_sessions(address, elsewhere):
    others, people = [], []
    for number in range(5):
        person = sign_up(address)
        others += [person.sign_in(), person.sign_in(elsewhere)]
        people.append(person)
        body = f'{{"currentPassword":"{PASSWORD}","newPassword":"{NEW_PASSWORD}"}}'.encode()
        head = [
            "POST /api/v1/account/password HTTP/1.1", f"Host: {address[7:]}", f"Origin: {address}",
            f"Cookie: {person.client.cookie_header}", "Content-Type: application/json", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        with connect(address) as connection:
            connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            time.sleep(0.01 * number)
    for person in people:
        wait_for_password(person, address)
    assert not all_refused(others, [address, elsewhere])


def test_a_change_whose_outcome_the_gateway_never_hears_of_ends_the_other_sessions(stack, address, elsewhere):
    """The gateway dies while the users service has the change in its queue."""
    person = sign_up(address)
    others = [person.sign_in(), person.sign_in(elsewhere)]
    assert all(is_signed_in(client) for client in others)
    users = [process["pid"] for process in stack.processes("users")]
    with stack.another_gateway() as gateway:
        client = person.client.at(gateway.address)
        assert is_signed_in(client)
        for pid in users:
            os.kill(pid, signal.SIGSTOP)
        try:
            asked = threading.Thread(target=lambda: pytest.raises(Exception, change, client), daemon=True)
            asked.start()
            # Until the command is in its queue; what tells is only that nothing else can happen to it.
            time.sleep(0.5)
            gateway.kill()
        finally:
            for pid in users:
                os.kill(pid, signal.SIGCONT)
        asked.join(20)
    wait_for_password(person, address)
    assert not all_refused(others, [address, elsewhere]), "sessions of before the change go on"


def wait_for_password(person, address, limit=20):
    end = time.monotonic() + limit
    while try_sign_in(Client(address), person.username, NEW_PASSWORD).status != 200:
        assert time.monotonic() < end, "the password was not changed"
        # Failures slow down the next attempt, so a name is not tried faster than that.
        time.sleep(1)


def test_the_old_password_is_worth_nothing_after_the_change(address, elsewhere):
    person = sign_up(address)
    assert change(person.client).status == 204
    for gateway in (address, elsewhere):
        assert try_sign_in(Client(gateway), person.username, PASSWORD).status == 401
        assert try_sign_in(Client(gateway), person.username, NEW_PASSWORD).status == 200


def test_nobody_changes_a_password_without_knowing_it(address):
    person = sign_up(address)
    for current in ["", "not the password", NEW_PASSWORD, PASSWORD.upper(), PASSWORD + " ", secrets.token_hex(200)]:
        assert change(person.client, current).status in (401, 422, 429)
    assert is_signed_in(person.client)
    assert change(Client(address)).status == 401
