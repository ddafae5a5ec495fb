"""How often somebody may ask, at gateways with the limits that servers have."""

import threading
import time
from urllib.parse import urlsplit

import pytest

from client import Client
from conftest import USUAL_LIMITS
from people import PASSWORD, is_signed_in, sign_up
from raw import exchange


@pytest.fixture(scope="module")
def usual(stack):
    """A gateway with the usual limits, but for how many people may sign up from one address."""
    settings = USUAL_LIMITS | {
        "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE": "100000",
        "MARTLET_LIMITS_NETWORK_ATTEMPTS_PER_MINUTE": "100000",
    }
    with stack.another_gateway(settings) as gateway:
        yield gateway.address


@pytest.fixture(scope="module")
def strict(stack):
    """A gateway where one may ask for two things a second, eight at once, and send half of that."""
    settings = {
        "MARTLET_LIMITS_REQUESTS_PER_SECOND": "2", "MARTLET_LIMITS_ANONYMOUS_PER_SECOND": "2",
        "MARTLET_LIMITS_SENDS_PER_SECOND": "1", "MARTLET_LIMITS_SEND_BURST": "4",
    }  # fmt: skip
    with stack.another_gateway(settings) as gateway:
        yield gateway.address


@pytest.fixture(scope="module", autouse=True)
def messages(address):
    """Somebody whose name is the end of the address to which messages are sent."""
    return sign_up(address, username="messages")


def statuses(count, request):
    return [request(number).status for number in range(count)]


@pytest.mark.parametrize("path, form", [
    ("/chatwithme/messages", {"text": "x", "clientMessageId": "damaged"}),
    ("/chatwithme/messages", {"text": " ", "clientMessageId": "0" * 32}),
    ("/chatwithme/messages", {}),
    ("/chatwithme/nobody", {"text": "x", "clientMessageId": "0" * 32}),
    ("/account", {"displayName": ""}),
    ("/nowhere/messages", {}),
    ("/api/v1/nowhere/messages", {}),
    ("/api/v1/conversations/x/messages", {}),
    ("/api/v1/messages", {}),
])  # fmt: skip
def test_no_form_of_a_request_escapes_the_limit_of_its_user(address, strict, path, form):
    person = sign_up(address)
    client = person.client.at(strict)
    begin = time.monotonic()
    found = statuses(40, lambda number: client.post(path, form=form))
    seconds = time.monotonic() - begin
    passed = len(found) - found.count(429)
    # What the bucket holds and what comes in meanwhile; a form may take from two buckets.
    assert passed <= 2 * (8 + 2 * seconds) + 2 and found.count(429) > 5, (passed, seconds, found)
    answer = client.post(path, form=form)
    assert answer.status != 429 or int(answer.header("retry-after")) >= 1


@pytest.mark.parametrize("path", ["/chatwith", "/api/v1/account", "/api/v1/conversations", "/account"])
def test_reading_is_limited_as_well_and_others_are_not_affected(address, strict, path):
    client, other = sign_up(address).client.at(strict), sign_up(address).client.at(strict)
    found = statuses(30, lambda number: client.get(path))
    assert found[0] == 200 and found.count(429) > 5, found
    assert other.get(path).status == 200


def test_messages_have_an_allowance_of_their_own(address, strict):
    one, other = sign_up(address), sign_up(address)
    conversation, client = one.open(other), one.client.at(strict)
    found = statuses(12, lambda number: client.post(
        f"/api/v1/conversations/{conversation}/messages", {"clientMessageId": f"{number:032x}", "text": "x"}
    ))  # fmt: skip
    assert found[:3] == [200] * 3 and 429 in found, found


def test_passwords_cannot_be_changed_in_a_loop(usual):
    person = sign_up(usual)
    found = []
    passwords = [PASSWORD, "another sentence to remember"]
    for number in range(15):
        body = {"currentPassword": passwords[0], "newPassword": passwords[1]}
        answer = person.client.post("/api/v1/account/password", body)
        found.append(answer.status)
        if answer.status == 204:
            passwords.reverse()
    assert found[0] == 204 and found.count(204) <= 8 and found[-1] == 429, found
    # Neither by the form nor with wrong passwords, each of which takes as long.
    form = {"currentPassword": "not the password", "newPassword": "one more sentence to remember"}
    found = statuses(10, lambda number: person.client.post("/account/password", form=form))
    assert found[-1] == 429, found


def test_sessions_of_one_user_have_an_end_and_the_current_one_is_always_listed(address, elsewhere):
    person = sign_up(address)
    browsers = [person.sign_in() for _ in range(60)]
    sessions = browsers[-1].get("/api/v1/sessions").json()["sessions"]
    assert len(sessions) <= 55, len(sessions)
    for browser in [browsers[-1], browsers[-20]]:
        listed = browser.get("/api/v1/sessions").json()["sessions"]
        assert [each["isCurrent"] for each in listed].count(True) == 1
        assert "This one" in browser.get("/account").text
    # Those that had to make room are dead at every gateway, and those that are listed are not.
    end = time.monotonic() + 12
    while (alive := sum(is_signed_in(each.at(elsewhere)) for each in [person.client, *browsers])) != len(sessions):
        assert time.monotonic() < end, (alive, len(sessions))
        time.sleep(0.5)


def test_a_flood_of_strangers_requests_is_limited_by_address(usual):
    found = {}

    def flood(path):
        client = Client(usual, "127.0.5.1")
        found[path] = statuses(400, lambda number: client.get(path))

    threads = [threading.Thread(target=flood, args=(path,)) for path in ["/signin", "/", "/nowhere", "/api/v1/account"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    limited = {path: statuses.count(429) for path, statuses in found.items()}
    assert sum(limited.values()) > 200, limited
    assert Client(usual, "127.0.6.1").get("/signin").status == 200, "another address is not affected"
    # Somebody who is signed in shares nothing with strangers at the same address.
    person = sign_up(usual)
    assert Client(usual, "127.0.5.1", person.client.cookies).get("/api/v1/account").status == 200


# --- Where a request says that it goes --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public(stack):
    """A gateway that is told by which addresses browsers come."""
    with stack.another_gateway({"MARTLET_HTTP_ORIGINS": "https://chat.example.org"}) as gateway:
        yield gateway.address


def ask(address, *fields, version="HTTP/1.1", path="/signin"):
    head = "\r\n".join([f"GET {path} {version}", *fields, "", ""]).encode("latin-1")
    return exchange(address, head, expected=1).statuses


@pytest.mark.parametrize("path", ["/signin", "/api/v1/account", "/assets/x/martlet.svg", "/api/v1/openapi.json"])
def test_a_request_has_exactly_one_host(address, path):
    own = urlsplit(address).netloc
    assert ask(address, f"Host: {own}", path=path)[0] in (200, 401)
    assert ask(address, path=path) == [400]
    assert ask(address, f"Host: {own}", f"Host: {own}", path=path) == [400]
    assert ask(address, f"Host: {own}", "Host: evil.example", path=path) == [400]
    assert ask(address, "Host:", path=path) == [400]


@pytest.mark.parametrize("host", [
    "evil.example", "chat.example.org.evil.example", "evil-chat.example.org", "127.0.0.1", "localhost",
    "chat.example.org@evil.example", "chat.example.org/evil", "chat.example.org evil.example", "chat.example.org, evil",
    "[::1]", "chat.example.or", "",
])  # fmt: skip
def test_where_the_addresses_are_known_no_other_host_is_answered(public, host):
    assert ask(public, f"Host: {host}") == [400]
    assert ask(public, f"Host: {host}", "Origin: https://chat.example.org", path="/api/v1/openapi.json") == [400]


def test_where_the_addresses_are_known_they_are_answered(public):
    for host in ["chat.example.org", "CHAT.example.org", "chat.example.org:443"]:
        assert ask(public, f"Host: {host}") == [200]
    client = Client(public)
    headers = {"Host": "chat.example.org", "Origin": "https://chat.example.org"}
    answer = client.post("/api/v1/session", {"username": "x", "password": "y"}, headers=headers)
    assert answer.status == 401
    headers["Origin"] = f"http://{urlsplit(public).netloc}"
    assert client.post("/api/v1/session", {"username": "x", "password": "y"}, headers=headers).status == 403
