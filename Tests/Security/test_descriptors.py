"""Connections are not to be had without end, and who takes many of them keeps nobody else out."""

import contextlib
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from client import Client
from people import sign_up
from raw import connect
from stack import is_ready

DESCRIPTORS, HALF_OPEN = 300, 320
HEAD = b"GET /signin HTTP/1.1\r\nHost: x\r\n"
#: Seconds that a head may take, and some for a busy machine.
HEAD_SECONDS, PATIENCE = 10, 8


@pytest.fixture
def small(stack):
    """A gateway that may open few descriptors and has the usual limit of connections of one address."""
    settings = {"MARTLET_HTTP_MAXIMUM_CONNECTIONS_PER_ADDRESS": None}
    with stack.another_gateway(settings, descriptors=DESCRIPTORS) as gateway:
        yield gateway


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextlib.contextmanager
def half_open(address, count, source):
    """Connections that have sent the beginning of a head, or that wait to be accepted."""
    parts = urlsplit(address)
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            connection.settimeout(2)
            connection.bind((source, 0))
            with contextlib.suppress(OSError):
                connection.connect((parts.hostname, parts.port))
                connection.sendall(HEAD)
            connections.append(connection)
        yield connections


def test_one_address_with_many_half_open_requests_keeps_nobody_out(small):
    logged = len(small.log.read_text(errors="replace"))
    with half_open(small.address, HALF_OPEN, "127.0.2.1"):
        time.sleep(0.5)
        before, begin = cpu_seconds(small.pid), time.monotonic()
        times = []
        for number in range(8):
            # Each from an address of its own and by a new connection.
            client = Client(small.address, f"127.0.3.{number + 1}", timeout=5)
            asked = time.monotonic()
            assert client.get("/signin").status == 200
            times.append(time.monotonic() - asked)
            client.close()
            assert is_ready(small.operations, timeout=2), "the operations port answers"
            time.sleep(0.4)
        used, passed = cpu_seconds(small.pid) - before, time.monotonic() - begin
        assert max(times) < 1, times
        assert used < passed / 3, f"{used:.1f} s of CPU in {passed:.1f} s"
    log = small.log.read_text(errors="replace")[logged:].lower()
    told = [line for line in log.splitlines() if "connection" in line or "descriptor" in line]
    assert told, "the log tells that connections were refused or descriptors are few"
    assert len(told) < 50, "and does not grow with every one of them"


def test_the_address_itself_is_served_again_when_it_has_closed_them(small):
    with half_open(small.address, HALF_OPEN, "127.0.2.1"):
        time.sleep(0.5)
    end = time.monotonic() + 10
    while True:
        try:
            assert Client(small.address, "127.0.2.1", timeout=2).get("/signin").status == 200
            return
        except OSError:
            assert time.monotonic() < end


def seconds_until_closed(address, first, more, interval, limit):
    """Sends a beginning and then some bytes after every interval, until the server closes the connection."""
    with connect(address, "127.0.4.1") as connection:
        begin = time.monotonic()
        connection.sendall(first)
        connection.settimeout(interval)
        while time.monotonic() - begin < limit:
            try:
                if not connection.recv(4_096):
                    break
                continue
            except TimeoutError:
                pass
            except OSError:
                break
            try:
                connection.sendall(more)
            except OSError:
                break
        return time.monotonic() - begin


TRICKLES = {
    "nothing at all": (b"", b""),
    "half a head and then nothing": (HEAD, b""),
    "a head byte by byte": (b"GET /signin?", b"a"),
    "fields one after the other": (HEAD, b"X: y\r\n"),
    "a body byte by byte": (b"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n", b"a"),
    "chunks one after the other": (
        b"POST /signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n",
    ),
    "an extension of a chunk without end": (
        b"POST /signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a" * 100,
    ),
    "half a body and then nothing": (b"POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\na=b", b""),
}  # fmt: skip


def test_requests_that_trickle_are_given_up_after_ten_seconds(address):
    """All of them at the same time, because each takes as long."""
    limit = HEAD_SECONDS + PATIENCE
    found = {}

    def try_one(name):
        first, more = TRICKLES[name]
        first = first.replace(b"Host: x", b"Host: " + urlsplit(address).netloc.encode())
        found[name] = seconds_until_closed(address, first, more, 0.5, limit + 2)

    threads = [threading.Thread(target=try_one, args=(name,)) for name in TRICKLES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: seconds for name, seconds in found.items() if not 5 < seconds < limit} == {}


def test_a_slow_but_honest_request_is_served(address):
    person = sign_up(address)
    head = f"GET /api/v1/account HTTP/1.1\r\nHost: {address[7:]}\r\nCookie: {person.client.cookie_header}\r\n\r\n".encode()
    with connect(address) as connection:
        for start in range(0, len(head), len(head) // 4):
            connection.sendall(head[start : start + len(head) // 4])
            time.sleep(0.5)
        connection.settimeout(5)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
