"""HTTP as an attacker needs it: every header, the source address and the cookies are the caller's choice."""

import http.client
import json as jsonlib
from urllib.parse import urlencode, urlsplit

from events import Stream


class Answer:
    """A response that has been read completely."""

    def __init__(self, response):
        self.status = response.status
        self.headers = [(name.lower(), value) for name, value in response.getheaders()]
        self.body = response.read()

    def header(self, name):
        """The first value of a header, or None."""
        return next((value for found, value in self.headers if found == name.lower()), None)

    def all(self, name):
        return [value for found, value in self.headers if found == name.lower()]

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return jsonlib.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One browser: a connection that is kept open, a source address and cookies. For one thread at a time."""

    def __init__(self, address, source="127.0.0.1", cookies=None, timeout=20):
        self.address = address
        self.source = source
        self.cookies = dict(cookies or {})
        self.timeout = timeout
        self._connection = None

    def at(self, address, source=None):
        """The same browser at another gateway or from another address, with its own copy of the cookies."""
        return Client(address, source or self.source, self.cookies, self.timeout)

    @property
    def cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def request(self, method, path, json=None, form=None, body=None, headers=None):
        """Sends a request as the server's own page would; ``headers`` replace what that sends, None leaves one out."""
        sent = {"Host": urlsplit(self.address).netloc, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        if method not in ("GET", "HEAD"):
            sent["Origin"] = self.address
        if json is not None:
            body, sent["Content-Type"] = jsonlib.dumps(json).encode(), "application/json"
        elif form is not None:
            body, sent["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        if self.cookies:
            sent["Cookie"] = self.cookie_header
        for name, value in (headers or {}).items():
            sent.pop(name, None)
            if value is not None:
                sent[name] = value
        answer = self._exchange(method, path, body, sent)
        for header in answer.all("set-cookie"):
            self._keep(header)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, json=None, **options):
        return self.request("POST", path, json=json, **options)

    def stream(self, path):
        """Opens a live stream on a connection of its own."""
        return Stream(self, path)

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def _exchange(self, method, path, body, headers):
        # A connection that idled may have been closed by the server, which shows before anything is answered.
        fresh = self._connection is None
        try:
            return self._once(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()
            if fresh:
                raise
            return self._once(method, path, body, headers)
        except BaseException:
            self.close()
            raise

    def _once(self, method, path, body, headers):
        if self._connection is None:
            parts = urlsplit(self.address)
            self._connection = http.client.HTTPConnection(
                parts.hostname, parts.port, timeout=self.timeout, source_address=(self.source, 0)
            )
        connection = self._connection
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            for each in value if isinstance(value, list) else [value]:
                connection.putheader(name, each)
        if body is not None or method not in ("GET", "HEAD"):
            connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body or None)
        answer = Answer(connection.getresponse())
        if answer.header("connection") == "close":
            self.close()
        return answer

    def _keep(self, header):
        pair, *attributes = [part.strip() for part in header.split(";")]
        name, _, value = pair.partition("=")
        if not value or "max-age=0" in [attribute.lower() for attribute in attributes]:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
