"""Reaching what can be done with a message by pointer and finger, and what shows while a conversation opens."""

import re

import pytest
from playwright.sync_api import expect

from looks import PHONE

OPENS = re.compile(r"/api/v1/conversations$")


def test_a_right_click_opens_the_menu_at_the_pointer_but_not_on_links(person):
    ada, grace = person("ada", viewport={"width": 1280, "height": 1000}), person("grace")
    grace.say(ada, "Press me", "https://example.org/", *(["A long text\n" * 10] * 2))
    ada.chat_with(grace).is_live()
    bubble = ada.message("Press me").locator(".bubble")
    box = bubble.bounding_box()
    bubble.click(button="right", position={"x": 20, "y": 10})
    menu = ada.page.locator(".popup")
    expect(menu.get_by_role("menuitem", name="Reply")).to_be_visible()
    at = menu.bounding_box()
    assert abs(at["x"] - box["x"] - 20) <= 2 and 0 <= at["y"] - box["y"] - 10 <= 10
    menu.get_by_role("menuitem", name="Reply").click()
    expect(ada.page.locator(".composer-context")).to_contain_text("Press me")
    ada.page.locator(".message a").click(button="right")
    expect(menu).to_have_count(0)


def swipe(someone, text, distance):
    words = someone.message(text).locator(".text")
    at = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "clientY": 100}
    # In one go: a finger that rests means something else.
    words.evaluate(
        """(each, { at, distance }) => {
            const send = (type, clientX) => each.dispatchEvent(new PointerEvent(type, { ...at, clientX }));
            send("pointerdown", 100);
            for (let x = 100; x <= 100 + distance; x += 10) send("pointermove", x);
        }""", {"at": at, "distance": distance})
    expect(someone.page.locator(".swipe-mark")).to_have_count(1)
    words.dispatch_event("pointerup", at | {"clientX": 100 + distance})
    expect(someone.page.locator(".swipe-mark")).to_have_count(0)


def test_on_a_phone_moving_a_message_aside_answers_it(person):
    ada, grace = person("ada", **PHONE), person("grace")
    grace.say(ada, "Move me")
    ada.chat_with(grace).is_live()
    swipe(ada, "Move me", 30)
    expect(ada.page.locator(".composer-context")).to_have_count(0)
    swipe(ada, "Move me", 80)
    expect(ada.page.locator(".composer-context[data-mode=reply]")).to_contain_text("Move me")
    expect(ada.page.locator(".popup")).to_have_count(0)


def test_a_conversation_that_takes_long_to_open_shows_where_its_messages_will_be(person):
    ada, grace = person("ada"), person("grace")
    ada.page.goto("/chatwith")
    ada.is_live()
    held = []
    ada.page.route(OPENS, lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    link = f"/chatwithme/{grace.name}"
    ada.page.evaluate("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", link)
    expect(ada.page.locator("#conversation .waiting-messages")).to_be_visible()
    expect(ada.page.locator("#conversation")).to_contain_text("Loading messages…")
    held[0].continue_()
    expect(ada.page.locator("#conversation")).to_contain_text("No messages yet")
    expect(ada.page.locator("#conversation .waiting-messages")).to_have_count(0)


def test_a_conversation_that_cannot_be_opened_says_so_and_is_tried_again(person):
    ada, grace = person("ada"), person("grace")
    ada.page.goto("/chatwith")
    ada.is_live()
    refusing = [True]

    def refuse(route):
        if route.request.method != "POST" or not refusing:
            return route.continue_()
        return route.fulfill(status=503, content_type="application/problem+json", headers={"retry-after": "300"},
                             body='{"code":"busy","detail":"Not everything works right now.","status":503}')

    ada.page.route(OPENS, refuse)
    link = f"/chatwithme/{grace.name}"
    ada.page.evaluate("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", link)
    alert = ada.page.locator("#conversation").get_by_role("alert")
    expect(alert).to_contain_text("could not be opened")
    expect(alert).to_contain_text("Not everything works right now.")
    refusing.clear()
    alert.get_by_role("button", name="Try again").click()
    expect(ada.page.locator("#text")).to_be_visible()


@pytest.mark.parametrize("device", [{}, PHONE], ids=["wide", "phone"])
def test_being_offline_is_said_under_the_head_without_moving_what_is_read(person, device):
    ada, grace = person("ada", **device), person("grace")
    grace.say(ada, *[f"Line {number}" for number in range(1, 31)])
    ada.chat_with(grace).is_live()
    ada.page.locator("#messages").evaluate("each => { each.scrollTop = 200; }")
    ada.page.wait_for_timeout(200)
    line = ada.page.get_by_text("Line 12", exact=True)
    before = line.bounding_box()["y"]
    ada.context.set_offline(True)
    banner = ada.page.locator("#conversation .freshness")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("Offline")
    ada.page.wait_for_timeout(200)
    assert abs(line.bounding_box()["y"] - before) <= 1
    ada.context.set_offline(False)
    expect(banner).not_to_be_visible(timeout=40_000)


def test_a_message_and_what_follows_is_marked_as_unread(person):
    ada, grace = person("ada"), person("grace")
    grace.say(ada, "One", "Two", "Three")
    ada.chat_with(grace).is_live()
    badge = ada.page.locator("#conversation-list .badge")
    expect(badge).to_have_count(0)
    ada.act("Two", "unread")
    expect(badge).to_have_text(re.compile("^2"))
    ada.page.goto("/chatwith")
    ada.is_live()
    expect(badge).to_have_text(re.compile("^2"))
    ada.page.locator("#conversation-list .item").first.click()
    expect(ada.page.locator(".new-divider")).to_have_text("2 new messages")
    expect(badge).to_have_count(0)
    # With the keyboard as well.
    ada.page.locator("#messages").focus()
    ada.page.keyboard.press("ArrowUp")
    expect(ada.message("Three")).to_be_focused()
    ada.page.keyboard.press("Shift+U")
    expect(badge).to_have_text(re.compile("^1"))
