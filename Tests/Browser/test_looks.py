"""Layout, keyboard and accessibility."""

import re

import pytest
from playwright.sync_api import expect

from looks import PHONE, violations


def test_a_phone_shows_one_pane_at_a_time(person):
    ada, grace = person("ada", **PHONE), person("grace")
    ada.page.goto("/chatwith")
    expect(ada.page.locator(".sidebar")).to_be_visible()
    expect(ada.page.locator("#conversation")).not_to_be_visible()
    ada.is_live()
    ada.page.get_by_role("searchbox", name="Search").fill(grace.name)
    ada.page.locator("#people-list .item", has_text=f"@{grace.name}").click()
    expect(ada.page.locator(".sidebar")).not_to_be_visible()
    ada.write("From my phone")
    expect(ada.messages()).to_have_text(["From my phone"])
    width = ada.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"the page is {width} pixels wide: it scrolls sideways"
    ada.page.get_by_role("link", name="Chat with another user").click()
    expect(ada.page.locator(".sidebar")).to_be_visible()
    expect(ada.page.locator("#conversation-list .item")).to_contain_text("From my phone")


def test_a_wide_screen_shows_both_panes(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    expect(ada.page.locator(".sidebar")).to_be_visible()
    expect(ada.page.locator("#conversation")).to_be_visible()


def test_everything_can_be_done_with_the_keyboard(person):
    ada, grace = person("ada"), person("grace")
    ada.page.goto("/chatwith")
    ada.is_live()
    ada.page.keyboard.press("Tab")
    expect(ada.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    ada.page.get_by_role("searchbox", name="Search").focus()
    ada.page.keyboard.type(grace.name)
    expect(ada.page.locator("#people-list .item")).to_have_count(1)
    for _ in range(6):
        if ada.page.evaluate("document.activeElement.matches('#people-list .item')"):
            break
        ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#text")).to_be_focused()
    ada.page.keyboard.type("No mouse")
    ada.page.keyboard.press("Shift+Enter")
    ada.page.keyboard.type("two lines")
    ada.page.keyboard.press("Enter")
    expect(ada.messages()).to_have_text(["No mouse\ntwo lines"])
    expect(ada.page.locator("#text")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", ["wide", "phone"])
def test_axe_finds_no_violation(person, scheme, device):
    options = {"color_scheme": scheme, **(PHONE if device == "phone" else {})}
    ada, grace = person("ada", **options), person("grace")
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    ada.write("Hello https://example.org/")
    grace.write("Hello yourself")
    expect(ada.messages()).to_have_count(2)
    found = {}

    def check(name):
        if wrong := violations(ada.page):
            found[name] = wrong

    check("conversation")
    grace.act("Hello yourself", "edit")
    grace.page.locator("#text").fill("Hello to you")
    grace.page.locator("#text").press("Enter")
    expect(ada.messages().last).to_have_text("Hello to you")
    ada.page.locator(".message-more").last.evaluate("each => each.click()")
    # It is loaded when it is first wanted, and fades in.
    expect(ada.page.locator(".popup .menu-item").first).to_be_visible()
    check("menu")
    ada.page.locator(".popup [data-action=reply]").click()
    check("answer")
    ada.write("An answer")
    grace.act("Hello to you", "react")
    grace.page.locator(".popup").get_by_role("button", name="party popper").click()
    expect(ada.page.locator(".reaction")).to_have_count(2)
    check("quote and reaction")
    ada.page.locator(".reaction.add").click()
    # It is loaded when it is first wanted.
    expect(ada.page.locator(".popup .emoji-row").first).to_be_visible()
    check("picker")
    ada.page.keyboard.press("Escape")
    expect(ada.page.locator(".popup")).to_have_count(0)
    for name in ("edit", "delete"):
        ada.page.locator(".message-more").last.evaluate("each => each.click()")
        ada.page.locator(f".popup [data-action={name}]").click()
        check(name)
    ada.page.get_by_role("button", name="Delete for everybody").click()
    expect(ada.page.locator(".message.deleted")).to_have_count(1)
    check("tombstone")
    for path in ["/chatwith", "/account", "/logout_chat", "/no-such-page"]:
        ada.page.goto(path)
        if path == "/chatwith":
            ada.is_live()
        check(path)
    ada.context.clear_cookies()
    for path in ["/signin", "/signup"]:
        ada.page.goto(path)
        check(path)
    assert not found, found


def test_the_page_is_served_with_a_strict_content_security_policy(person):
    ada = person("ada")
    answer = ada.page.goto("/chatwith")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert re.search("no-store", answer.headers["cache-control"])
