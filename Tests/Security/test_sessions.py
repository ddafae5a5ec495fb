"""Sessions: their cookies, what counts as one, and that an ended one is dead everywhere."""

import base64
import collections
import hashlib
import secrets
import time

import pytest

from client import Client
from people import PASSWORD, SESSION_COOKIE, is_signed_in, sign_up, try_sign_in, unique_name

#: Seconds within which every gateway knows that a session has ended, if it was not told at once.
EVERYWHERE_WITHIN = 12


def until_signed_out(client, limit=EVERYWHERE_WITHIN):
    end = time.monotonic() + limit
    while is_signed_in(client):
        assert time.monotonic() < end, "the session still counts"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def someone(address):
    return sign_up(address, "someone")


# --- The cookie -------------------------------------------------------------------------------------------------------


def attributes(header):
    pair, *rest = [part.strip() for part in header.split(";")]
    return pair, {each.lower() for each in rest}


def session_cookies(answer):
    return [header for header in answer.all("set-cookie") if header.startswith(SESSION_COOKIE + "=")]


@pytest.mark.parametrize("way", ["sign up", "sign in", "sign-up form", "sign-in form", "password", "password form"])
def test_every_way_to_get_a_session_sets_its_cookie_with_all_its_flags(address, way):
    person = sign_up(address)
    fresh = {"username": unique_name("fresh"), "password": PASSWORD}
    known = {"username": person.username, "password": PASSWORD}
    change = {"currentPassword": PASSWORD, "newPassword": "another sentence to remember"}
    anonymous = Client(address)
    answer = {
        "sign up": lambda: anonymous.post("/api/v1/accounts", fresh),
        "sign in": lambda: anonymous.post("/api/v1/session", known),
        "sign-up form": lambda: anonymous.post("/signup", form=fresh),
        "sign-in form": lambda: anonymous.post("/signin", form=known),
        "password": lambda: person.client.post("/api/v1/account/password", change),
        "password form": lambda: person.client.post("/account/password", form=change),
    }[way]()
    assert answer.status < 400, answer
    (header,) = session_cookies(answer)
    pair, flags = attributes(header)
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags), "only this host gets it"
    assert any(flag.startswith("max-age=") and 0 < int(flag[8:]) <= 31 * 86_400 for flag in flags)
    for other in answer.all("set-cookie"):
        assert "httponly" in attributes(other)[1], other


def test_behind_tls_the_cookie_never_travels_without_it(stack):
    with stack.another_gateway({"MARTLET_HTTP_SECURE": "true", "MARTLET_SESSION_STRICT_COOKIE": "true"}) as gateway:
        person = sign_up(gateway.address)
        assert "__Host-martlet" in person.client.cookies and SESSION_COOKIE not in person.client.cookies
        answer = try_sign_in(Client(gateway.address), person.username, PASSWORD)
        for header in answer.all("set-cookie"):
            pair, flags = attributes(header)
            assert pair.startswith("__Host-") and {"secure", "httponly", "path=/"} <= flags
        (header,) = [each for each in answer.all("set-cookie") if each.startswith("__Host-martlet=")]
        assert "samesite=strict" in attributes(header)[1]
        assert "max-age=" in answer.header("strict-transport-security")
        # The name that a page without TLS could have set is none of a session here.
        token = person.client.cookies["__Host-martlet"]
        assert not is_signed_in(Client(gateway.address, cookies={"martlet": token}))
        assert is_signed_in(Client(gateway.address, cookies={"__Host-martlet": token}))


def test_tokens_are_256_bits_that_look_random(someone, address):
    tokens = [someone.sign_in().cookies[SESSION_COOKIE] for _ in range(40)]
    assert len(set(tokens)) == len(tokens)
    raw = [base64.urlsafe_b64decode(token + "=") for token in tokens]
    assert all(len(each) == 32 for each in raw)
    # Of 10,240 random bits half are set, and none of the 256 places is always the same.
    ones = sum(bin(int.from_bytes(each)).count("1") for each in raw)
    assert abs(ones - 5_120) < 5 * 51
    for place in range(256):
        assert 0 < sum(int.from_bytes(each) >> place & 1 for each in raw) < len(raw)
    # Nor do neighbours have more in common than chance gives them.
    for one, other in zip(raw, raw[1:]):
        distance = bin(int.from_bytes(one) ^ int.from_bytes(other)).count("1")
        assert 128 - 64 < distance < 128 + 64
    counts = collections.Counter(byte for each in raw for byte in each)
    assert max(counts.values()) < 30


def test_no_answer_shows_a_token(someone):
    for path in ["/account", "/chatwith", "/api/v1/account", "/api/v1/sessions", "/logout_chat", "/nowhere"]:
        answer = someone.client.get(path)
        assert someone.token.encode() not in answer.body, path
        assert answer.header("cache-control") == "no-store" or answer.header("content-type") != "text/html; charset=utf-8"


# --- What is no session -----------------------------------------------------------------------------------------------

FORGED = {
    "nothing": lambda token: "",
    "one character": lambda token: "A",
    "one character less": lambda token: token[:-1],
    "one character more": lambda token: token + "A",
    "padding": lambda token: token + "=",
    "its first character twice": lambda token: token[0] + token,
    "another last character": lambda token: token[:-1] + ("A" if token[-1] != "A" else "Q"),
    "another first character": lambda token: ("A" if token[0] != "A" else "B") + token[1:],
    "other case": lambda token: token.swapcase(),
    "half of it": lambda token: token[:21],
    "backwards": lambda token: token[::-1],
    "random": lambda token: secrets.token_urlsafe(32),
    "zeros": lambda token: "A" * 43,
    "its hash": lambda token: hashlib.sha256(token.encode()).hexdigest(),
    "its hash in its alphabet": lambda token: (
        base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
    ),
    "an object": lambda token: '{"$ne":null}',
    "a pattern": lambda token: "." * 43,
    "in quotes": lambda token: f'"{token}"',
    "encoded": lambda token: token[:-1] + f"%{ord(token[-1]):02X}",
    "a space before it": lambda token: f" {token}",
    "eight kilobytes": lambda token: token + "A" * 8_000,
    "a list": lambda token: f"{token},{token}",
    "letters beyond ASCII": lambda token: token[:-1] + "\u00e4",
    "a path": lambda token: "../../" + token,
}


@pytest.mark.parametrize("form", FORGED)
def test_what_is_not_a_token_is_no_session(someone, address, form):
    forged = FORGED[form](someone.token)
    for path in ["/api/v1/account", "/api/v1/sessions", "/api/v1/conversations", "/api/v1/events"]:
        answer = Client(address).get(path, headers={"Cookie": f"{SESSION_COOKIE}={forged}".encode()})
        assert answer.status in (400, 401, 431), (path, answer)
    answer = Client(address).get("/chatwith", headers={"Cookie": f"{SESSION_COOKIE}={forged}".encode()})
    assert answer.status in (303, 400, 431)
    assert is_signed_in(someone.client), "the control: as it is, it is one"


@pytest.mark.parametrize("name", ["Martlet", "MARTLET", "martlet2", "xmartlet", "martlet ", "__Host-martlet", "session", "martlet[]"])
def test_no_other_cookie_is_a_session(someone, address, name):
    assert not is_signed_in(Client(address, cookies={name: someone.token}))


@pytest.mark.parametrize("place", ["Authorization", "X-Session", "X-Martlet-Session", "Cookie2"])
def test_a_token_counts_nowhere_but_in_the_cookie(someone, address, place):
    for value in [someone.token, f"Bearer {someone.token}", f"martlet={someone.token}"]:
        assert Client(address).get("/api/v1/account", headers={place: value}).status == 401
    assert Client(address).get(f"/api/v1/account?martlet={someone.token}&session={someone.token}").status == 401


def test_of_two_cookies_no_forged_one_hides_or_joins_the_other(someone, person, address):
    other = person()
    forged = secrets.token_urlsafe(32)
    for cookies, allowed in [
        ([f"martlet={forged}; martlet={someone.token}"], {None, someone.id}),
        ([f"martlet={someone.token}; martlet={forged}"], {None, someone.id}),
        (["martlet=x", f"martlet={someone.token}"], {None, someone.id}),
        ([f"martlet={other.token}; martlet={someone.token}"], {None, other.id, someone.id}),
        ([f'x="martlet={someone.token}"'], {None}),
        ([f"x=martlet={someone.token}"], {None}),
        ([f"martlet={someone.token[:20]}; martlet={someone.token[20:]}"], {None}),
    ]:
        answer = Client(address).get("/api/v1/account", headers={"Cookie": cookies})
        assert answer.status in (200, 400, 401), answer
        assert (answer.json()["id"] if answer.status == 200 else None) in allowed, cookies


# --- Fixation and change ----------------------------------------------------------------------------------------------


def test_a_cookie_that_was_there_before_signing_in_is_never_a_session_afterwards(address):
    person = sign_up(address)
    planted = secrets.token_urlsafe(32)
    browser = Client(address, cookies={SESSION_COOKIE: planted})
    assert try_sign_in(browser, person.username, PASSWORD).status == 200
    assert browser.cookies[SESSION_COOKIE] != planted
    assert not is_signed_in(Client(address, cookies={SESSION_COOKIE: planted}))
    assert is_signed_in(browser)


def test_signing_in_again_ends_the_session_that_the_browser_had(address, elsewhere, person):
    attacker, victim = person("attacker"), person("victim")
    planted = attacker.token
    browser = Client(address, cookies={SESSION_COOKIE: planted})
    assert is_signed_in(browser) and is_signed_in(browser.at(elsewhere))
    assert try_sign_in(browser, victim.username, PASSWORD).status == 200
    assert browser.get("/api/v1/account").json()["id"] == victim.id
    for gateway in (address, elsewhere):
        until_signed_out(Client(gateway, cookies={SESSION_COOKIE: planted}))


ENDINGS = {
    "signing out": lambda browser, person: browser.request("DELETE", "/api/v1/session"),
    "the sign-out form": lambda browser, person: browser.post("/logout_chat", form={}),
    "ending it elsewhere": lambda browser, person: person.client.request(
        "DELETE", "/api/v1/sessions/" + hashlib.sha256(browser.cookies[SESSION_COOKIE].encode()).hexdigest()
    ),
    "ending all others": lambda browser, person: person.client.request("DELETE", "/api/v1/sessions"),
    "the form for others": lambda browser, person: person.client.post("/account/sessions/end", form={"others": "1"}),
    "a new password": lambda browser, person: person.client.post(
        "/api/v1/account/password", {"currentPassword": PASSWORD, "newPassword": "another sentence to remember"}
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ended_session_is_dead_at_every_gateway(address, elsewhere, ending):
    person = sign_up(address)
    browser = person.sign_in()
    kept = browser.at(address), browser.at(elsewhere)
    # Both have it in their caches.
    assert all(is_signed_in(each) for each in kept)
    assert ENDINGS[ending](browser, person).status in (204, 303)
    for each in kept:
        until_signed_out(each)
        assert each.post("/api/v1/sync", {}).status == 401
        assert each.get("/api/v1/events").status == 401
        assert each.get("/chatwith").status == 303
    if ending not in ("signing out", "the sign-out form"):
        assert is_signed_in(person.client), "the one that ended it goes on"


def test_a_live_stream_ends_with_its_session(address, elsewhere):
    person = sign_up(address)
    browser = person.sign_in()
    for gateway in (address, elsewhere):
        assert is_signed_in(browser.at(gateway))
    streams = [browser.at(gateway).stream("/api/v1/events") for gateway in (address, elsewhere)]
    for stream in streams:
        assert stream.wait_for(lambda event: event.name == "alive", 10)
    assert person.client.request("DELETE", "/api/v1/sessions").status == 204
    for stream in streams:
        assert stream.ends_within(EVERYWHERE_WITHIN)


# --- Of others --------------------------------------------------------------------------------------------------------


def test_nobody_else_can_see_or_end_a_session(person, someone):
    attacker = person("attacker")
    key = hashlib.sha256(someone.token.encode()).hexdigest()
    assert key in [each["id"] for each in someone.client.get("/api/v1/sessions").json()["sessions"]]
    assert key not in attacker.client.get("/api/v1/sessions").text
    for id in (key, key.upper(), secrets.token_hex(32)):
        answer = attacker.client.request("DELETE", f"/api/v1/sessions/{id}")
        assert answer.status == 404, "the same for a session of somebody else and for none"
    attacker.client.post("/account/sessions/end", form={"id": key})
    attacker.client.post("/account/sessions/end", form={"others": "1", "id": key, "user": someone.id})
    assert attacker.client.request("DELETE", "/api/v1/sessions").status == 204
    assert is_signed_in(someone.client)
    # The control: its owner can.
    other = someone.sign_in()
    key = hashlib.sha256(other.cookies[SESSION_COOKIE].encode()).hexdigest()
    assert someone.client.request("DELETE", f"/api/v1/sessions/{key}").status == 204
    until_signed_out(other)


def test_a_page_of_one_user_does_nothing_with_the_session_of_another(person, someone):
    """The page names its user, because somebody else may have signed in on the same browser since it was loaded."""
    other, friend = person(), person()
    conversation = someone.open(friend)
    body = {"clientMessageId": secrets.token_hex(16), "text": "from a page of somebody else"}
    for named in (other.id, "", "x", someone.id.upper(), someone.id + " x", [other.id, someone.id]):
        headers = {"X-Martlet-User": named}
        for method, path, sent in [
            ("POST", f"/api/v1/conversations/{conversation}/messages", body),
            ("PUT", f"/api/v1/conversations/{conversation}/position", {"read": 1}),
            ("PATCH", "/api/v1/account", {"displayName": "changed"}),
            ("POST", "/api/v1/sync", {}),
            ("GET", "/api/v1/account", None),
            ("GET", "/api/v1/events", None),
        ]:
            answer = someone.client.request(method, path, json=sent, headers=headers)
            assert answer.status == 401, (named, method, path, answer)
    assert someone.history(conversation) == [] and is_signed_in(someone.client)
    answer = someone.client.post(
        f"/api/v1/conversations/{conversation}/messages", body, headers={"X-Martlet-User": someone.id}
    )
    assert answer.status == 200
