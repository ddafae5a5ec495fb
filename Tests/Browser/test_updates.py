"""A page of one release at a server of another one."""

import pytest
from playwright.sync_api import Error, expect

from waiting import wait_for
from releases import balancer, release, version_of

HIDDEN = """
    window.isUnseen = sessionStorage.getItem("test-unseen") === "yes";
    Object.defineProperty(document, "hidden", { get: () => window.isUnseen });
    Object.defineProperty(document, "visibilityState", { get: () => window.isUnseen ? "hidden" : "visible" });
    window.turnAway = (isUnseen = true) => {
        window.isUnseen = isUnseen;
        sessionStorage.setItem("test-unseen", isUnseen ? "yes" : "no");
        document.dispatchEvent(new Event("visibilitychange"));
    };
"""


def of_address(someone, address):
    """The same person, at another address of the server."""
    someone.context.add_cookies([
        {"name": each["name"], "value": each["value"], "url": address} for each in someone.context.cookies()])
    someone.address = address
    return someone


def cut_off(page):
    """Ends the live stream, as the loss of the network does; a page that is just being reloaded has none."""
    try:
        page.evaluate("dispatchEvent(new Event('offline'))")
    except Error:
        page.wait_for_load_state()


@pytest.fixture
def releases(tmp_path):
    return [str(release(tmp_path, name)) for name in ("one", "two")]


def test_the_page_says_that_the_server_was_updated_and_reloads_when_nobody_sees_it(person, stack, releases):
    with stack.another_gateway({"MARTLET_WEB_DIRECTORY": releases[0]}) as gateway:
        ada, grace = of_address(person("ada"), gateway.address), person("grace")
        ada.context.add_init_script(HIDDEN)
        ada.page.goto(f"{gateway.address}/chatwithme/{grace.name}")
        ada.is_live()
        before = version_of(ada.page)
        ada.page.locator("#text").fill("Half a sentence")
        note = ada.page.locator("#update-note")
        # The same release again is no update.
        gateway.stop()
        expect(ada.page.locator("#freshness")).not_to_have_attribute("data-state", "live")
        gateway.start()
        ada.is_live()
        gateway.stop()
        gateway.set(MARTLET_WEB_DIRECTORY=releases[1]).start()
        expect(note).to_contain_text("Martlet was updated. What you are writing is kept.", timeout=40_000)
        # Nothing happens to somebody who looks at it, nor to what is being written.
        ada.page.evaluate("window.isOld = true")
        ada.page.evaluate("turnAway(); turnAway(false)")
        assert ada.page.evaluate("window.isOld")
        ada.keeps_draft("Half a sentence")
        note.get_by_role("button", name="Reload").click()
        ada.is_live()
        assert version_of(ada.page) != before
        expect(ada.page.locator("#text")).to_have_value("Half a sentence")
        expect(note).to_have_count(0)


def test_a_tab_that_nobody_sees_reloads_by_itself(person, stack, releases):
    with stack.another_gateway({"MARTLET_WEB_DIRECTORY": releases[0]}) as gateway:
        ada = of_address(person("ada"), gateway.address)
        ada.context.add_init_script(HIDDEN)
        ada.page.goto(f"{gateway.address}/chatwith")
        ada.is_live()
        before = version_of(ada.page)
        ada.page.evaluate("turnAway()")
        gateway.stop()
        gateway.set(MARTLET_WEB_DIRECTORY=releases[1]).start()
        wait_for(ada.page, lambda: version_of(ada.page) != before, "the page is of the new release", 40_000)
        ada.is_live()
        expect(ada.page.locator("#update-note")).to_have_count(0)


def test_gateways_of_two_releases_make_no_page_reload_again_and_again(person, stack, releases):
    one, two = ({"MARTLET_WEB_DIRECTORY": each} for each in releases)
    with stack.another_gateway(one) as first, stack.another_gateway(two) as second:
        with balancer(first.address, second.address) as address:
            ada = of_address(person("ada"), address)
            ada.context.add_init_script(HIDDEN)
            loads, streams = [], []
            ada.page.on("request", lambda request: streams.append(request.url) if request.url.endswith("/events") else None)
            ada.page.on("load", lambda: loads.append(version_of(ada.page)))
            ada.page.goto(f"{address}/chatwith")
            ada.is_live()
            ada.page.evaluate("turnAway()")
            # Each time that the stream comes back, it is that of the other one.
            for number in range(4):
                count = len(streams)
                cut_off(ada.page)
                wait_for(ada.page, lambda: len(streams) > count, "the stream comes back", 20_000)
                ada.is_live()
            assert len(loads) <= 2, loads
            assert len(streams) >= 5
