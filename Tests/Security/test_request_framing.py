"""Requests whose end two parsers could see in different places, over raw sockets.

Each attack carries a second request inside of the first or behind it: a message that gets sent if anything takes those
bytes for a request. Whatever is ambiguous must be refused with the connection closed, and the message must not be there.
"""

import json
import secrets
import time
from urllib.parse import urlsplit

import pytest

from people import sign_up
from raw import connect, exchange

CRLF = b"\r\n"


class Target:
    """Somebody whose message is hidden in the attacks, and the conversation that it would go to."""

    def __init__(self, address):
        self.person = sign_up(address, "hidden")
        self.other = sign_up(address, "other")
        self.address = address
        self.conversation = self.person.open(self.other)
        host = urlsplit(address).netloc
        self.fields = [
            f"Host: {host}", f"Origin: {address}", f"Cookie: martlet={self.person.token}",
            "Content-Type: application/json",
        ]

    def head(self, *fields, method="POST", path=None, own=True, version="HTTP/1.1"):
        """A request that would be carried out, with further fields."""
        path = path or f"/api/v1/conversations/{self.conversation}/messages"
        lines = [f"{method} {path} {version}"] + (self.fields if own else []) + list(fields)
        return "\r\n".join(lines).encode("latin-1") + CRLF + CRLF

    def body(self, text="hidden"):
        return json.dumps({"clientMessageId": secrets.token_hex(16), "text": text}).encode()

    def message(self, text="hidden"):
        """A whole request that sends a message."""
        body = self.body(text)
        return self.head(f"Content-Length: {len(body)}") + body

    def inside(self, body, **options):
        """A request with those bytes as its body."""
        return self.head(f"Content-Length: {len(body)}", **options) + body

    def texts(self):
        return [message["text"] for message in self.person.history(self.conversation)]


@pytest.fixture(scope="module")
def target(address):
    return Target(address)


def chunked(body, extension=b"", zeros=0):
    return b"0" * zeros + f"{len(body):x}".encode() + extension + CRLF + body + CRLF + b"0" + CRLF + CRLF


# Each makes the bytes of an attack. The hidden message comes last, where one parser would see a body and another a request.
REFUSED = {
    "length and chunks": lambda t: t.head("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + t.message(),
    "chunks and length": lambda t: t.head("Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n" + t.message(),
    "chunks and length of nothing": lambda t: t.head("Transfer-Encoding: chunked", "Content-Length: 0") + t.message(),
    "two lengths": lambda t: t.head("Content-Length: 0", "Content-Length: 5") + t.message(),
    "two equal lengths": lambda t: t.head("Content-Length: 0", "Content-Length: 0") + t.message(),
    "lengths in a list": lambda t: t.head("Content-Length: 0, 5") + t.message(),
    "equal lengths in a list": lambda t: t.head("Content-Length: 0, 0") + t.message(),
    "a length with a sign": lambda t: t.head("Content-Length: +0") + t.message(),
    "a negative length": lambda t: t.head("Content-Length: -1") + t.message(),
    "a hexadecimal length": lambda t: t.head("Content-Length: 0x0") + t.message(),
    "a length with a fraction": lambda t: t.head("Content-Length: 0.0") + t.message(),
    "a length with a space inside": lambda t: t.head("Content-Length: 0 1") + t.message(),
    "an empty length": lambda t: t.head("Content-Length:") + t.message(),
    "a length beyond 64 bits": lambda t: t.head("Content-Length: 18446744073709551616") + t.message(),
    "a length with a space before the colon": lambda t: t.head("Content-Length : 0") + t.message(),
    "a length with a tab before the colon": lambda t: t.head("Content-Length\t: 0") + t.message(),
    "chunks with a space before the colon": lambda t: t.head("Transfer-Encoding : chunked") + b"0\r\n\r\n" + t.message(),
    "a name with a control character": lambda t: t.head("Content-Length\x01: 0") + t.message(),
    "a name with NUL": lambda t: t.head("Content-Length\x00: 0") + t.message(),
    "a value with NUL": lambda t: t.head("X-Test: a\x00b", "Content-Length: 0") + t.message(),
    "a length with NUL": lambda t: t.head("Content-Length: 0\x00") + t.message(),
    "a field without a colon": lambda t: t.head("Content-Length") + t.message(),
    "a field without a name": lambda t: t.head(": 0", "Content-Length: 0") + t.message(),
    "an encoding that is folded": lambda t: t.head("Transfer-Encoding:\r\n chunked") + b"0\r\n\r\n" + t.message(),
    "a length that is folded": lambda t: t.head("Content-Length:\r\n 0") + t.message(),
    "a field that is folded": lambda t: t.head("X-Test: a\r\n b", "Content-Length: 0") + t.message(),
    "a first line that is folded": lambda t: t.head(own=False).replace(b"\r\n", b"\r\n X: y\r\n", 1) + t.message(),
    "chunks spelled otherwise": lambda t: t.head("Transfer-Encoding: xchunked") + b"0\r\n\r\n" + t.message(),
    "chunks and another encoding": lambda t: t.head("Transfer-Encoding: chunked, identity") + b"0\r\n\r\n" + t.message(),
    "chunks twice": lambda t: t.head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + t.message(),
    "chunks and identity": lambda t: (
        t.head("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + b"0\r\n\r\n" + t.message()
    ),
    "an encoding in quotes": lambda t: t.head('Transfer-Encoding: "chunked"') + b"0\r\n\r\n" + t.message(),
    "an encoding with a control character": lambda t: (
        t.head("Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n" + t.message()
    ),
    "chunks in HTTP/1.0 with a length": lambda t: (
        t.head("Transfer-Encoding: chunked", "Content-Length: 5", version="HTTP/1.0") + b"0\r\n\r\n" + t.message()
    ),
    "the size of a chunk with a sign": lambda t: t.head("Transfer-Encoding: chunked") + b"+0\r\n\r\n" + t.message(),
    "the size of a chunk below zero": lambda t: t.head("Transfer-Encoding: chunked") + b"-1\r\n\r\n" + t.message(),
    "the size of a chunk with a prefix": lambda t: t.head("Transfer-Encoding: chunked") + b"0x0\r\n\r\n" + t.message(),
    "the size of a chunk beyond 64 bits": lambda t: (
        t.head("Transfer-Encoding: chunked") + b"10000000000000000\r\n" + t.message()
    ),
    "a chunk without a size": lambda t: t.head("Transfer-Encoding: chunked") + b"\r\n\r\n" + t.message(),
    "a chunk with a space before its size": lambda t: t.head("Transfer-Encoding: chunked") + b" 0\r\n\r\n" + t.message(),
    "a chunk with NUL in its size": lambda t: t.head("Transfer-Encoding: chunked") + b"0\x00\r\n\r\n" + t.message(),
    "a chunk that ends with a bare LF": lambda t: t.head("Transfer-Encoding: chunked") + b"0\n\n" + t.message(),
    "a chunk that is longer than it says": lambda t: (
        t.head("Transfer-Encoding: chunked") + b"1\r\nab\r\n0\r\n\r\n" + t.message()
    ),
    "a chunk's extension with a bare LF": lambda t: t.head("Transfer-Encoding: chunked") + b"0;x\n\r\n" + t.message(),
    "a bare CR between fields": lambda t: t.head("X-Test: a\rContent-Length: 0", "Content-Length: 9") + t.message(),
    "a bare CR at the end of the head": lambda t: t.head("Content-Length: 0")[:-4] + b"\r\r" + t.message(),
    "a first line with NUL": lambda t: b"\x00" + t.head("Content-Length: 0") + t.message(),
    "a path with NUL": lambda t: t.head("Content-Length: 0", path="/api\x00/v1") + t.message(),
    "a path with a space": lambda t: t.head("Content-Length: 0", path="/api /v1") + t.message(),
    "a first line without a version": lambda t: b"GET /\r\n" + t.head("Content-Length: 0") + t.message(),
    "another version": lambda t: t.head("Content-Length: 0", version="HTTP/1.2") + t.message(),
    "the version of the next protocol": lambda t: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + t.message(),
    "a version that is none": lambda t: t.head("Content-Length: 0", version="HTTP/9.9") + t.message(),
    "a handshake of TLS": lambda t: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + t.message(),
    "a field over the limit": lambda t: t.head("X-Test: " + "a" * 20_000, "Content-Length: 0") + t.message(),
    "a name over the limit": lambda t: t.head("X" * 20_000 + ": a", "Content-Length: 0") + t.message(),
    "fields over the limit": lambda t: t.head(*["X-Test: " + "a" * 900] * 40, "Content-Length: 0") + t.message(),
    "too many fields": lambda t: t.head(*[f"X-{number}: a" for number in range(150)], "Content-Length: 0") + t.message(),
}


@pytest.mark.parametrize("attack", REFUSED)
def test_an_ambiguous_request_is_refused_and_what_follows_is_not_read(target, attack):
    before = target.texts()
    result = exchange(target.address, REFUSED[attack](target), quiet=5)
    assert result.closed, result
    # One answer at most, and an error; or none, if nothing could be taken for a request at all.
    assert len(result.answers) <= 1 and all(400 <= status < 600 for status in result.statuses), result
    assert target.texts() == before


# Requests that mean one thing only, with what has to come of them: their own statuses, and the messages that are there
# afterwards. They are the control of the attacks above, and show that bytes of a body are never taken for a request.
UNDERSTOOD = {
    "the hidden message behind a request without a body": (
        lambda t: t.head("Content-Length: 0") + t.message("behind"), [400, 200], ["behind"],
    ),
    "three messages at once": (
        lambda t: t.message("one") + t.message("two") + t.message("three"), [200, 200, 200], ["one", "two", "three"],
    ),
    "chunks": (
        lambda t: t.head("Transfer-Encoding: chunked") + chunked(t.body("one")) + t.message("two"),
        [200, 200], ["one", "two"],
    ),
    "chunks with extensions": (
        lambda t: t.head("Transfer-Encoding: chunked") + chunked(t.body("one"), extension=b';a=b;c="0"') + t.message("two"),
        [200, 200], ["one", "two"],
    ),
    "chunks with leading zeros": (
        lambda t: t.head("Transfer-Encoding: chunked") + chunked(t.body("one"), zeros=30) + t.message("two"),
        [200, 200], ["one", "two"],
    ),
    "a message in the body of a GET": (
        lambda t: t.inside(t.message(), method="GET", path="/api/v1/account"), [200], [],
    ),
    "a message in the chunks of a GET": (
        lambda t: t.head("Transfer-Encoding: chunked", method="GET", path="/api/v1/account")
        + chunked(t.message()) + t.message("behind"),
        [200, 200], ["behind"],
    ),
    "a message in the body of a HEAD": (
        lambda t: t.inside(t.message(), method="HEAD", path="/assets/x/martlet.svg"), None, [],
    ),
    "a message in a body that is refused": (lambda t: t.inside(t.message()), [400], []),
    "a message in a body that is too large": (lambda t: t.inside(t.message() * 400), [413], []),
    "a message behind a request that closes": (
        lambda t: t.head("Content-Length: 0", "Connection: close") + t.message(), [400], [],
    ),
    "a message behind HTTP/1.0": (lambda t: t.head("Content-Length: 0", version="HTTP/1.0") + t.message(), [400], []),
    "a message behind CONNECT": (lambda t: t.head(method="CONNECT", path="127.0.0.1:80") + t.message(), None, []),
    "a message behind an upgrade to HTTP/2": (
        lambda t: t.head(
            "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__", method="GET",
            path="/api/v1/account",
        ) + t.message(),
        [200], [],
    ),
    "a message behind a web socket": (
        lambda t: t.head(
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", method="GET", path="/api/v1/account",
        ) + t.message(),
        [200], [],
    ),
    "a message behind an expectation": (
        lambda t: t.head("Expect: 100-continue", "Content-Length: 0") + t.message("behind"), [400, 200], ["behind"],
    ),
    "a length whose name has an underscore": (
        lambda t: t.head("Content_Length: 1000", "Content-Length: 0") + t.message("behind"), [400, 200], ["behind"],
    ),
    "a path over the limit": (
        lambda t: t.head("Content-Length: 0", path="/" + "a" * 5_000) + t.message("behind"), [414, 200], ["behind"],
    ),
    "the address of everything": (
        lambda t: t.head("Content-Length: 0", method="OPTIONS", path="*") + t.message("behind"), [404, 200], ["behind"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_a_body_is_never_taken_for_a_request(target, name):
    make, statuses, texts = UNDERSTOOD[name]
    before = target.texts()
    expected = len(statuses) if statuses and len(statuses) > 1 else None
    result = exchange(target.address, make(target), quiet=1.5, expected=expected)
    if statuses is not None:
        assert result.statuses == statuses, result
    assert target.texts() == before + texts


# The forms of a head that are not ambiguous where it ends, but could be about where it goes.
@pytest.mark.parametrize("path", ["http://evil.example/api/v1/account", "//evil.example/api/v1/account", "http://[::1/", "*"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "OPTIONS"])
def test_an_address_in_the_first_line_proves_no_origin(target, method, path):
    name = target.person.client.get("/api/v1/account").json()["displayName"]
    body = b'{"displayName":"changed"}'
    fields = [field for field in target.fields if not field.startswith("Origin")]
    for origin in ["http://evil.example", "null"]:
        lines = [f"{method} {path} HTTP/1.1", *fields, f"Origin: {origin}", f"Content-Length: {len(body)}", "", ""]
        result = exchange(target.address, "\r\n".join(lines).encode() + body, expected=1)
        assert all(status < 500 for status in result.statuses)
        if method != "GET":
            assert result.statuses in ([400], [403], [404], [405]), result
    assert target.person.client.get("/api/v1/account").json()["displayName"] == name


def test_what_comes_behind_a_refused_request_is_not_read_when_it_comes_later(target):
    """The connection must be given up, not only what came with the first packet."""
    before = target.texts()
    for _ in range(5):
        with connect(target.address) as connection:
            connection.sendall(target.head("Content-Length: 0", "Transfer-Encoding: chunked"))
            time.sleep(0.1)
            try:
                connection.sendall(target.message())
                connection.settimeout(5)
                while connection.recv(65_536):
                    pass
            except (ConnectionResetError, BrokenPipeError):
                pass
    assert target.texts() == before


def test_requests_that_arrive_byte_by_byte_and_split_anywhere_mean_the_same(target):
    before = target.texts()
    whole = target.message("split") + target.head("Transfer-Encoding: chunked") + chunked(target.body("in pieces"))
    with connect(target.address) as connection:
        for start in range(0, len(whole), 7):
            connection.sendall(whole[start : start + 7])
        connection.settimeout(5)
        received = b""
        while received.count(b"HTTP/1.1 200") < 2:
            chunk = connection.recv(65_536)
            assert chunk, received
            received += chunk
    assert target.texts() == before + ["split", "in pieces"]
