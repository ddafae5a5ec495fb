"""A whole Martlet of this test run's own: private broker, private database, services as processes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
EXECUTABLES = Path(os.environ.get("MARTLET_EXECUTABLES", CHECKOUT / ".build" / "debug"))

#: All people of the tests come from one address, and faster than people do.
RAISED_LIMITS = {
    "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE": "100000",
    "MARTLET_LIMITS_NETWORK_ATTEMPTS_PER_MINUTE": "100000",
    "MARTLET_LIMITS_ANONYMOUS_PER_SECOND": "10000",
    "MARTLET_LIMITS_ASSETS_PER_SECOND": "100000",
    "MARTLET_LIMITS_PASSWORD_CHANGES_PER_HOUR": "10000",
    "MARTLET_LIMITS_GROUP_CHANGES_PER_MINUTE": "10000",
    "MARTLET_HTTP_MAXIMUM_CONNECTIONS_PER_ADDRESS": "10000",
}


class Stack:
    """Starts `martlet-stack` on free ports in a temporary folder, and stops it at the end of the `with` block."""

    def __init__(self, gateways=1, start_limit=180, environment=RAISED_LIMITS):
        self._count = gateways
        self._start_limit = start_limit
        self._environment = environment

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="martlet-python-tests-")
        self.folder = Path(self._temporary.name)
        self._output = open(self.folder / "output.log", "wb")
        self._process = subprocess.Popen(
            # The stack ends with this process, however that ends.
            ["setpriv", "--pdeathsig", "TERM", "--", str(EXECUTABLES / "martlet-stack"), "run"]
            + ["--port", "0", "--gateways", str(self._count), "--folder", str(self.folder / "stack")],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
            env=os.environ | self._environment,
            start_new_session=True,
        )
        try:
            self._wait(lambda: (self.folder / "stack" / "stack.json").exists(), self._start_limit, "start")
        except BaseException:
            self.__exit__()
            raise
        #: The base address of each gateway, such as ``http://127.0.0.1:20001``.
        self.gateways = [gateway["address"] for gateway in self.processes("gateway")]
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()
        self._temporary.cleanup()

    def kill_gateway(self, index):
        """Kills a gateway as a crash would; the stack starts it again after a moment."""
        os.kill(self.processes("gateway")[index]["pid"], signal.SIGKILL)

    def wait_until_ready(self, limit=60):
        """Waits until every service says that it can work."""

        def ready():
            return all(is_ready(process["operations"]) for process in self.processes() if process.get("operations"))

        self._wait(ready, limit, "become ready")

    def processes(self, name=None):
        """What `stack.json` says of the processes of a service (`gateway`, `users`, `messages`), or of all."""
        processes = json.loads((self.folder / "stack" / "stack.json").read_text())["processes"]
        return [process for process in processes if name is None or process["name"].split("-")[0] == name]

    @contextlib.contextmanager
    def another_gateway(self, settings=None, descriptors=None, is_complete=True):
        """A further gateway beside those of the stack, with settings of its own.

        ``settings`` are environment variables; None instead of a value takes the default. ``descriptors`` limits how
        many files and sockets the process may have open, so that it cannot raise the limit itself. One that is not
        complete, because its settings take something away from it, is waited for only until it answers at all.
        """
        gateway = ExtraGateway(self, settings or {}, descriptors)
        try:
            gateway.start(is_complete)
            yield gateway
        finally:
            gateway.stop()

    def _wait(self, condition, limit, what):
        end = time.monotonic() + limit
        while not condition():
            output = (self.folder / "output.log").read_text(errors="replace")
            if self._process.poll() is not None:
                raise RuntimeError(f"the stack ended while it was to {what}:\n{output}")
            if time.monotonic() > end:
                raise RuntimeError(f"the stack did not {what} within {limit} s:\n{output}")
            time.sleep(0.1)


class ExtraGateway:
    """A gateway process that shares broker and database with a stack."""

    def __init__(self, stack, settings, descriptors):
        model = stack.processes("gateway")[0]["pid"]
        entries = Path(f"/proc/{model}/environ").read_bytes().split(b"\0")
        environment = dict(entry.decode().split("=", 1) for entry in entries if entry)
        port, operations = _free_ports(2)
        environment |= {"MARTLET_HTTP_PORT": str(port), "MARTLET_OPERATIONS_PORT": str(operations)}
        for name, value in settings.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        self._environment = environment
        self._descriptors = descriptors
        self._process = None
        self.address = f"http://127.0.0.1:{port}"
        self.operations = f"http://127.0.0.1:{operations}"
        self.log = stack.folder / "stack" / "logs" / f"gateway-{port}.log"

    @property
    def pid(self):
        return self._process.pid

    def set(self, **settings):
        """Changes environment variables for the next start."""
        self._environment |= settings
        return self

    def start(self, is_complete=True, limit=60):
        command = ["setpriv", "--pdeathsig", "TERM", "--", str(EXECUTABLES / "martlet-gateway")]
        if self._descriptors:
            command = ["prlimit", f"--nofile={self._descriptors}:{self._descriptors}", "--"] + command
        with open(self.log, "wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self._environment
            )
        end = time.monotonic() + limit
        while not (is_ready(self.operations) if is_complete else is_reachable(self.address)):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the gateway did not become ready:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def kill(self):
        """Ends it as a crash would."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


def is_reachable(address, timeout=3):
    """Whether a gateway answers at all."""
    try:
        with urllib.request.urlopen(f"{address}/signin", timeout=timeout):
            return True
    except OSError:
        return False


def is_ready(operations, timeout=3):
    """Whether the service with this operations address says that it can work."""
    try:
        with urllib.request.urlopen(operations + "/readyz", timeout=timeout) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _free_ports(count):
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
