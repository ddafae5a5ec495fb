"""People who are signed up, and what they do all the time."""

import hashlib
import itertools
import secrets

from client import Client

PASSWORD = "correct horse battery staple"
SESSION_COOKIE = "martlet"
_numbers = itertools.count(1)


class Person:
    """An account with one browser that is signed in."""

    def __init__(self, client, username, password, user):
        self.client = client
        self.username = username
        self.password = password
        self.id = user["id"]

    @property
    def token(self):
        return self.client.cookies[SESSION_COOKIE]

    def sign_in(self, address=None, source=None):
        """Another browser of the same person, signed in."""
        client = Client(address or self.client.address, source or self.client.source)
        answer = try_sign_in(client, self.username, self.password)
        assert answer.status == 200, answer
        return client

    def open(self, other):
        """The id of the conversation with somebody."""
        answer = self.client.post("/api/v1/conversations", {"username": other.username})
        assert answer.status == 200, answer
        return answer.json()["id"]

    def send(self, conversation, text, client=None):
        answer = (client or self.client).post(
            f"/api/v1/conversations/{conversation}/messages",
            {"clientMessageId": secrets.token_hex(16), "text": text},
        )
        assert answer.status == 200, answer
        return answer.json()

    def history(self, conversation, limit=200):
        answer = self.client.get(f"/api/v1/conversations/{conversation}/messages?limit={limit}")
        assert answer.status == 200, answer
        return answer.json()["messages"]

    def has_read(self, conversation):
        """Moves the read position to the end."""
        position = {"read": self.conversation(conversation)["head"]}
        answer = self.client.request("PUT", f"/api/v1/conversations/{conversation}/position", json=position)
        assert answer.status == 200, answer

    def conversation(self, conversation):
        answer = self.client.get(f"/api/v1/conversations/{conversation}")
        assert answer.status == 200, answer
        return answer.json()


def unique_name(prefix="user"):
    return f"{prefix}{next(_numbers)}-{secrets.token_hex(3)}"


def sign_up(address, prefix="user", username=None, password=PASSWORD, source="127.0.0.1", display_name=None):
    client = Client(address, source)
    username = username or unique_name(prefix)
    body = {"username": username, "password": password}
    if display_name is not None:
        body["displayName"] = display_name
    answer = client.post("/api/v1/accounts", body)
    assert answer.status == 201, answer
    return Person(client, username, password, answer.json())


def try_sign_in(client, username, password):
    return client.post("/api/v1/session", {"username": username, "password": password})


def is_signed_in(client):
    """Whether the server takes the browser's cookies for a session."""
    answer = client.get("/api/v1/account")
    assert answer.status in (200, 401), answer
    return answer.status == 200


def direct_conversation(one, other):
    """The id of the conversation of two people, which anybody can compute from their public ids."""
    low, high = sorted([bytes.fromhex(one), bytes.fromhex(other)])
    return hashlib.sha256(b"martlet direct conversation" + low + high).hexdigest()[:32]
