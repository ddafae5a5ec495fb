"""The same texts in a real browser, with and without JavaScript: no script runs, and none is even tried."""

from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from hostile_texts import HOSTILE_TEXTS
from pages import shown, written
from people import PASSWORD, SESSION_COOKIE

expect.set_options(timeout=30_000)

# Runs before every page's own scripts. A violation means that a text became markup, and that only the policy stopped it.
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

# Elements and attributes inside of what people wrote, and everywhere attributes that run scripts.
FOUND = """() => {
    const found = [];
    // What formatting makes, by its attributes in their order.
    const formatting = {
        strong: /^$/, em: /^$/, s: /^$/, code: /^$/, blockquote: /^$/, ul: /^$/, li: /^$/, ol: /^(start)?$/,
        pre: /^(data-language )?tabindex$/, a: /^href rel target$/, span: /^class$/,
    };
    for (const element of document.querySelectorAll('.message .text *')) {
        if (element.closest('.text.gone')) continue;
        const names = element.getAttributeNames().sort().join(' ');
        if (!formatting[element.localName]?.test(names) || (element.href && !/^(https?:[/][/]|mailto:)/.test(element.href))
            || (element.localName === 'span' && element.className !== 'link-host')) found.push(element.outerHTML);
    }
    for (const element of document.querySelectorAll('*')) {
        for (const name of element.getAttributeNames()) {
            const value = element.getAttribute(name);
            // The tab's icon with the count of what is unread is drawn by the page itself.
            if (element.matches('link[rel=icon]') && /^data:image[/]png;base64,/.test(value)) continue;
            if (name.startsWith('on') || (/^(href|src|action|formaction)$/.test(name) && /^\\s*(javascript|data|vbscript):/i
                .test(value))) found.push(`${element.localName} ${name}=${value}`);
        }
    }
    return found;
}"""


class Watched:
    """A browser of somebody who is signed in, with everything noted that would show that a text was more than text."""

    def __init__(self, browser, person, **options):
        self.address = person.client.address
        self.context = browser.new_context(base_url=self.address, service_workers="block", **options)
        self.context.add_cookies([{"name": SESSION_COOKIE, "value": person.token, "url": self.address}])
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _dialog(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message):
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _request(self, request):
        if urlsplit(request.url).netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"request: {request.url}")

    def texts(self):
        return [written(text) for text in self.page.locator(".message .text").all_text_contents()]

    def check(self):
        """Nothing happened so far, and the page has nothing in it that could."""
        assert self.page.evaluate("typeof window.stolen") == "undefined"
        assert self.page.evaluate("window.violations ?? []") == []
        assert self.page.evaluate(FOUND) == []
        assert urlsplit(self.page.url).netloc == urlsplit(self.address).netloc
        assert self.complaints == []


@pytest.fixture
def watched(browser):
    opened = []

    def open_browser(person, **options):
        opened.append(Watched(browser, person, **options))
        return opened[-1]

    yield open_browser
    for each in opened:
        each.context.close()


def is_live(page):
    expect(page.locator("#freshness")).to_have_attribute("data-state", "live")


def test_the_watch_sees_a_text_that_becomes_markup(watched, person):
    """The control: with what the other tests look for planted into the page, they would fail."""
    writer, reader = person("writer"), person("reader")
    writer.send(writer.open(reader), "planted")
    page = watched(reader)
    page.context.route(
        "**/chatwithme/*",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace(">planted<", "><img src=x onerror=window.stolen=1><"),
        ),
    )
    page.page.goto(f"/chatwithme/{writer.username}")
    page.page.wait_for_function("window.violations.length > 0")
    with pytest.raises(AssertionError):
        page.check()


def test_hostile_messages_are_shown_as_text_live_and_after_reloading_and_without_javascript(watched, person):
    writer, reader = person("writer"), person("reader")
    conversation = writer.open(reader)
    writer.send(conversation, "harmless")
    page = watched(reader)
    page.page.goto(f"/chatwithme/{writer.username}")
    is_live(page.page)

    messages = [writer.send(conversation, text) for text in HOSTILE_TEXTS]
    expect(page.page.locator(".message .text")).to_have_count(len(HOSTILE_TEXTS) + 1)
    everything = ["harmless"] + [written(shown(message)) for message in messages]
    assert page.texts() == everything
    page.check()

    page.page.reload()
    is_live(page.page)
    expect(page.page.locator(".message .text").last).to_have_text(shown(messages[-1]))
    # At least the newest page of messages; earlier ones load by themselves when there is room for them.
    seen = page.texts()
    assert seen == everything[-len(seen) :] and len(seen) >= 50
    page.check()

    # Otherwise the page begins with what is unread.
    reader.has_read(conversation)
    plain = watched(reader, java_script_enabled=False)
    plain.page.goto(f"/chatwithme/{writer.username}")
    seen = plain.texts()
    assert seen == everything[-len(seen) :] and len(seen) >= 50
    plain.check()
    plain.page.get_by_role("link", name="Earlier messages").click()
    assert plain.texts() == everything[: -len(seen)]
    plain.check()


def test_what_one_writes_oneself_is_text_before_and_after_the_server_has_seen_it(watched, person):
    writer, reader = person("writer"), person("reader")
    page = watched(writer)
    page.page.goto(f"/chatwithme/{reader.username}")
    is_live(page.page)
    texts = [text for text in HOSTILE_TEXTS if "\n" not in text and "\x00" not in text][::4]
    for number, text in enumerate(texts, 1):
        page.page.locator("#text").fill(text)
        page.page.get_by_role("button", name="Send Message").click()
        expect(page.page.locator(".message .text")).to_have_count(number)
    expect(page.page.locator(".message [data-state=saving], .message [data-state=queued]")).to_have_count(0)
    conversation = writer.open(reader)
    kept = writer.client.get(f"/api/v1/conversations/{conversation}/messages").json()["messages"]
    assert [message["text"] for message in kept] == [text.strip() for text in texts]
    expect(page.page.locator(".message .text").last).to_have_text(shown(kept[-1]))
    assert page.texts() == [written(shown(message)) for message in kept]
    page.check()


NAMES = [text for text in HOSTILE_TEXTS if len(text) <= 64 and text.isprintable()][::9]


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without"])
def test_hostile_names_are_shown_as_text(watched, person, scripted):
    writer, reader = person("writer"), person("reader")
    conversation = writer.open(reader)
    writer.send(conversation, "harmless")
    reader.send(conversation, "an answer")
    page = watched(reader, java_script_enabled=scripted)
    own = watched(writer, java_script_enabled=scripted)
    page.page.goto(f"/chatwithme/{writer.username}")
    for name in NAMES:
        assert writer.client.request("PATCH", "/api/v1/account", json={"displayName": name}).status == 200
        page.page.goto(f"/chatwithme/{writer.username}?q={writer.username}")
        heading = page.page.locator("#conversation").get_by_role("heading")
        expect(heading).to_be_attached()
        assert written(heading.text_content()) == written(name)
        page.check()
        for path in ["/account", "/chatwith", "/logout_chat"]:
            own.page.goto(path)
            own.check()


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without"])
def test_hostile_addresses_and_forms_are_shown_as_text(watched, person, browser, scripted):
    reader = person("reader")
    page = watched(reader, java_script_enabled=scripted)
    for text in HOSTILE_TEXTS[::12]:
        encoded = quote(text, safe="")
        for path in [f"/chatwith?q={encoded}", f"/chatwithme/{encoded}", f"/{encoded}", f"/account?saved={encoded}"]:
            page.page.goto(path)
            page.check()
    stranger = watched(person(), java_script_enabled=scripted)
    stranger.context.clear_cookies()
    for text in HOSTILE_TEXTS[1::12]:
        stranger.page.goto("/signup")
        stranger.page.locator("input[name=username]").evaluate("each => { each.form.noValidate = true; }")
        stranger.page.locator("input[name=username]").fill(text)
        stranger.page.locator("input[name=displayName]").fill(text)
        stranger.page.locator("input[name=password]").fill(PASSWORD)
        stranger.page.get_by_role("button", name="Create account").click()
        expect(stranger.page.get_by_role("alert")).to_be_visible()
        stranger.check()


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:window.stolen=1", "http:evil.example"]
)
def test_signing_in_ends_on_this_site(watched, person, target):
    someone = person()
    page = watched(someone, java_script_enabled=False)
    page.context.clear_cookies()
    page.page.goto("/signin")
    page.page.locator("input[name=next]").evaluate("(each, value) => { each.value = value; }", target)
    page.page.get_by_label("Username").fill(someone.username)
    page.page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.page.get_by_role("button", name="Sign in").click()
    expect(page.page).to_have_url(f"{page.address}/chatwith")
    page.check()
