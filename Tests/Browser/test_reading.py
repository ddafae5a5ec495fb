"""What counts as read, and where a conversation opens."""

import re

import pytest
from playwright.sync_api import expect

# A tab that is visible but not in front: the driver gives every tab the focus otherwise.
IN_THE_BACKGROUND = """
    window.isInFront = false;
    document.hasFocus = () => window.isInFront;
    window.comeToFront = () => { window.isInFront = true; window.dispatchEvent(new Event("focus")); };
"""


def state_of_last(someone):
    return someone.page.locator(".message .state").last


def badge(someone):
    return someone.page.locator("#conversation-list .badge")


def state_of(someone, text):
    return someone.message(text).locator("[data-state]")


def test_a_message_on_the_screen_of_a_tab_without_the_focus_is_not_read_until_the_tab_has_it(person):
    ada, grace = person("ada"), person("grace")
    grace.context.add_init_script(IN_THE_BACKGROUND)
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    ada.write("Are you looking?")
    expect(grace.messages()).to_have_text(["Are you looking?"])
    expect(state_of_last(ada)).to_have_attribute("data-state", "delivered")
    expect(badge(grace)).to_have_text(re.compile("^1"))
    grace.page.wait_for_timeout(1_000)
    expect(state_of_last(ada)).to_have_attribute("data-state", "delivered")

    grace.page.evaluate("comeToFront()")
    expect(state_of_last(ada)).to_have_attribute("data-state", "read")
    expect(badge(grace)).to_have_count(0)


def test_what_was_read_in_the_moment_before_the_page_is_left_counts_as_read(person):
    ada, grace = person("ada"), person("grace")
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    # Each is left before the pause is over after which a page tells what was read.
    for text in ["One", "Two", "Three"]:
        ada.write(text)
        expect(grace.message(text)).to_be_in_viewport()
        grace.page.goto("/account")
        expect(state_of(ada, text)).to_have_attribute("data-state", "read")
        grace.chat_with(ada).is_live()


def test_loading_the_page_of_a_conversation_changes_nothing(person):
    ada, grace = person("ada"), person("grace")
    ada.page.goto("/account")
    grace.say(ada, "One", "Two")
    for method in ["GET", "HEAD"]:
        for headers in [{}, {"sec-purpose": "prefetch"}, {"sec-fetch-site": "cross-site"}]:
            answer = ada.context.request.fetch(f"/chatwithme/{grace.name}", method=method, headers=headers)
            assert answer.ok
    [conversation] = ada.context.request.get("/api/v1/conversations").json()["conversations"]
    assert conversation["unread"] == 2
    positions = {member["user"]: member for member in conversation["members"]}
    mine = ada.context.request.get("/api/v1/account").json()["id"]
    assert (positions[mine]["received"], positions[mine]["read"]) == (0, 0)


def test_the_line_before_what_is_new_is_there_on_a_direct_load_and_stays_until_the_conversation_is_left(person):
    ada, grace = person("ada"), person("grace")
    grace.say(ada, "One", "Two", "Three")
    ada.chat_with(grace).is_live()
    divider = ada.page.locator(".new-divider")
    expect(divider).to_have_text("3 new messages")
    expect(badge(ada)).to_have_count(0)
    expect(divider).to_have_text("3 new messages")
    ada.page.locator("#conversation-list .item").first.click()
    expect(divider).to_have_text("3 new messages")

    ada.page.go_back()
    ada.page.goto("/chatwith")
    ada.page.locator("#conversation-list .item").first.click()
    expect(ada.messages()).to_have_count(3)
    expect(divider).to_have_count(0)


@pytest.mark.parametrize("count", [60, 120])
def test_a_conversation_opens_at_the_first_unread_message_and_only_what_was_on_the_screen_is_read(person, count):
    ada, grace = person("ada"), person("grace")
    grace.say(ada, "Read before")
    ada.chat_with(grace).is_live()
    expect(badge(ada)).to_have_count(0)
    ada.page.goto("/account")
    grace.say(ada, *[f"Line {number}" for number in range(1, count + 1)])

    ada.chat_with(grace).is_live()
    expect(ada.page.locator(".new-divider")).to_have_text(f"{count} new messages")
    expect(ada.page.locator(".new-divider")).to_be_in_viewport()
    expect(ada.messages().filter(has_text=re.compile("^Line 1$"))).to_be_in_viewport()
    expect(ada.messages().filter(has_text=re.compile(f"^Line {count}$"))).not_to_be_in_viewport()
    # What is further down stays unread, and the button says how much it is.
    expect(badge(ada)).not_to_have_text(re.compile(rf"^{count}\b"))
    ada.page.wait_for_timeout(1_000)
    unread = int(re.match(r"\d+", badge(ada).inner_text())[0])
    assert count - 20 < unread < count
    jump = ada.page.get_by_role("button", name=re.compile("Jump to newest"))
    expect(jump.locator(".badge")).to_have_text(re.compile(f"^{unread} new$"))

    # Jumped over is not read: that takes another look, or a word.
    jump.click()
    expect(ada.messages().last).to_be_in_viewport()
    bar = ada.page.locator("#conversation .read-bar")
    expect(bar).to_contain_text(f"{unread} messages are unread")
    expect(badge(ada)).to_have_text(re.compile(f"^{unread}"))
    bar.get_by_role("button", name="Show").click()
    expect(ada.messages().last).not_to_be_in_viewport()
    jump.click()
    bar.get_by_role("button", name="Mark as read").click()
    expect(badge(ada)).to_have_count(0)
    expect(bar).not_to_be_visible()
    grace.chat_with(ada).is_live()
    expect(state_of_last(grace)).to_have_attribute("data-state", "read")


def test_scrolling_down_to_the_end_reads_everything(person):
    ada, grace = person("ada"), person("grace")
    grace.say(ada, *[f"Line {number}" for number in range(1, 41)])
    ada.chat_with(grace).is_live()
    expect(ada.page.locator(".new-divider")).to_be_in_viewport()
    box = ada.page.locator("#messages").bounding_box()
    ada.page.mouse.move(box["x"] + 50, box["y"] + 50)
    for _ in range(60):
        if badge(ada).count() == 0:
            break
        ada.page.mouse.wheel(0, 250)
        # Two frames, so that what passes is seen.
        ada.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        ada.page.wait_for_timeout(60)
    expect(badge(ada)).to_have_count(0)
    expect(ada.messages().last).to_be_in_viewport()


def test_many_messages_at_once_are_not_scrolled_past_their_reader(person):
    ada, grace = person("ada"), person("grace")
    grace.say(ada, *[f"Early {number}" for number in range(1, 61)])
    ada.context.add_init_script(IN_THE_BACKGROUND)
    ada.chat_with(grace).is_live()
    # The list opens once the page before the newest one is there.
    expect(ada.messages()).to_have_count(60)
    expect(ada.page.locator(".new-divider")).to_be_in_viewport()
    ada.page.locator("#messages").evaluate("each => { each.scrollTop = each.scrollHeight; }")
    ada.page.evaluate("window.comeToFront()")
    ada.page.get_by_role("button", name="Mark as read").click()
    expect(badge(ada)).to_have_count(0)
    ada.page.evaluate("window.isInFront = false")
    grace.say(ada, *[f"Late {number}" for number in range(1, 31)])
    expect(ada.messages()).to_have_count(90)
    expect(ada.messages().filter(has_text=re.compile("^Late 1$"))).to_be_in_viewport()
    expect(ada.messages().last).not_to_be_in_viewport()
    expect(badge(ada)).to_have_text(re.compile("^30"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_button_that_jumps_to_the_newest_has_a_ground_of_its_own(person, scheme):
    ada, grace = person("ada", color_scheme=scheme), person("grace")
    grace.say(ada, *[f"Line {number}" for number in range(1, 41)])
    ada.chat_with(grace).is_live()
    button = ada.page.get_by_role("button", name=re.compile("Jump to newest"))
    for _ in range(2):
        expect(button).to_be_visible()
        ground = button.evaluate("each => getComputedStyle(each).backgroundColor")
        assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", ground), f"text shows through the ground {ground}"
        button.hover()


def test_whoever_only_looks_is_not_in_the_others_list(person):
    ada, grace = person("ada"), person("grace")
    grace.page.goto("/chatwith")
    grace.is_live()
    ada.chat_with(grace).is_live()
    expect(ada.page.locator("#conversation")).to_contain_text("No messages yet")
    grace.page.reload()
    grace.is_live()
    expect(grace.page.locator("#conversation-list .item")).to_have_count(0)
    ada.page.goto("/chatwith")
    expect(ada.page.locator("#conversation-list .item")).to_have_count(0)
    ada.is_live()
    expect(ada.page.locator("#conversation-list .item")).to_have_count(0)


def test_without_a_script_the_button_or_an_answer_says_that_messages_were_read(person):
    ada, grace = person("ada", java_script_enabled=False), person("grace")
    grace.say(ada, "One", "Two", "Three")
    ada.page.goto("/chatwith")
    expect(badge(ada)).to_have_text("3 unread")
    ada.page.locator("#conversation-list .item").click()
    expect(ada.page).to_have_url(re.compile("#new$"))
    expect(ada.page.locator(".new-divider")).to_have_text("3 new messages")
    expect(badge(ada)).to_have_text("3 unread")
    ada.page.get_by_role("button", name="Mark as read").click()
    expect(badge(ada)).to_have_count(0)
    expect(ada.page.locator(".read-bar")).to_have_count(0)

    grace.say(ada, "Four")
    ada.page.get_by_role("link", name="Update Messages").click()
    expect(badge(ada)).to_have_text("1 unread")
    ada.write("An answer")
    expect(badge(ada)).to_have_count(0)
    grace.chat_with(ada).is_live()
    expect(grace.page.locator(".new-divider")).to_have_text("1 new message")


def test_without_a_script_a_long_absence_opens_at_its_first_message(person):
    ada, grace = person("ada", java_script_enabled=False), person("grace")
    grace.say(ada, "Read before")
    ada.chat_with(grace)
    ada.page.get_by_role("button", name="Mark as read").click()
    grace.say(ada, *[f"Line {number}" for number in range(1, 121)])
    ada.chat_with(grace)
    expect(ada.page.locator(".new-divider")).to_have_text("120 new messages")
    expect(ada.page.locator(".new-divider")).to_be_in_viewport()
    expect(ada.messages().first).to_have_text("Read before")
    ada.page.get_by_role("button", name="Mark as read").click()
    expect(badge(ada)).to_have_text("71 unread")
    expect(ada.messages().filter(has_text=re.compile("^Line 50$"))).to_be_in_viewport()
    ada.page.get_by_role("link", name="Newest messages").click()
    expect(ada.messages().last).to_have_text("Line 120")
    ada.write("Seen it all")
    expect(badge(ada)).to_have_count(0)
    expect(ada.messages().last).to_have_text("Seen it all")


def test_a_message_and_what_follows_can_be_marked_as_unread_for_oneself(person):
    ada, grace = person("ada"), person("grace", gateway=1)
    grace.say(ada, "One", "Two", "Three")
    ada.chat_with(grace).is_live()
    grace.chat_with(ada).is_live()
    expect(state_of(grace, "Three")).to_have_attribute("data-state", "read")
    elsewhere = ada.new_tab()
    elsewhere.goto("/chatwith")
    ada.is_live(elsewhere)

    ada.act("Two", "unread")
    expect(badge(ada)).to_have_text(re.compile("^2"))
    expect(elsewhere.locator("#conversation-list .badge")).to_have_text(re.compile("^2"))
    # What is on the screen stays unread, whatever comes, and the other side sees nothing of it.
    grace.write("Four")
    expect(ada.messages()).to_have_text(["One", "Two", "Three", "Four"])
    expect(badge(ada)).to_have_text(re.compile("^3"))
    expect(state_of(grace, "Four")).to_have_attribute("data-state", "delivered")
    grace.page.reload()
    grace.is_live()
    expect(state_of(grace, "Three")).to_have_attribute("data-state", "read")

    # It is read when it is opened again, with the line before what was unread.
    ada.page.goto("/chatwith")
    expect(badge(ada)).to_have_text(re.compile("^3"))
    ada.page.locator("#conversation-list .item").first.click()
    expect(ada.page.locator(".new-divider")).to_have_text(re.compile("^3 new messages"))
    expect(badge(ada)).to_have_count(0)
    expect(elsewhere.locator("#conversation-list .badge")).to_have_count(0)
    expect(state_of(grace, "Four")).to_have_attribute("data-state", "read")
