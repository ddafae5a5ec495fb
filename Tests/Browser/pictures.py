"""Takes the pictures of README.md: `.martlet/venv/bin/python Tests/Browser/pictures.py`.

Starts a stack of its own from .build/debug, or with --address uses one that has nobody in it yet. The people are made up.
They pause for 20 seconds before each message, because every message shows its time. Pictures go to docs/images; where
`pngquant` is installed they get a palette, which makes them a third as large. Without the fonts of Debian's package
`fonts-noto-color-emoji`, emoji are boxes.
"""

import argparse
import datetime
import re
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

sys.path.append(str(Path(__file__).resolve().parents[1] / "PythonSupport"))
from chromium import chromium
from stack import Stack

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PASSWORD = "plainly fictional picture password"
PEOPLE = {
    "ines.duarte": "Inês Duarte",
    "tove": "Tove Lindqvist",
    "marek": "Marek Havel",
    "amira": "Amira Haddad",
    "jun": "Jun Okabe",
}
ME = "ines.duarte"
#: Who writes to whom, in this order. The last conversation is the one that the pictures show.
LINES = [
    ("jun", ME, "The spare keys are in the drawer under the till."),
    (ME, "jun", "Perfect, thank you!"),
    ("amira", ME, "Could you bring the big kettle on Saturday?"),
    ("amira", ME, "And the box with the name tags, if there is room in the car"),
    ("marek", ME, "Sound check is at five. I have asked for two microphones."),
    (ME, "marek", "Two are plenty, we are only four"),
    ("tove", ME, "Morning! Are we still on for the repair café?"),
    (ME, "tove", "Yes, Saturday from ten. Eleven people have signed up so far."),
    ("tove", ME, "Lovely. I will bring the soldering irons and the good multimeter."),
    (ME, "tove", "Somebody asked whether we can look at a 1970s slide projector."),
    ("tove", ME, "A projector! Tell them to bring the bulb that works and also the one that does not."),
    ("tove", ME, "Last time it was the drive belt. I still have a metre of it somewhere."),
    (ME, "tove", "I wrote that on the list:\n1. bulbs, **both**\n2. the remote, if it is not lost\n3. patience"),
    ("tove", ME, "Point three is the important one."),
    (ME, "tove", "See you on Saturday then. I will open up at half past nine."),
]
#: Who reacts to which of these, counted from 1.
REACTIONS = [("tove", 2, "🎉"), (ME, 5, "😂"), ("tove", 7, "👍"), (ME, 3, "❤️")]


@contextmanager
def running_martlet(address):
    if address:
        yield address
    else:
        with Stack() as stack:
            yield stack.gateways[0]


def main():
    parser = argparse.ArgumentParser(description="Takes the pictures of README.md.")
    parser.add_argument("--address", help="a running Martlet that has nobody in it yet")
    parser.add_argument("--pause", type=float, default=20, help="seconds before each message")
    arguments = parser.parse_args()
    # An hour at which people are awake, wherever and whenever this runs.
    hour = datetime.datetime.now(datetime.timezone.utc).hour
    zone = f"Etc/GMT{hour - 15:+d}" if -14 <= hour - 15 <= 12 else "Etc/UTC"
    with running_martlet(arguments.address) as address, chromium() as browser:
        def context(**options):
            return browser.new_context(base_url=address, timezone_id=zone, locale="en-GB", **options)

        sessions = {name: context() for name in PEOPLE}

        def ask(name, method, path, body):
            request = sessions[name].request
            answer = request.fetch(f"/api/v1{path}", method=method, data=body, headers={"Origin": address})
            assert answer.ok, f"{path}: {answer.status} {answer.text()}"
            return answer.json() if answer.body() else None

        for name, display_name in PEOPLE.items():
            ask(name, "POST", "/accounts", {"username": name, "displayName": display_name, "password": PASSWORD})
        # Somebody whose page is open, so that what they got is marked as read.
        friend = sessions["tove"].new_page()
        friend.goto(f"/chatwithme/{ME}")
        for sender, receiver, text in LINES:
            time.sleep(arguments.pause)
            conversation = ask(sender, "POST", "/conversations", {"username": receiver})["id"]
            message = {"clientMessageId": secrets.token_hex(16), "text": text}
            stored = ask(sender, "POST", f"/conversations/{conversation}/messages", message)
            if sender == ME:
                # Whoever answers has read what came before.
                seen = {"received": stored["seq"], "read": stored["seq"]}
                ask(sender, "PUT", f"/conversations/{conversation}/position", seen)
        about = ask(ME, "POST", "/conversations", {"username": "tove"})["id"]
        for name, seq, emoji in REACTIONS:
            ask(name, "PUT", f"/conversations/{about}/messages/{seq}/reactions/{emoji}", None)
        ask("tove", "PATCH", "/account", {"about": "Solders anything."})
        friend.bring_to_front()
        friend.reload()
        expect(friend.locator("#freshness")).to_have_attribute("data-state", "live")

        cookies = sessions[ME].cookies()
        wide = {"viewport": {"width": 1200, "height": 760}}
        phone = {"viewport": {"width": 390, "height": 760}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
        for picture, options in {
            "chat": wide | {"color_scheme": "light"},
            "chat-dark": wide | {"color_scheme": "dark"},
            "phone": phone | {"color_scheme": "light"},
            "phone-dark": phone | {"color_scheme": "dark"},
        }.items():
            browser_of_me = context(**options)
            browser_of_me.add_cookies(cookies)
            page = browser_of_me.new_page()
            page.goto("/chatwithme/tove")
            expect(page.locator("#freshness")).to_have_attribute("data-state", "live")
            expect(page.locator(".message")).to_have_count(9)
            expect(page.get_by_text(re.compile("^(Read|Seen)")).last).to_be_attached()
            page.mouse.move(0, 0)
            take(page, IMAGES / f"{picture}.png")


def take(page, file):
    page.screenshot(path=file)
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--strip", "--ext", ".png", "128", str(file)], check=True)
    print(f"{file}: {file.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
