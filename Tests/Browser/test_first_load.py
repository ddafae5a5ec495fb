"""What the first load of a conversation costs, and that nothing is asked for that the page holds already."""

import itertools
import random
import re
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from stack import CHECKOUT
from waiting import wait_for

#: Heads and bodies, as they come over the network.
MOST_BYTES = 70_000
MOST_REQUESTS = 12
PUBLIC = CHECKOUT / "Services" / "Gateway" / "GatewayService" / "Public"
#: What the page loads some seconds later, once it has come to rest.
AT_REST = re.compile(r"/app/(conversation-menu|dialogs|message-menu|offline|notify|strangers|account-menu|touch)/|/style/dialogs/")
#: What a page that holds everything still asks the API for.
ASKED = re.compile(r"GET /api/v1/events|POST /api/v1/sync|PUT /api/v1/conversations/\w+/position")


class Traffic:
    """What a page asks for, and how much comes over the network for it, as the browser counts both."""

    def __init__(self, page):
        self.requests = {}
        self._bytes = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.responseReceived", self._on_response)
        session.on("Network.dataReceived", self._on_data)
        session.on("Network.loadingFinished", self._on_end)
        session.send("Network.enable")

    @property
    def paths(self):
        return list(self.requests.values())

    @property
    def bytes(self):
        return sum(count for id, count in self._bytes.items() if id in self.requests)

    def __str__(self):
        lines = (f"{self._bytes.get(id, 0):7} {path}" for id, path in self.requests.items())
        return "\n".join([f"{len(self.requests)} requests, {self.bytes} bytes", *lines])

    def _on_request(self, event):
        address = urlsplit(event["request"]["url"])
        path = address.path + (f"?{address.query}" if address.query else "")
        if AT_REST.search(path):
            return
        self.requests[event["requestId"]] = f"{event['request']['method']} {path}"

    def _on_response(self, event):
        self._bytes[event["requestId"]] = event["response"]["encodedDataLength"]

    def _on_data(self, event):
        id = event["requestId"]
        self._bytes[id] = self._bytes.get(id, 0) + event["encodedDataLength"]

    def _on_end(self, event):
        # A stream has no end, and until then what came in pieces is what there is to count.
        self._bytes[event["requestId"]] = event["encodedDataLength"]


    def settle(self, page, quiet=0.6, limit=15):
        """Waits until the page has asked for nothing for longer than it waits before it tells what was read."""
        end = time.monotonic() + limit
        count, since = -1, 0
        while count != len(self.requests) or time.monotonic() - since < quiet:
            assert time.monotonic() < end, f"the page does not stop to ask: {self}"
            if count != len(self.requests):
                count, since = len(self.requests), time.monotonic()
            page.wait_for_timeout(50)
        return self


def sentences(count):
    """Texts that are as hard to compress as people's: 300 made-up words, the first ones often."""
    lots = random.Random(1)
    syllables = [consonant + vowel for consonant in "bdfklmnrstv" for vowel in "aeiou"]
    words = ["".join(lots.choices(syllables, k=lots.randint(1, 4))) for _ in range(300)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    return [" ".join(lots.choices(words, weights, k=lots.randint(3, 25))) for _ in range(count)]


def write_all(person, receiver, texts):
    """Sends texts through the API, in their order."""
    person.page.evaluate(
        """async ({ username, texts }) => {
            const post = (path, body) => fetch(`/api/v1${path}`, {
                method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
            const { id } = await (await post('/conversations', { username })).json();
            for (const text of texts) {
                const clientMessageId = crypto.randomUUID().replaceAll('-', '');
                while (!(await post(`/conversations/${id}/messages`, { clientMessageId, text })).ok) {
                    await new Promise((done) => setTimeout(done, 250));
                }
            }
        }""",
        {"username": receiver.name, "texts": texts},
    )


@contextmanager
def fresh(person):
    """A page of a browser that has nothing of this site yet but the person's session."""
    session = person.context.storage_state()
    context = person.context.browser.new_context(base_url=person.address, storage_state=session)
    try:
        yield person.listen(context.new_page())
    finally:
        context.close()


@pytest.fixture
def conversation(person):
    """Two people, the first of whom has written 60 messages to the second, who has read them and has no page open."""
    ada, grace = person("ada"), person("grace")
    texts = sentences(60)
    write_all(ada, grace, texts)
    grace.page.evaluate(
        """async () => {
            const { conversations: [{ id, head }] } = await (await fetch('/api/v1/conversations')).json();
            await fetch(`/api/v1/conversations/${id}/position`, {
                method: 'PUT', headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ received: head, read: head }) });
        }"""
    )
    grace.page.goto("about:blank")
    return ada, grace, texts


# What the stream brings in time depends on what else the machine does.
@pytest.mark.alone
def test_the_first_load_of_a_conversation_is_small_and_asks_for_nothing_that_the_page_holds(conversation):
    ada, grace, texts = conversation
    with fresh(grace) as page:
        traffic = Traffic(page)
        page.goto(f"/chatwithme/{ada.name}")
        grace.is_live(page)
        expect(grace.messages(page)).to_have_text(texts[-50:])
        traffic.settle(page)
        print(traffic)
        assert len(traffic.requests) <= MOST_REQUESTS, traffic
        assert traffic.bytes <= MOST_BYTES, traffic
        asked = [path for path in traffic.paths if "/api/" in path]
        assert [path for path in asked if not ASKED.fullmatch(path)] == []
        assert sum("/sync" in path for path in asked) == 1


def test_the_list_is_taken_over_as_well(conversation):
    ada, grace, texts = conversation
    with fresh(grace) as page:
        traffic = Traffic(page)
        page.goto("/chatwith")
        grace.is_live(page)
        expect(page.locator("#conversation-list .item-preview")).to_have_text([texts[-1]])
        page.get_by_role("link", name="New chat").click()
        expect(page.locator(".dialog .item").first).to_be_visible()
        page.keyboard.press("Escape")
        traffic.settle(page)
        assert [path for path in traffic.paths if "/api/" in path and not ASKED.fullmatch(path)] == []
        # What was not on the page is asked for when it is wanted.
        page.locator("#conversation-list .item").click()
        expect(grace.messages(page)).to_have_text(texts[-50:])


def test_a_page_that_holds_nothing_asks_for_everything(conversation):
    ada, grace, texts = conversation

    def without_state(route):
        answer = route.fetch()
        text, count = re.subn(r'(id="page-state">)[^<]*', r"\1", answer.text())
        assert count == 1
        route.fulfill(response=answer, body=text)

    with fresh(grace) as page:
        page.route(re.compile("/chatwithme/"), without_state)
        page.goto(f"/chatwithme/{ada.name}")
        grace.is_live(page)
        expect(grace.messages(page)).to_have_text(texts[-50:])
        expect(page.locator("#conversation-list .item-preview")).to_have_text([texts[-1]])
        page.get_by_role("link", name="New chat").click()
        expect(page.locator(".dialog .item").first).to_be_visible()


def test_texts_that_look_like_the_end_of_a_script_are_only_texts(person):
    ada, grace = person("ada"), person("grace")
    hostile = ["</script><script>document.title = 'taken'</script>", "<!--<script>", "</SCRIPT >", '"}]}\\']
    write_all(ada, grace, hostile)
    grace.chat_with(ada).is_live()
    expect(grace.messages()).to_have_text(hostile)
    expect(grace.page).not_to_have_title("taken")
    grace.page.goto("/chatwith?q=%3C/script%3E")
    grace.is_live()
    expect(grace.page.locator("#no-people")).to_contain_text("</script>")


def test_what_was_written_before_the_script_ran_stays(conversation):
    ada, grace, _ = conversation
    held = []
    with fresh(grace) as page:
        page.route(re.compile(r"/app/main\.js"), lambda route: held.append(route))
        page.goto(f"/chatwithme/{ada.name}", wait_until="commit")
        page.locator("#text").fill("Already here")
        wait_for(page, lambda: len(held) == 1, "the script was to be asked for")
        held[0].continue_()
        grace.is_live(page)
        expect(page.locator("#text")).to_have_value("Already here")


@pytest.mark.parametrize("form", ["joined", "single"])
def test_the_joined_module_does_what_the_single_modules_do(person, form):
    ada, grace = person("ada"), person("grace", gateway=1)
    # Unjoined, the entry imports the others, which the gateway serves as they are.
    if form == "single":
        entry = PUBLIC / "app" / "main.js"
        for someone in (ada, grace):
            someone.context.route(re.compile(r"/app/main\.js"), lambda route: route.fulfill(path=entry))
    traffic = Traffic(ada.page)
    ada.chat_with(grace).is_live()
    grace.chat_with(ada).is_live()
    modules = [path for path in traffic.settle(ada.page).paths if re.search(r"/app/.*\.js$", path)]
    assert (len(modules) > 10) if form == "single" else (len(modules) == 1), modules

    for number, (writer, reader) in zip(range(4), itertools.cycle([(ada, grace), (grace, ada)])):
        writer.write(f"Number {number}")
        expect(reader.messages().last).to_have_text(f"Number {number}")
    expect(ada.page.locator(".message .state").last).to_have_attribute("data-state", "read")
    expect(ada.page.locator("#conversation-list .item-preview")).to_have_text("Number 3")
    # The answer adds nobody who has a conversation already.
    with ada.page.expect_response(re.compile(r"/api/v1/users\?")):
        ada.page.get_by_role("searchbox", name="Search").fill(grace.name)
    expect(ada.page.locator("#lists .item")).to_have_count(1)
