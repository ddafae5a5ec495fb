"""Drafts in several browsers of one person: the newest is everywhere, and nothing is lost."""

import re

import pytest
from playwright.sync_api import expect

from conftest import PASSWORD
from waiting import wait_for

#: A page keeps drafts the same once it has come to rest.
SYNCS = 'performance.getEntriesByType("resource").some(({ name }) => name.includes("/app/drafts-sync/main.js"))'
SLOW = 20_000


def syncs(page):
    wait_for(page, lambda: page.evaluate(SYNCS), "the page has not begun to keep drafts the same", limit=SLOW)


@pytest.fixture
def devices(person, browser, stack):
    """Ada with Grace's conversation open in two browsers, on two gateways; answers `(ada, grace, other page)`."""
    ada, grace = person("ada"), person("grace", gateway=1)
    grace.say(ada, "Hello Ada")
    ada.chat_with(grace).is_live()
    contexts = []

    def another(path=None, first_fails=False):
        context = browser.new_context(
            base_url=stack.gateways[1], service_workers="block",
            storage_state={"cookies": ada.context.storage_state()["cookies"], "origins": []})
        contexts.append(context)
        page = ada.listen(context.new_page())
        if first_fails:
            page.route("**/api/v1/drafts*", lambda route: route.fulfill(status=503, json={}), times=1)
        with page.expect_response("**/api/v1/drafts*", timeout=SLOW):
            page.goto(path or f"/chatwithme/{grace.name}")
        return ada.is_live(page) and page

    syncs(ada.page)
    yield ada, grace, another
    for context in contexts:
        context.close()


def test_what_is_begun_in_one_browser_goes_on_in_another_and_is_sent_once(devices):
    ada, grace, another = devices
    phone = another()
    ada.page.locator("#text").press_sequentially("Half a tho")
    expect(phone.locator("#text")).to_have_value("Half a tho", timeout=SLOW)
    phone.locator("#text").press_sequentially("ught")
    expect(ada.page.locator("#text")).to_have_value("Half a thought", timeout=SLOW)
    phone.keyboard.press("Enter")
    expect(ada.message("Half a thought")).to_be_visible()
    expect(ada.page.locator("#text")).to_have_value("", timeout=SLOW)
    # A browser that comes later finds nothing to go on with.
    late = another()
    expect(late.locator("#text")).to_have_value("")


def test_a_draft_is_in_the_list_of_every_browser_and_brings_what_it_answers(devices):
    ada, grace, another = devices
    ada.act("Hello Ada", "reply")
    ada.page.locator("#text").fill("An answer")
    phone = another("/chatwith")
    row = phone.locator("#conversation-list .item", has_text=grace.display_name)
    expect(row).to_contain_text("Draft: An answer", timeout=SLOW)
    row.click()
    expect(phone.locator("#text")).to_have_value("An answer")
    expect(phone.locator(".composer-context")).to_contain_text("Hello Ada")
    phone.keyboard.press("Enter")
    expect(ada.message("An answer").locator(".quote")).to_contain_text("Hello Ada")
    expect(ada.page.locator(".composer-context")).to_have_count(0, timeout=SLOW)


def test_the_newest_counts_when_a_browser_was_away_whatever_its_clock_says(devices):
    ada, grace, another = devices
    phone = another()
    ada.page.context.set_offline(True)
    expect(ada.page.locator("#freshness")).to_have_attribute("data-state", "offline", timeout=SLOW)
    # A clock that is a day ahead.
    ada.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 86_400_000; }")
    ada.page.locator("#text").fill("Written first")
    ada.page.locator("#text").blur()
    with phone.expect_response("**/draft"):
        phone.locator("#text").fill("Written later")
    ada.page.context.set_offline(False)
    expect(ada.page.locator("#text")).to_have_value("Written later", timeout=SLOW)
    expect(phone.locator("#text")).to_have_value("Written later")
    # And the other way round.
    phone.context.set_offline(True)
    phone.locator("#text").fill("Again later")
    phone.context.set_offline(False)
    expect(ada.page.locator("#text")).to_have_value("Again later", timeout=SLOW)


def test_opening_an_old_draft_does_not_make_it_new(devices):
    ada, grace, another = devices
    ada.page.locator("#text").fill("Old")
    phone = another()
    expect(phone.locator("#text")).to_have_value("Old", timeout=SLOW)
    ada.page.close()
    with phone.expect_response("**/draft"):
        phone.locator("#text").fill("New")
    page = ada.new_tab()
    page.goto(f"/chatwithme/{grace.name}")
    expect(page.locator("#text")).to_have_value("New", timeout=SLOW)
    expect(phone.locator("#text")).to_have_value("New")


def test_what_was_typed_just_before_leaving_is_kept(devices):
    ada, grace, another = devices
    ada.page.locator("#text").fill("In a hurry")
    ada.page.goto("about:blank")
    phone = another()
    expect(phone.locator("#text")).to_have_value("In a hurry", timeout=SLOW)


def test_what_is_sent_while_its_draft_is_being_kept_does_not_come_back(devices):
    ada, grace, another = devices
    phone = another()
    held = []
    ada.page.route("**/draft", lambda route: held.append(route) if not held else route.continue_())
    ada.page.locator("#text").fill("Sent at once")
    wait_for(ada.page, lambda: held, "the draft is not sent")
    ada.page.keyboard.press("Enter")
    expect(ada.message("Sent at once")).to_be_visible()
    with ada.page.expect_response("**/draft"):
        held[0].continue_()
    expect(phone.locator("#text")).to_have_value("")
    late = another()
    expect(late.locator("#text")).to_have_value("")
    expect(ada.page.locator("#text")).to_have_value("")


def test_drafts_outlast_signing_out(devices):
    ada, grace, another = devices
    ada.page.locator("#text").fill("Typed just now")
    menu = ada.open_account_menu()
    menu.get_by_role("button", name="Sign out").click()
    expect(ada.page).to_have_url(re.compile("/signin"))
    ada.page.get_by_label("Username").fill(ada.name)
    ada.page.get_by_label("Password", exact=True).fill(PASSWORD)
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page).to_have_url(re.compile("/chatwith"))
    ada.chat_with(grace)
    expect(ada.page.locator("#text")).to_have_value("Typed just now", timeout=SLOW)


def test_what_was_sent_before_a_page_came_to_rest_does_not_come_back(devices):
    ada, grace, another = devices
    ada.page.locator("#text").fill("Begun")
    with ada.page.expect_response("**/draft"):
        ada.page.evaluate("dispatchEvent(new Event('pagehide'))")
    ada.page.reload()
    ada.is_live()
    expect(ada.page.locator("#text")).to_have_value("Begun")
    ada.page.locator("#text").press("Enter")
    expect(ada.message("Begun")).to_be_visible()
    syncs(ada.page)
    late = another()
    expect(late.locator("#text")).to_have_value("")
    expect(ada.page.locator("#text")).to_have_value("")


def test_a_draft_is_found_although_the_first_question_for_it_fails(devices):
    ada, grace, another = devices
    with ada.page.expect_response("**/draft"):
        ada.page.locator("#text").fill("Still there")
    phone = another("/chatwith", first_fails=True)
    expect(phone.locator("#conversation-list .item", has_text=grace.display_name)).to_contain_text(
        "Draft: Still there", timeout=SLOW)
