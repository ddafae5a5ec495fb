"""Measures what the page takes, in a real browser beside a stack of its own:

    swift build -c release
    MARTLET_EXECUTABLES=.build/release .martlet/venv/bin/python Tests/Browser/figures.py [--messages 100000]

Browser and servers share the machine, so a figure says what both take together. Compare figures of one machine and one
moment only.
"""

import argparse
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import secrets

import requests

sys.path.append(str(Path(__file__).resolve().parents[1] / "PythonSupport"))
from chromium import chromium
from stack import RAISED_LIMITS, Stack

PASSWORD = "plainly fictional picture password"
LIMITS = RAISED_LIMITS | {"MARTLET_LIMITS_SENDS_PER_SECOND": "100000", "MARTLET_LIMITS_SEND_BURST": "100000"}
#: The network that web.dev calls slow 4G and older tools 3G: bits per second, and the time to and from the server.
THROTTLED = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
#: Notes tasks over 50 ms and shifts of the layout from the first line of the page on.
OBSERVED = """
    window.longTasks = [];
    window.shift = 0;
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => Math.round(duration))))
        .observe({ type: "longtask", buffered: true });
    new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.shift += value; })
        .observe({ type: "layout-shift", buffered: true });
    window.whenDrawn = (condition) => new Promise((done, fail) => {
        const end = performance.now() + 30_000;
        const look = () => {
            if (condition()) requestAnimationFrame(() => setTimeout(() => done(performance.now())));
            else if (performance.now() > end) fail(new Error(`not within 30 s: ${condition}`));
            else setTimeout(look, 1);
        };
        look();
    });
"""


class Account:
    """Somebody who uses the API, and a browser."""

    def __init__(self, address, name):
        self.name, self.address = name, address
        self.session = requests.Session()
        self.session.headers["origin"] = address
        made = self.post("/api/v1/accounts", {"username": name, "displayName": name.capitalize(), "password": PASSWORD})
        self.id = made["id"]

    def post(self, path, body):
        response = self.session.post(self.address + path, json=body, timeout=60)
        response.raise_for_status()
        return response.json()

    def open(self, other):
        return self.post("/api/v1/conversations", {"username": other.name})["id"]

    def read(self, conversation):
        """Says that everything was read."""
        head = self.session.get(f"{self.address}/api/v1/conversations/{conversation}").json()["head"]
        self.session.put(f"{self.address}/api/v1/conversations/{conversation}/position", json={"read": head}).raise_for_status()

    def copy(self):
        """A session for another thread."""
        session = requests.Session()
        session.headers.update(self.session.headers)
        session.cookies.update(self.session.cookies)
        return session

    def browser(self, browser):
        context = browser.new_context(base_url=self.address, viewport={"width": 1280, "height": 800}, service_workers="block")
        context.add_cookies([{"name": each.name, "value": each.value, "url": self.address} for each in self.session.cookies])
        context.add_init_script(OBSERVED)
        return context.new_page()


def send(session, address, conversation, text):
    body = {"clientMessageId": secrets.token_hex(16), "text": text}
    response = session.post(f"{address}/api/v1/conversations/{conversation}/messages", json=body, timeout=60)
    response.raise_for_status()


def fill(people, conversation, count, threads=16):
    """Writes that many messages, half of them by each."""
    local = threading.local()

    def work(number):
        one = people[number % 2]
        if not hasattr(local, "sessions"):
            local.sessions = [each.copy() for each in people]
        send(local.sessions[number % 2], one.address, conversation, f"Message {number}, of a usual length for a chat, not longer")

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(count)):
            pass


def live(page):
    page.wait_for_selector("#freshness[data-state=live]", state="attached")


def open_at_end(page, other):
    """Opens a conversation of which everything was read, so that its newest message is in sight."""
    page.goto(f"/chatwithme/{other.name}")
    live(page)


def say(what, figure):
    print(f"{what:<78} {figure}", flush=True)


def cold_start(browser, ada, grace, runs=7):
    times, painted = [], []
    for _ in range(runs):
        page = ada.browser(browser)
        page.goto(f"/chatwithme/{grace.name}", wait_until="commit")
        times.append(page.evaluate("whenDrawn(() => document.querySelector('#freshness')?.dataset.state === 'live')"))
        page.context.close()
        page = ada.browser(browser)
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", THROTTLED)
        page.goto(f"/chatwithme/{grace.name}", wait_until="commit")
        painted.append(page.evaluate("""async () => {
            const paint = () => performance.getEntriesByName('first-contentful-paint')[0];
            await whenDrawn(() => paint());
            return paint().startTime;
        }"""))
        page.context.close()
    say("live after a cold start: median, worst", f"{statistics.median(times):.0f} ms, {max(times):.0f} ms")
    say("the server's page is painted, 1.6 Mbit/s and 150 ms each way: median, worst",
        f"{statistics.median(painted):.0f} ms, {max(painted):.0f} ms")


def long_history(browser, ada, grace, count):
    page = ada.browser(browser)
    times = []
    for _ in range(7):
        page.goto("/chatwith")
        live(page)
        page.wait_for_timeout(500)
        times.append(page.evaluate(f"""async (name) => {{
            const begun = performance.now();
            document.querySelector(`#conversation-list a[href^="/chatwithme/${{name}}"]`).click();
            return await whenDrawn(() => document.querySelector('#m{count}')) - begun;
        }}""", grace.name))
    say(f"a conversation of {count:,} messages is opened and painted: median, worst",
        f"{statistics.median(times):.0f} ms, {max(times):.0f} ms")
    page.wait_for_timeout(6_000)
    page.evaluate("window.longTasks.length = 0")
    most = 0
    page.mouse.move(800, 400)
    first = int(page.locator(".message").first.get_attribute("data-seq"))
    for _ in range(300):
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(30)
        most = max(most, page.evaluate("document.querySelectorAll('*').length"))
    reached = int(page.locator(".message").first.get_attribute("data-seq"))
    tasks = page.evaluate("window.longTasks")
    say(f"scrolling up through {first - reached:,} messages: most nodes; tasks over 50 ms", f"{most:,}; {tasks or 'none'}")
    page.context.close()


def arriving(browser, ada, grace, conversation, further_up, rate=50, seconds=20):
    """Messages arrive below what is being read, or where the newest ones are in sight and go up to make room."""
    page = ada.browser(browser)
    open_at_end(page, grace)
    if further_up:
        page.mouse.move(800, 400)
        page.mouse.wheel(0, -900)
    page.wait_for_timeout(6_000)
    place = "document.querySelectorAll('.message')[10].getBoundingClientRect().top"
    before = page.evaluate(place)
    page.evaluate("window.longTasks.length = 0; window.shift = 0;")
    total = rate * seconds
    begun = time.monotonic()
    local = threading.local()

    def work(number):
        time.sleep(max(0, begun + number / rate - time.monotonic()))
        if not hasattr(local, "session"):
            local.session = grace.copy()
        send(local.session, grace.address, conversation, f"arriving {number}")

    with ThreadPoolExecutor(16) as pool:
        sent = [pool.submit(work, number) for number in range(total)]
        while not all(each.done() for each in sent):
            page.wait_for_timeout(100)
        for each in sent:
            each.result()
    page.wait_for_timeout(1_000)
    tasks = page.evaluate("window.longTasks")
    if further_up:
        moved = page.evaluate(place) - before
        say(f"{rate} messages a second below what is being read, {seconds} s: tasks over 50 ms; shift; moved by",
            f"{tasks or 'none'}; {page.evaluate('window.shift'):.4f}; {moved:.0f} px")
    else:
        page.evaluate(f"whenDrawn(() => document.querySelector('.message:last-child .text').textContent === 'arriving {total - 1}')")
        say(f"{rate} messages a second at the end of what is shown, {seconds} s: tasks over 50 ms", tasks or "none")
    page.context.close()


def enter_to_shown(browser, ada, grace, runs=60):
    pages = [ada.browser(browser), grace.browser(browser)]
    for page, other in zip(pages, (grace, ada)):
        open_at_end(page, other)
    for page in pages:
        page.wait_for_timeout(3_000)
    one, other = pages
    one.evaluate("document.addEventListener('keydown', (event) => { if (event.key === 'Enter') window.entered = Date.now(); }, true)")
    times = []
    for number in range(runs):
        text = f"Enter {number} {secrets.token_hex(4)}"
        other.evaluate("""(text) => {
            window.shown = new Promise((done, fail) => {
                setTimeout(() => fail(new Error(`"${text}" was not shown within 30 s`)), 30_000);
                const look = () => {
                    const texts = document.querySelectorAll('.message .text');
                    if ([...texts].slice(-5).some((each) => each.textContent === text)) {
                        watch.disconnect();
                        requestAnimationFrame(() => setTimeout(() => done(Date.now())));
                    }
                };
                const watch = new MutationObserver(look);
                watch.observe(document.getElementById('conversation'), { childList: true, subtree: true });
            });
        }""", text)
        one.locator("#text").fill(text)
        one.keyboard.press("Enter")
        times.append(other.evaluate("window.shown") - one.evaluate("window.entered"))
        one.wait_for_timeout(250)
    times.sort()
    say("Enter to shown in the other browser: median, 95 of 100, worst",
        f"{statistics.median(times):.0f} ms, {times[int(len(times) * 0.95)]:.0f} ms, {times[-1]:.0f} ms")
    for page in pages:
        page.context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000, help="how long the long conversation is")
    count = parser.parse_args().messages
    with Stack(gateways=2, environment=LIMITS) as stack, chromium() as browser:
        ada, grace = Account(stack.gateways[0], "ada"), Account(stack.gateways[1], "grace")
        conversation = ada.open(grace)
        grace.open(ada)
        fill((ada, grace), conversation, 200, threads=4)
        ada.read(conversation)
        grace.read(conversation)
        cold_start(browser, ada, grace)
        enter_to_shown(browser, ada, grace)
        for further_up in (False, True):
            arriving(browser, ada, grace, conversation, further_up)
            ada.read(conversation)
        linus = Account(stack.gateways[1], "linus")
        long = ada.open(linus)
        linus.open(ada)
        fill((ada, linus), long, count)
        ada.read(long)
        long_history(browser, ada, linus, count)


if __name__ == "__main__":
    main()
