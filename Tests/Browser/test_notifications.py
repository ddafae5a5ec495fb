"""Who is told of new messages, when, how often, and what can be chosen about it."""

import re

import pytest
from playwright.sync_api import expect

from notices import IN_THE_BACKGROUND, choose, notices, record
from looks import PHONE, violations
from waiting import wait_for


def in_background(someone, permission="granted"):
    record(someone, permission).context.add_init_script(IN_THE_BACKGROUND)
    return someone


@pytest.fixture
def listener(person):
    """Ada, who wants notifications, with her list open in a tab that nobody looks at."""

    def make(**settings):
        ada = in_background(person("ada"))
        choose(ada, **settings)
        ada.page.goto("/chatwith")
        return ada.is_live()

    return make


def is_told(page, *expected):
    wait_for(page, lambda: notices(page) == list(expected), lambda: f"{expected} were to be told, not {notices(page)}")


#: What the tabs of a browser have dealt with, whether they told of it or not.
DEALT_WITH = '''Object.entries(localStorage).filter(([key]) => key.startsWith("martlet-told-")).map(([, told]) => told).join()'''
#: Whether a tab has what it tells with; until then the others go ahead of it.
CAN_TELL = '''performance.getEntriesByType("resource").some(({ name }) => name.includes("/app/notify/main.js"))'''


def icon_of(page):
    return page.locator('link[rel="icon"]').get_attribute("href")


def test_a_message_is_told_once_although_three_tabs_are_open_and_one_of_them_sleeps(person, listener):
    ada, grace = listener(), person("grace", gateway=1)
    second, third = ada.new_tab(), ada.new_tab()
    for tab in (second, third):
        tab.goto("/chatwith")
        ada.is_live(tab)
    sleeping = ada.context.new_cdp_session(second)
    sleeping.send("Page.setWebLifecycleState", {"state": "frozen"})
    tabs = (ada.page, third)
    grace.say(ada, "Are you there?")
    wait_for(third, lambda: notices(*tabs), "somebody was to be told")
    grace.say(ada, "Hello?")
    wait_for(third, lambda: len(notices(*tabs)) == 2, "the second one was to be told")
    sleeping.send("Page.setWebLifecycleState", {"state": "active"})
    ada.is_live(second)
    grace.say(ada, "The third")
    wait_for(third, lambda: len(notices(*tabs, second)) >= 3, "the third one was to be told")
    assert sorted(notices(*tabs, second)) == [
        ("Grace", "Are you there?"), ("Grace (2)", "Hello?"), ("Grace (3)", "The third")]


def test_what_is_on_the_screen_of_a_tab_in_front_is_told_by_none(person, listener):
    ada, grace, alan = listener(), person("grace", gateway=1), person("alan")
    front = ada.new_tab()
    front.goto(f"/chatwithme/{grace.name}")
    ada.is_live(front)
    wait_for(front, lambda: front.evaluate(CAN_TELL), "the tab in front was to be ready")
    front.evaluate("comeToFront()")
    grace.say(ada, "You see this")
    expect(ada.messages(front)).to_have_text(["You see this"])
    alan.say(ada, "But not this")
    wait_for(front, lambda: notices(ada.page, front), "the other conversation was to be told of")
    assert notices(ada.page, front) == [("Alan", "But not this")]
    # Nobody looks any more.
    front.evaluate("comeToFront(false)")
    grace.say(ada, "And this?")
    wait_for(front, lambda: len(notices(ada.page, front)) == 2, "the tab is not in front any more")
    assert ("Grace", "And this?") in notices(ada.page, front)


def test_one_that_is_chosen_opens_its_conversation(person, listener):
    ada, grace = listener(), person("grace", gateway=1)
    grace.say(ada, "Come here")
    is_told(ada.page, ("Grace", "Come here"))
    ada.page.evaluate("window.notified[0].onclick()")
    expect(ada.page).to_have_url(re.compile(f"/chatwithme/{grace.name}$"))
    expect(ada.messages()).to_have_text(["Come here"])
    assert ada.page.evaluate("window.notified[0].isClosed")


def test_it_is_closed_when_the_message_is_read_elsewhere_or_deleted(person, listener):
    ada, grace = listener(), person("grace", gateway=1)
    grace.say(ada, "Read me")
    is_told(ada.page, ("Grace", "Read me"))
    elsewhere = ada.context.browser.new_context(
        base_url=ada.address, storage_state=ada.context.storage_state(), service_workers="block")
    page = elsewhere.new_page()
    page.goto(f"/chatwithme/{grace.name}")
    wait_for(ada.page, lambda: ada.page.evaluate("window.notified[0].isClosed"), "read elsewhere")
    expect(ada.page).to_have_title("Chats · Martlet")
    page.goto("about:blank")
    elsewhere.close()
    grace.chat_with(ada).is_live().write("Never mind")
    is_told(ada.page, ("Grace", "Read me"), ("Grace", "Never mind"))
    grace.act("Never mind", "delete")
    grace.page.locator(".confirm button.danger, .dialog button.danger").click()
    wait_for(ada.page, lambda: ada.page.evaluate("window.notified[1].isClosed"), "deleted")


def test_what_came_while_the_page_was_away_is_told_in_one_notification(person, listener):
    ada, grace, alan = listener(), person("grace", gateway=1), person("alan")
    grace.say(ada, "Before")
    is_told(ada.page, ("Grace", "Before"))
    ada.context.set_offline(True)
    expect(ada.page.locator("#freshness")).to_have_attribute("data-state", "offline")
    grace.say(ada, *(f"Number {number}" for number in range(30)))
    alan.say(ada, "One", "Two")
    ada.context.set_offline(False)
    ada.is_live()
    is_told(ada.page, ("Grace", "Before"), ("33 new messages", "From Alan and Grace"))
    ada.context.set_offline(True)
    expect(ada.page.locator("#freshness")).to_have_attribute("data-state", "offline")
    alan.say(ada, "Three")
    ada.context.set_offline(False)
    ada.is_live()
    is_told(ada.page, ("Grace", "Before"), ("33 new messages", "From Alan and Grace"), ("Alan (3)", "Three"))


def test_nobody_is_told_of_a_conversation_that_is_muted_and_it_does_not_count(person, listener):
    ada, grace, alan = listener(), person("grace", gateway=1), person("alan")
    page = ada.page
    ada.chat_with(grace).is_live()
    page.get_by_role("button", name="Conversation menu").click()
    page.get_by_role("menuitem", name="Mute until I unmute it").click()
    expect(page.get_by_role("button", name="Conversation menu")).to_be_focused()
    page.goto("/chatwith")
    ada.is_live()
    plain = icon_of(page)
    grace.say(ada, "Psst")
    item = page.locator("#conversation-list .item", has_text="Grace")
    expect(item.locator(".badge")).to_have_text("1 unread")
    expect(item).to_contain_text("Muted")
    expect(item).to_have_class(re.compile("muted"))
    alan.say(ada, "Hear, hear")
    is_told(page, ("Alan", "Hear, hear"))
    expect(page).to_have_title("(1) Chats · Martlet")
    expect(page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("^data:image/png"))
    assert icon_of(page) != plain
    # Every other tab knows it at once, and so does the page when it is loaded again.
    other = ada.new_tab()
    other.goto(f"/chatwithme/{grace.name}")
    ada.is_live(other)
    other.get_by_role("button", name="Conversation menu").click()
    other.get_by_role("menuitem", name="Unmute").click()
    expect(page).to_have_title("(2) Chats · Martlet")
    expect(item).not_to_have_class(re.compile("muted"))


def test_the_tab_icon_is_plain_again_when_everything_is_read(person, listener):
    ada, grace = listener(), person("grace", gateway=1)
    plain = icon_of(ada.page)
    grace.say(ada, "Read me")
    expect(ada.page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("^data:image/png"))
    ada.page.evaluate("comeToFront()")
    ada.page.locator("#conversation-list .item").click()
    expect(ada.page.locator('link[rel="icon"]')).to_have_attribute("href", plain)


def test_what_was_written_can_be_kept_off_the_screen(person, listener):
    ada, grace = listener(text=False), person("grace", gateway=1)
    grace.say(ada, "A secret")
    is_told(ada.page, ("Grace", "New message"))
    grace.say(ada, "Another one")
    is_told(ada.page, ("Grace", "New message"), ("Grace (2)", "2 new messages"))


def test_in_quiet_hours_nothing_pops_up_or_sounds(person, listener):
    around = "const at = (by) => new Date(Date.now() + by * 60000).toTimeString().slice(0, 5);"
    ada, grace = listener(), person("grace", gateway=1)
    hours = ada.page.evaluate(f"(() => {{ {around} return [at(-60), at(60)]; }})()")
    choose(ada, sound=True, quiet={"on": True, "from": hours[0], "to": hours[1]})
    grace.say(ada, "Sleep well")
    expect(ada.page).to_have_title("(1) Chats · Martlet")
    expect(ada.page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("^data:image/png"))
    wait_for(ada.page, lambda: ada.page.evaluate(DEALT_WITH), "the first one was to be dealt with")
    assert notices(ada.page) == [] and ada.page.evaluate("window.tones") == 0
    # Only a page that somebody has used may be heard.
    ada.page.locator("#search").click()
    choose(ada, sound=True, quiet={"on": True, "from": hours[1], "to": hours[0]})
    grace.say(ada, "Good morning")
    is_told(ada.page, ("Grace (2)", "Good morning"))
    wait_for(ada.page, lambda: ada.page.evaluate("window.tones") == 2, "the sound was to be heard, once")


def test_notifications_are_off_until_somebody_wants_them(person):
    ada, grace = in_background(person("ada")), person("grace", gateway=1)
    ada.page.goto("/chatwith")
    ada.is_live()
    grace.say(ada, "Hello")
    expect(ada.page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("^data:image/png"))
    wait_for(ada.page, lambda: ada.page.evaluate(DEALT_WITH), "it was to be dealt with")
    assert notices(ada.page) == []
    assert ada.page.evaluate("[window.asked, window.tones]") == [0, 0]


@pytest.mark.parametrize("options", [{}, PHONE])
def test_the_chat_asks_once_after_something_came_while_nobody_was_there(person, options):
    ada, grace = in_background(person("ada", **options), "default"), person("grace", gateway=1)
    ada.page.goto("/chatwith")
    ada.is_live()
    hint = ada.page.locator("#notice-hint")
    grace.say(ada, "Hello")
    expect(ada.page).to_have_title("(1) Chats · Martlet")
    expect(hint).to_have_count(0)
    ada.page.evaluate("comeToFront()")
    expect(hint).to_contain_text("Be told of new messages while you are elsewhere?")
    assert violations(ada.page) == []
    assert ada.page.evaluate("window.asked") == 0
    hint.get_by_role("button", name="Turn on").click()
    expect(hint).to_have_count(0)
    assert ada.page.evaluate("window.asked") == 1
    ada.page.evaluate("comeToFront(false)")
    grace.say(ada, "Again")
    is_told(ada.page, ("Grace (2)", "Again"))
    ada.page.goto("/account")
    expect(ada.page.get_by_role("switch", name="On this device")).to_be_checked()


def test_whoever_does_not_want_them_now_is_not_asked_again_and_a_refusal_says_what_can_be_done(person):
    ada, grace = in_background(person("ada"), "default"), person("grace", gateway=1)
    ada.page.goto("/chatwith")
    ada.is_live()
    grace.say(ada, "Hello")
    expect(ada.page).to_have_title("(1) Chats · Martlet")
    ada.page.evaluate("comeToFront()")
    hint = ada.page.locator("#notice-hint")
    hint.get_by_role("button", name="Not now").click()
    expect(hint).to_have_count(0)
    ada.page.reload()
    ada.is_live()
    before = ada.page.evaluate(DEALT_WITH)
    grace.say(ada, "Again")
    expect(ada.page).to_have_title("(2) Chats · Martlet")
    ada.page.evaluate("comeToFront()")
    expect(ada.page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("^data:image/png"))
    wait_for(ada.page, lambda: ada.page.evaluate(DEALT_WITH) != before, "it was to be dealt with")
    expect(hint).to_have_count(0)

    grace.page.goto("/chatwith")
    record(grace, "default").context.add_init_script(IN_THE_BACKGROUND)
    grace.page.goto("/chatwith")
    grace.is_live()
    grace.page.evaluate("window.answerOfPermission = 'denied'")
    ada.say(grace, "Back")
    expect(grace.page).to_have_title("(1) Chats · Martlet")
    grace.page.evaluate("comeToFront()")
    hint = grace.page.locator("#notice-hint")
    hint.get_by_role("button", name="Turn on").click()
    expect(hint).to_contain_text("The browser blocks notifications of this page. Allow them in its settings for this site")
    hint.get_by_role("link", name="Settings").click()
    expect(grace.page).to_have_url(re.compile("/account#notifications$"))


def test_the_settings_ask_the_browser_and_keep_what_is_chosen(person):
    ada = record(person("ada"), "default")
    page = ada.page
    page.goto("/account#notifications")
    switch, state = page.get_by_role("switch", name="On this device"), page.locator("#notices-state")
    expect(state).to_have_text("The browser will ask you once.")
    expect(switch).not_to_be_checked()
    assert page.evaluate("window.asked") == 0
    switch.check()
    expect(state).to_have_text("On: the browser has allowed it")
    assert page.evaluate("window.asked") == 1
    page.get_by_role("switch", name="Show what was written").uncheck()
    page.get_by_role("switch", name="Sound").check()
    wait_for(page, lambda: page.evaluate("window.tones") == 2, "the sound was to be tried")
    expect(page.get_by_label("Quiet from")).to_be_disabled()
    page.get_by_role("switch", name="Quiet hours").check()
    page.get_by_label("Quiet from").fill("21:15")
    page.get_by_label("Direct messages").select_option("Nothing")
    page.reload()
    expect(switch).to_be_checked()
    expect(page.get_by_role("switch", name="Show what was written")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Sound")).to_be_checked()
    expect(page.get_by_label("Quiet from")).to_have_value("21:15")
    expect(page.get_by_label("Direct messages")).to_have_value("none")
    switch.uncheck()
    expect(state).to_have_text("Off: the browser would allow it")
    assert violations(page) == []


@pytest.mark.parametrize("case, words", [
    ("denied", "The browser blocks notifications of this page"),
    ("missing", "This browser has no notifications"),
    ("insecure", "Browsers allow notifications only on pages that come over HTTPS"),
])
def test_where_notifications_cannot_be_had_the_settings_say_why_and_the_rest_works(person, case, words):
    ada, grace = record(person("ada"), "denied"), person("grace", gateway=1)
    if case == "missing":
        ada.context.add_init_script("delete window.Notification;")
    if case == "insecure":
        ada.context.add_init_script(
            "delete window.Notification; Object.defineProperty(window, 'isSecureContext', { value: false });")
    ada.context.add_init_script(IN_THE_BACKGROUND)
    ada.page.goto("/account")
    expect(ada.page.locator("#notices-state")).to_contain_text(words)
    expect(ada.page.get_by_role("switch", name="On this device")).not_to_be_checked()
    if case != "denied":
        expect(ada.page.get_by_role("switch", name="On this device")).to_be_disabled()
    ada.page.get_by_role("switch", name="Sound").check()
    ada.page.goto("/chatwith")
    ada.is_live()
    # Only a page that somebody has used may be heard.
    ada.page.locator("#search").click()
    grace.say(ada, "Hello")
    expect(ada.page).to_have_title("(1) Chats · Martlet")
    wait_for(ada.page, lambda: ada.page.evaluate("window.tones") == 2, "the sound was to be heard")
    ada.page.evaluate("comeToFront()")
    expect(ada.page.locator("#notice-hint")).to_have_count(0)


def test_without_a_script_the_card_says_that_it_needs_one(person):
    ada = person("ada", java_script_enabled=False)
    ada.page.goto("/account")
    expect(ada.page.locator("#notifications")).to_contain_text("Notifications need the script of the page")
    expect(ada.page.get_by_role("switch")).to_have_count(0)


def test_signing_out_forgets_what_was_chosen_and_told(person, listener):
    ada, grace = listener(), person("grace", gateway=1)
    grace.say(ada, "Hello")
    is_told(ada.page, ("Grace", "Hello"))
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    expect(ada.page).to_have_url(re.compile("/signin"))
    assert ada.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('martlet-'))") == []
