"""What tests of updates share: other releases of the page, and an address behind which gateways change."""

import contextlib
import itertools
import shutil
import socket
import threading

from stack import CHECKOUT

WEB = CHECKOUT / "Services" / "Gateway" / "GatewayService"


def release(folder, name):
    """The page's files as another release would have them; what `MARTLET_WEB_DIRECTORY` may name."""
    web = folder / name
    for part in ("Public", "Templates"):
        shutil.copytree(WEB / part, web / part)
    (web / "Public" / "release.txt").write_text(name)
    return web


def version_of(page):
    """The release that a page is of."""
    return page.locator('script[type="module"]').first.get_attribute("src").split("/")[2]


@contextlib.contextmanager
def balancer(*addresses):
    """An address behind which each connection goes to the next of some gateways, as in the middle of an update."""
    ports = itertools.cycle([int(address.rsplit(":", 1)[1]) for address in addresses])
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", next(ports)))
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
