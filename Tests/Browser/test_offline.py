"""The chat without a connection: what was read opens, the rest says so, and nobody finds what was somebody else's."""

import re
import signal
import os

import pytest
from playwright.sync_api import Error, expect

from chromium import launched
from conftest import PASSWORD, Person
from groups import make_group
from icons import ICONS
from looks import PHONE, violations
from notices import IN_THE_BACKGROUND, choose, record
from releases import release, version_of
from waiting import wait_for

KEPT = """
    async () => {
        if (!(await indexedDB.databases()).some(({ name }) => name === "martlet-kept")) return "";
        const done = (request) => new Promise((resolve, reject) => {
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        const opening = indexedDB.open("martlet-kept");
        // Deleted since: this must not make an empty one.
        opening.onupgradeneeded = () => opening.transaction.abort();
        const database = await done(opening).catch(() => null);
        if (!database) return "";
        const of = (name) => done(database.transaction(name).objectStore(name).getAll());
        const kept = JSON.stringify([await of("about"), await of("pages")]);
        database.close();
        return kept;
    }
"""
CACHES = "caches.keys()"


@pytest.fixture
def gateway(stack):
    """A gateway that can be stopped and started."""
    with stack.another_gateway() as gateway:
        yield gateway


@pytest.fixture
def traveller(person, gateway):
    """Ada, whose browser may keep the page, at the gateway that can be stopped."""

    def make(name="ada", **options):
        return person(name, address=gateway.address, service_workers="allow", **options)

    return make


def is_ready_to_go(someone, *texts):
    """Waits until the worker is there and some texts are kept."""
    page = someone.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for(page, lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"), "the worker is in control")
    wait_for(page, lambda: all(text in page.evaluate(KEPT) for text in texts), f"{texts} are kept")


@pytest.mark.parametrize("options", [{}, PHONE])
def test_what_was_read_opens_without_a_server_and_what_is_written_then_is_sent_later(person, gateway, traveller, options):
    ada, grace, alan = traveller(**options), person("grace"), person("alan")
    grace.say(ada, "Read this")
    alan.say(ada, "Not this")
    ada.chat_with(grace).is_live()
    expect(ada.messages()).to_have_text(["Read this"])
    is_ready_to_go(ada, "Read this", "Not this")
    gateway.stop()

    page = ada.page
    page.goto(f"/chatwithme/{grace.name}")
    expect(ada.messages()).to_have_text(["Read this"])
    expect(page.locator("#conversation h2")).to_have_text("Grace")
    expect(page.locator(".freshness").first).to_have_attribute("data-state", "offline")
    expect(page.locator(".account-name")).to_have_text("Ada")
    page.locator("#text").fill("Written in a tunnel")
    page.get_by_role("button", name="Send Message").click()
    expect(page.locator(".message.mine .state")).to_have_attribute("data-state", re.compile("queued|waiting"))
    assert violations(page) == []

    page.goto(f"/chatwithme/{alan.name}")
    expect(page.get_by_role("heading", name="Not on this device yet")).to_be_visible()
    expect(page.locator("#conversation")).to_contain_text("opens by itself when there is a connection")
    assert violations(page) == []
    elsewhere = ada.new_tab()
    elsewhere.goto("/account")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Not on this device yet")
    assert violations(elsewhere) == []

    grace.say(ada, "Meanwhile")
    gateway.start()
    expect(ada.messages()).to_have_text(["Not this"], timeout=40_000)
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Settings", timeout=40_000)
    grace.chat_with(ada)
    expect(grace.messages()).to_have_text(["Read this", "Meanwhile", "Written in a tunnel"], timeout=40_000)
    ada.chat_with(grace).is_live()
    expect(ada.messages()).to_have_text(["Read this", "Meanwhile", "Written in a tunnel"])


def test_a_group_that_was_read_opens_without_a_server_under_its_name(person, gateway, traveller):
    ada, grace, alan = traveller(), person("grace"), person("alan")
    ada.page.goto("/chatwith")
    ada.is_live()
    address = make_group(ada, "Sunday walks", [grace, alan])
    page = ada.page
    page.locator("#text").fill("Where to?")
    page.get_by_role("button", name="Send Message").click()
    grace.page.goto(address)
    grace.page.locator("#text").fill("Along the river")
    grace.page.get_by_role("button", name="Send Message").click()
    expect(ada.messages()).to_have_text(["Where to?", "Along the river"])
    is_ready_to_go(ada, "Where to?", "Along the river")
    gateway.stop()

    page.goto(address)
    expect(ada.messages()).to_have_text(["Where to?", "Along the river"])
    expect(page.locator("#conversation h2")).to_have_text("Sunday walks")
    expect(page.locator("#message-list .system")).to_contain_text("You made the group")
    expect(page.locator("#message-list .speaker")).to_have_text(["Grace"])
    expect(page.locator("#conversation-list .item", has_text="Sunday walks")).to_be_visible()
    assert violations(page) == []
    gateway.start()


def test_whoever_does_not_want_it_has_nothing_kept(person, gateway, traveller):
    ada, grace = traveller(), person("grace")
    grace.say(ada, "Read this")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Read this")
    settings = ada.new_tab()
    settings.goto("/account#device")
    switch = settings.get_by_role("switch", name="Keep what I read")
    expect(switch).to_be_checked()
    switch.click()
    expect(settings.locator("#keep-state")).to_have_text("What was kept is deleted.")
    # The tab of the chat goes on, and keeps nothing.
    grace.say(ada, "And this")
    expect(ada.messages()).to_have_text(["Read this", "And this"])
    ada.page.wait_for_timeout(3_000)
    assert "this" not in ada.page.evaluate(KEPT)
    settings.reload()
    expect(switch).not_to_be_checked()
    gateway.stop()
    ada.page.goto(f"/chatwithme/{grace.name}")
    expect(ada.page.get_by_role("heading", name="Not on this device yet")).to_be_visible()
    gateway.start()
    expect(ada.messages()).to_have_text(["Read this", "And this"], timeout=40_000)
    settings.goto("/account#device")
    switch.click()
    expect(settings.locator("#keep-state")).to_have_text("Kept from now on.")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Read this", "And this")


def test_without_a_network_it_is_the_same_and_the_page_goes_on_by_itself(person, gateway, traveller):
    ada, grace = traveller(color_scheme="light"), person("grace")
    ada.page.goto("/account")
    ada.page.get_by_label("Dark").check()
    expect(ada.page.locator("#appearance-state")).to_have_text("Saved in this browser.")
    grace.say(ada, "Read this")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Read this")
    gateway.stop()
    ada.context.set_offline(True)
    ada.page.goto("/chatwith")
    expect(ada.page.locator("#conversation-list .item-preview")).to_have_text(["Read this"])
    assert ada.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(10, 18, 17)"
    ada.page.locator("#conversation-list .item").click()
    expect(ada.messages()).to_have_text(["Read this"])
    gateway.start()
    grace.say(ada, "Welcome back")
    ada.context.set_offline(False)
    expect(ada.messages()).to_have_text(["Read this", "Welcome back"])
    ada.is_live()


def test_a_server_that_does_not_answer_is_not_waited_for_but_one_that_does_gives_the_page(person, gateway, traveller):
    ada, grace = traveller(), person("grace")
    grace.say(ada, "Read this")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Read this")
    # The page of the server, though there is a shell.
    ada.page.goto(f"/chatwithme/{grace.name}")
    assert ada.page.locator("#page-state").text_content() != ""
    os.kill(gateway.pid, signal.SIGSTOP)
    try:
        ada.page.goto(f"/chatwithme/{grace.name}")
        expect(ada.messages()).to_have_text(["Read this"])
        assert ada.page.locator("#page-state").text_content() == ""
    finally:
        os.kill(gateway.pid, signal.SIGCONT)
    grace.say(ada, "There you are")
    expect(ada.messages()).to_have_text(["Read this", "There you are"], timeout=60_000)
    ada.is_live()


def test_after_signing_out_nothing_is_left_to_open(person, gateway, traveller):
    ada, grace = traveller(), person("grace")
    grace.say(ada, "Nobody else's business")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Nobody else's business")
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    expect(ada.page).to_have_url(re.compile("/signin"))
    wait_for(ada.page, lambda: ada.page.evaluate(KEPT) == "", "what was kept is deleted")
    assert ada.page.evaluate(CACHES) == []
    gateway.stop()
    try:
        ada.page.goto(f"/chatwithme/{grace.name}")
    except Error:
        # Without the worker, the browser's own page says so.
        return
    expect(ada.page.get_by_role("heading", name="Not on this device yet")).to_be_visible()
    expect(ada.page.locator("body")).not_to_contain_text("Grace")


def test_a_session_that_ended_elsewhere_leaves_nothing_to_open_either(person, gateway, traveller):
    ada, grace = traveller(), person("grace")
    grace.say(ada, "Nobody else's business")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Nobody else's business")
    elsewhere = person("elsewhere", sign_up=False)
    elsewhere.page.goto("/signin")
    elsewhere.page.get_by_label("Username").fill(ada.name)
    elsewhere.page.get_by_label("Password", exact=True).fill(PASSWORD)
    elsewhere.page.get_by_role("button", name="Sign in").click()
    elsewhere.page.goto("/account")
    elsewhere.page.get_by_role("button", name="End all others").click()
    expect(ada.page).to_have_url(re.compile("/signin"))
    wait_for(ada.page, lambda: ada.page.evaluate(KEPT) == "", "what was kept is deleted")


def test_whoever_signs_in_next_finds_nothing_of_the_one_before(person, gateway, traveller):
    ada, grace, alan = traveller(), person("grace"), person("alan")
    grace.say(ada, "Nobody else's business")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Nobody else's business")
    # The browser forgets the session, and nothing else: Alan signs in without Ada having signed out.
    ada.page.goto("about:blank")
    ada.context.clear_cookies()
    ada.context.add_cookies([
        {**each, "url": gateway.address} for each in
        [{"name": cookie["name"], "value": cookie["value"]} for cookie in alan.context.cookies()]])
    ada.page.goto("/chatwith")
    ada.is_live()
    wait_for(ada.page, lambda: alan.name in ada.page.evaluate(KEPT), "Alan's list is kept")
    assert "business" not in ada.page.evaluate(KEPT)
    gateway.stop()
    ada.page.goto(f"/chatwithme/{grace.name}")
    expect(ada.page.get_by_role("heading", name="Not on this device yet")).to_be_visible()
    expect(ada.page.locator("body")).not_to_contain_text("business")


def test_the_worker_of_an_older_release_makes_way_for_the_newer_one(person, gateway, traveller, tmp_path):
    gateway.stop()
    gateway.set(MARTLET_WEB_DIRECTORY=str(release(tmp_path, "older"))).start()
    ada, grace = traveller(), person("grace")
    grace.say(ada, "Read this")
    ada.chat_with(grace).is_live()
    is_ready_to_go(ada, "Read this")
    older = version_of(ada.page)
    assert ada.page.evaluate(CACHES) == [f"martlet-{older}"]
    gateway.stop()
    gateway.set(MARTLET_WEB_DIRECTORY=str(release(tmp_path, "newer"))).start()
    # Not a page of the older worker.
    ada.page.goto(f"/chatwithme/{grace.name}")
    newer = version_of(ada.page)
    assert newer != older
    ada.is_live()
    wait_for(ada.page, lambda: ada.page.evaluate(CACHES) == [f"martlet-{newer}"], "the newer worker took over", 20_000)
    gateway.stop()
    ada.page.goto(f"/chatwithme/{grace.name}")
    assert version_of(ada.page) == newer
    expect(ada.messages()).to_have_text(["Read this"])


def test_notifications_of_the_worker_are_closed_by_any_tab_and_lead_to_one(person, gateway, traveller):
    ada, grace = traveller(permissions=["notifications"]), person("grace")
    ada.page.goto("/chatwith")
    is_ready_to_go(ada, ada.name)
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .map(({ title, body, tag }) => [title, body, tag])"""
    choose(ada)
    ada.context.add_init_script(IN_THE_BACKGROUND)
    ada.page.goto("/chatwith")
    ada.is_live()
    grace.say(ada, "Come here")
    wait_for(ada.page, lambda: [each[:2] for each in ada.page.evaluate(shown)] == [["Grace", "Come here"]], "shown")
    [worker] = ada.context.service_workers
    worker.evaluate("""async () => {
        const [notification] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    }""")
    expect(ada.page).to_have_url(re.compile(f"/chatwithme/{grace.name}$"))
    wait_for(ada.page, lambda: ada.page.evaluate(shown) == [], "closed when it was chosen")
    grace.say(ada, "And this")
    wait_for(ada.page, lambda: len(ada.page.evaluate(shown)) == 1, "shown")
    ada.page.evaluate("comeToFront()")
    wait_for(ada.page, lambda: ada.page.evaluate(shown) == [], "closed when it was read")


def test_the_page_can_be_installed(person):
    ada = person("ada", service_workers="allow")
    page = ada.page
    session = ada.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    address = page.locator('link[rel="manifest"]').get_attribute("href")
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "application/manifest+json"
    described = answer.json()
    assert (described["name"], described["start_url"], described["scope"]) == ("Martlet", "/chatwith", "/")
    for icon in described["icons"]:
        picture = page.request.get(address.rsplit("/", 1)[0] + "/" + icon["src"])
        assert picture.ok and picture.headers["content-type"] == icon["type"], icon
    assert {icon["purpose"] for icon in described["icons"]} == {"any", "maskable"}
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A context of the tests is a private window, where nothing is installed.
    assert [each["errorId"] for each in errors if each["errorId"] != "in-incognito"] == []


def test_the_icons_for_systems_without_svg_are_pictures_of_the_mark(person):
    page = person("ada").page
    folder = page.locator('link[rel="apple-touch-icon"]').get_attribute("href").rsplit("/", 1)[0]
    for name, (drawing, size) in ICONS.items():
        difference = page.evaluate(
            """async ([picture, drawing, size]) => {
                const pixels = await Promise.all([picture, drawing].map(async (address) => {
                    const image = new Image(size, size);
                    image.src = address;
                    await image.decode();
                    if (address === picture && image.naturalWidth !== size) throw new Error(`${image.naturalWidth} wide`);
                    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
                    const pen = canvas.getContext("2d");
                    pen.drawImage(image, 0, 0, size, size);
                    return pen.getImageData(0, 0, size, size).data;
                }));
                return pixels[0].reduce((sum, value, index) => sum + Math.abs(value - pixels[1][index]), 0) / pixels[0].length;
            }""",
            [f"{folder}/{name}", f"{folder}/{drawing}", size])
        assert difference < 3, f"{name} differs by {difference} of 255: run Tests/Browser/icons.py"


def test_on_plain_http_under_another_name_everything_else_works_and_the_settings_say_why(stack, browser, person):
    grace = person("grace")
    with launched(browser.browser_type, "--host-resolver-rules=MAP martlet.test 127.0.0.1") as other:
        ada = Person(stack, other, "ada", address=stack.gateways[0].replace("127.0.0.1", "martlet.test")).sign_up()
        assert ada.page.evaluate("[isSecureContext, 'serviceWorker' in navigator]") == [False, False]
        ada.chat_with(grace).is_live()
        ada.write("On plain HTTP")
        grace.chat_with(ada)
        expect(grace.messages()).to_have_text(["On plain HTTP"])
        ada.page.locator("#text").fill("Unfinished")
        ada.keeps_draft("Unfinished")
        ada.page.goto("/account")
        expect(ada.page.locator("#notices-state")).to_contain_text("only on pages that come over HTTPS")
        ada.page.goto("/chatwith")
        ada.is_live()
        ada.open_account_menu().get_by_role("button", name="Sign out").click()
        expect(ada.page).to_have_url(re.compile("/signin"))
        assert ada.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('martlet-'))") == []
        # Browsers ignore some headers there, and say so.
        assert [each for each in ada.complaints if not re.match("(The Cross-Origin-Opener-Policy|Clear-Site-Data) header", each)] == []
        ada.context.close()
