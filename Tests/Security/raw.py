"""Bytes on a socket, for requests that no client library would send."""

import contextlib
import socket
from urllib.parse import urlsplit


class RawAnswer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:120]!r}"


class Exchange:
    """What the server made of some bytes: its answers, and whether it closed the connection."""

    def __init__(self, received, closed):
        self.received = received
        self.closed = closed
        self.answers = parse(received)

    @property
    def statuses(self):
        return [answer.status for answer in self.answers]

    def __repr__(self):
        return f"{self.statuses}, {'closed' if self.closed else 'open'}, {self.received[:400]!r}"


@contextlib.contextmanager
def connect(address, source="127.0.0.1", timeout=10):
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout, source_address=(source, 0)) as connection:
        yield connection


def exchange(address, *parts, source="127.0.0.1", quiet=1.0, expected=None):
    """Sends the parts one after the other and reads until the server closes, or says nothing for ``quiet`` seconds.

    With ``expected`` it stops as soon as so many answers have come, so that an open connection costs no waiting.
    """
    with connect(address, source) as connection:
        received = b""
        closed = False
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            # The answer to what came before may still be there to read.
            closed = True
        connection.settimeout(quiet)
        try:
            while expected is None or len(parse(received)) < expected:
                chunk = connection.recv(65_536)
                if not chunk:
                    closed = True
                    break
                received += chunk
        except TimeoutError:
            pass
        except ConnectionResetError:
            closed = True
        return Exchange(received, closed)


def parse(received):
    """The complete answers in what was received; the server always sends a length or chunks."""
    answers = []
    rest = received
    while True:
        head, separator, rest = rest.partition(b"\r\n\r\n")
        if not separator:
            return answers
        first, *lines = head.split(b"\r\n")
        if not first.startswith(b"HTTP/1."):
            raise AssertionError(f"not an answer: {first!r}")
        headers = {}
        for line in lines:
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip().decode()
        status = int(first.split()[1])
        length = int(headers.get("content-length", 0))
        if status in (204, 304):
            length = 0
        if len(rest) < length:
            return answers
        answers.append(RawAnswer(status, headers, rest[:length]))
        rest = rest[length:]
