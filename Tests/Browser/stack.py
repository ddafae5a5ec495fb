"""A whole Martlet of this test run's own: private broker, private database, services as processes."""

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


class Stack:
    """Starts `martlet-stack` on free ports in a temporary folder, and stops it at the end of the `with` block."""

    def __init__(self, gateways=1, start_limit=180):
        self._count = gateways
        self._start_limit = start_limit

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="martlet-browser-")
        self.folder = Path(self._temporary.name)
        executables = Path(os.environ.get("MARTLET_EXECUTABLES", CHECKOUT / ".build" / "debug"))
        self._output = open(self.folder / "output.log", "wb")
        self._process = subprocess.Popen(
            # The stack ends with this process, however that ends.
            ["setpriv", "--pdeathsig", "TERM", "--", str(executables / "martlet-stack"), "run"]
            + ["--port", "0", "--gateways", str(self._count), "--folder", str(self.folder / "stack")],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
            # All people of the tests come from one address, and faster than people do.
            env=os.environ
            | {
                "MARTLET_LIMITS_ATTEMPTS_PER_MINUTE": "100000",
                "MARTLET_LIMITS_NETWORK_ATTEMPTS_PER_MINUTE": "100000",
            },
            start_new_session=True,
        )
        try:
            self._wait(lambda: (self.folder / "stack" / "stack.json").exists(), self._start_limit, "start")
        except BaseException:
            self.__exit__()
            raise
        #: The base address of each gateway, such as ``http://127.0.0.1:20001``.
        self.gateways = [gateway["address"] for gateway in self._named("gateway")]
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
        os.kill(self._named("gateway")[index]["pid"], signal.SIGKILL)

    def wait_until_ready(self, limit=60):
        """Waits until every service says that it can work."""

        def ready():
            return all(self._is_ready(process) for process in self._processes() if process.get("operations"))

        self._wait(ready, limit, "become ready")

    def _processes(self):
        return json.loads((self.folder / "stack" / "stack.json").read_text())["processes"]

    def _named(self, name):
        return [process for process in self._processes() if process["name"].split("-")[0] == name]

    def _is_ready(self, process):
        try:
            with urllib.request.urlopen(process["operations"] + "/readyz", timeout=3) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _wait(self, condition, limit, what):
        end = time.monotonic() + limit
        while not condition():
            output = (self.folder / "output.log").read_text(errors="replace")
            if self._process.poll() is not None:
                raise RuntimeError(f"the stack ended while it was to {what}:\n{output}")
            if time.monotonic() > end:
                raise RuntimeError(f"the stack did not {what} within {limit} s:\n{output}")
            time.sleep(0.1)
