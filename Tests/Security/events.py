"""A live stream, read by a thread of its own."""

import http.client
import queue
import threading
import time
from urllib.parse import urlsplit


class Event:
    def __init__(self, name, data):
        self.name = name
        self.data = data

    def __repr__(self):
        return f"{self.name} {self.data}"


class Stream:
    """Server-sent events of one connection, in the order in which they came."""

    def __init__(self, client, path):
        parts = urlsplit(client.address)
        self._connection = http.client.HTTPConnection(
            parts.hostname, parts.port, timeout=60, source_address=(client.source, 0)
        )
        self._connection.request("GET", path, headers={"Cookie": client.cookie_header})
        self._response = self._connection.getresponse()
        assert self._response.status == 200, self._response.read()
        self._events = queue.Queue()
        self._ended = threading.Event()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, condition, limit):
        """The first event from now on that fits; None if there is none in time."""
        end = time.monotonic() + limit
        while (left := end - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left)
            except queue.Empty:
                return None
            self.seen.append(event)
            if condition(event):
                return event
        return None

    def ends_within(self, limit):
        return self._ended.wait(limit)

    def _read(self):
        name = None
        try:
            while line := self._response.readline():
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    self._events.put(Event(name, value))
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self._ended.set()
