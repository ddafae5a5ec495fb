"""A password is nowhere on a disk but as a hash: not in the broker's files and in no log."""

import base64
import mmap
import secrets
import time
from urllib.parse import quote

from client import Client
from people import sign_up, try_sign_in, unique_name


def fresh_password():
    return "Fresh-" + secrets.token_urlsafe(24)


def spellings(text):
    """A text as it may be written into a file."""
    raw = text.encode()
    yield "as it is", raw
    yield "as UTF-16", text.encode("utf-16-le")
    yield "in hexadecimal", raw.hex().encode()
    yield "percent-encoded", quote(text, safe="").encode()
    # Base64 of something that contains it shows its middle in one of three ways.
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw)
        yield f"in base64, shifted by {shift}", encoded[4 if shift else 0 : len(raw) // 3 * 4]


def files_with(folders, needles):
    """Which file contains which text, and how it is spelled there."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            try:
                if not path.is_file() or path.stat().st_size == 0:
                    continue
                with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    found += [
                        (path.name, name, spelling)
                        for name, text in needles.items()
                        for spelling, bytes in spellings(text)
                        if content.find(bytes) >= 0
                    ]
            except FileNotFoundError:
                # The broker rolls its files while it runs.
                continue
    return found


def test_no_password_is_in_the_brokers_files_or_in_a_log(stack, address, elsewhere):
    folders = [stack.folder / "stack" / "broker", stack.folder / "stack" / "logs"]
    passwords = {}

    def password(name):
        passwords[name] = fresh_password()
        return passwords[name]

    person = sign_up(address, password=password("signed up with"))
    by_form = {"username": unique_name("form"), "password": password("signed up with by the form")}
    assert Client(elsewhere).post("/signup", form=by_form).status == 303
    assert try_sign_in(Client(elsewhere), person.username, person.password).status == 200
    assert try_sign_in(Client(address), person.username, password("signed in with, but wrong")).status == 401
    assert try_sign_in(Client(address), unique_name("nobody"), password("of a name that is none")).status == 401
    taken = {"username": person.username, "password": password("of a name that was taken")}
    assert Client(address).post("/api/v1/accounts", taken).status == 409
    change = {"currentPassword": password("current, but wrong"), "newPassword": password("new, but not taken")}
    assert person.client.post("/api/v1/account/password", change).status == 401
    change = {"currentPassword": person.password, "newPassword": password("changed to")}
    assert person.client.post("/api/v1/account/password", change).status == 204
    form = {"currentPassword": passwords["changed to"], "newPassword": password("changed to by the form")}
    assert person.client.post("/account/password", form=form).status == 303
    # Where somebody types it by mistake: the services have to be told it, but no log.
    mistaken = {"as the username": fresh_password(), "in an address": fresh_password()}
    assert try_sign_in(Client(address), mistaken["as the username"], person.password).status == 401
    assert Client(address).get(f"/signin?password={mistaken['in an address']}").status == 200

    # The control: a message that takes the same way later is found in the broker's files, and an id in the logs.
    friend = sign_up(address)
    message = "Control-" + secrets.token_urlsafe(24)
    person.send(person.open(friend), message)
    end = time.monotonic() + 20
    while not files_with(folders[:1], {"a message": message}):
        assert time.monotonic() < end, "the broker's files do not have what went through its queues"
        time.sleep(0.2)
    assert files_with(folders[1:], {"an account": person.id})

    hits = files_with(folders, passwords) + files_with(folders[1:], mistaken)
    assert not hits, f"{len(hits)} hits: {hits}"
