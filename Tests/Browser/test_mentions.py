"""Mentions in groups: completing a name, who is called and how it shows, and the way to what calls somebody."""

import re
import secrets
import time

import pytest
from playwright.sync_api import expect

from groups import make_group
from looks import PHONE, settle, violations
from notices import IN_THE_BACKGROUND, choose, notices, record
from waiting import wait_for


@pytest.fixture
def group(person):
    """Ada's group with Grace, who is on another gateway, and Alan; answers `(ada, grace, alan, path)`."""
    ada, grace, alan = person("ada"), person("grace", gateway=1), person("alan")
    for each in (ada, grace, alan):
        each.page.goto("/chatwith")
        each.is_live()
    return ada, grace, alan, make_group(ada, "Nest box survey", [grace, alan])


def row(someone, name="Nest box survey"):
    return someone.page.locator("#conversation-list .item", has_text=name)


def options(someone):
    return someone.page.get_by_role("listbox", name="People to mention").get_by_role("option")


def say_in_group(someone, path, *texts):
    """Sends messages as a program would."""
    for text in texts:
        data = {"clientMessageId": secrets.token_hex(16), "text": text}
        address = f"/api/v1/conversations/{path.removeprefix('/g/')}/messages"
        while not (answer := someone.context.request.post(address, data=data, headers={"origin": someone.address})).ok:
            assert answer.status == 429, answer.text()
            time.sleep(0.1)


def message(someone, text):
    """The message with a text that has a mention in it."""
    return someone.page.locator(".message", has_text=text).last


def act(someone, text, action):
    item = message(someone, text)
    item.locator(".bubble").hover()
    item.locator(".action-bar [data-action=more]").click()
    someone.page.locator(f".popup [data-action={action}]").click()


def test_a_member_is_found_called_told_and_reads_it(group):
    ada, grace, alan, path = group
    ada.page.locator("#text").press_sequentially("Welcome @GRA")
    expect(options(ada)).to_have_count(1)
    expect(options(ada)).to_have_text(re.compile(f"Grace.*@{grace.name}"))
    expect(options(ada).locator("b")).to_have_text("Gra")
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#text")).to_have_value(f"Welcome @{grace.name} ")
    expect(options(ada)).to_have_count(0)
    ada.page.keyboard.press("Enter")
    mention = ada.page.locator(".message .mention")
    expect(mention).to_have_text(f"@{grace.name}")
    expect(mention).not_to_have_class(re.compile(r"\bme\b"))

    expect(row(grace).locator(".badge.at")).to_be_visible()
    expect(row(alan)).to_contain_text("Welcome")
    expect(row(alan).locator(".badge.at")).to_have_count(0)
    chip = grace.page.locator('[data-show="mentions"]')
    expect(chip).to_have_text("Mentions 1")
    chip.click()
    expect(grace.page.locator("#conversation-list .item")).to_have_count(1)
    row(grace).click()
    expect(grace.page.locator(".message.mentions-me .mention.me")).to_have_text(f"@{grace.name}")
    expect(row(grace).locator(".badge")).to_have_count(0)
    grace.page.locator('[data-show="all"]').click()
    expect(chip).to_be_hidden()
    # The name leads to the person.
    mention.click()
    expect(ada.page).to_have_url(re.compile(f"/chatwithme/{grace.name}$"))


def test_what_calls_somebody_is_counted_apart_and_one_leap_away(group):
    ada, grace, _, path = group
    say_in_group(ada, path, *(f"line {number}" for number in range(70)))
    answer = grace.context.request.put(
        f"/api/v1/conversations/{path.removeprefix('/g/')}/position", headers={"origin": grace.address}, data={"read": 999})
    assert answer.ok, answer.text()
    expect(row(grace).locator(".badge")).to_have_count(0)
    row(grace).click()
    expect(grace.message("line 69")).to_be_in_viewport()
    grace.page.locator("#messages").evaluate("(region) => region.scrollTo(0, 0)")
    jump = grace.page.get_by_role("button", name="Jump to mention")
    expect(jump).to_be_hidden()
    say_in_group(ada, path, f"first @{grace.name}", *(f"more {number}" for number in range(20)), "all of you: @all", "end")
    expect(jump).to_contain_text("2 unread")
    jump.click()
    first = message(grace, f"first @{grace.name}")
    expect(first).to_be_in_viewport()
    expect(jump).to_contain_text("1 unread")
    jump.click()
    expect(message(grace, "all of you: @all")).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_a_deleted_or_edited_mention_calls_nobody_any_more(group):
    ada, grace, _, path = group
    ada.write(f"one @{grace.name}")
    ada.write(f"two @{grace.name}")
    expect(grace.page.locator('[data-show="mentions"]')).to_have_text("Mentions 1")
    act(ada, f"one @{grace.name}", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    expect(ada.page.locator(".message.deleted")).to_have_count(1)
    expect(row(grace).locator(".badge.at")).to_be_visible()
    act(ada, f"two @{grace.name}", "edit")
    ada.page.locator("#text").fill("two, nobody")
    ada.page.keyboard.press("Enter")
    expect(row(grace)).to_contain_text("two, nobody")
    expect(row(grace).locator(".badge.at")).to_have_count(0)
    expect(row(grace).locator(".badge")).to_have_text("1 unread")


def test_everybody_is_called_by_those_who_manage_the_group_only(group):
    ada, grace, alan, path = group
    ada.page.locator("#text").press_sequentially("@")
    expect(options(ada)).to_have_count(3)
    # A whole name stands before all that only begin like it, or have it in them.
    ada.page.locator("#text").press_sequentially("al")
    expect(options(ada).first).to_contain_text("Alan")
    ada.page.locator("#text").press_sequentially("l")
    expect(options(ada)).to_have_count(1)
    expect(options(ada)).to_contain_text("Everybody in the group")
    ada.page.keyboard.press("Tab")
    ada.page.locator("#text").press_sequentially("lunch is ready")
    ada.page.keyboard.press("Enter")
    for each in (grace, alan):
        expect(row(each).locator(".badge.at")).to_be_visible()
    row(grace).click()
    expect(grace.page.locator(".message.mentions-me span.mention.me")).to_have_text("@all")
    grace.page.locator("#text").press_sequentially("@")
    expect(options(grace)).to_have_count(2)
    grace.page.keyboard.press("Escape")
    expect(options(grace)).to_have_count(0)
    grace.write("not @all of us")
    expect(ada.message("not @all of us")).to_be_visible()
    expect(ada.page.locator(".message:not(.mine) .mention")).to_have_count(0)


def test_strangers_and_code_are_text_and_a_direct_chat_calls_nobody(group, person):
    ada, grace, _, path = group
    stranger = person("edsger")
    ada.page.locator("#text").press_sequentially(f"@{stranger.name}")
    expect(options(ada)).to_have_count(0)
    ada.write(f"@{stranger.name} and `@{grace.name}`")
    ada.write("done")
    expect(ada.message("done")).to_have_attribute("data-seq", re.compile(r"\d"))
    expect(ada.page.locator(".mention")).to_have_count(0)
    ada.chat_with(grace).is_live()
    ada.page.locator("#text").press_sequentially("@gra")
    ada.page.keyboard.press("Enter")
    expect(ada.message("@gra")).to_be_visible()
    ada.write(f"hello @{grace.name}")
    expect(ada.message(f"hello @{grace.name}")).to_have_attribute("data-seq", re.compile(r"\d"))
    expect(ada.page.locator(".mention")).to_have_count(0)


def test_without_javascript_mentions_are_written_marked_and_led_to(group, browser):
    ada, grace, _, path = group
    say_in_group(ada, path, f"hello @{grace.name}", "more")
    context = browser.new_context(
        base_url=grace.address, java_script_enabled=False, storage_state=grace.context.storage_state())
    page = context.new_page()
    page.goto("/chatwith?show=mentions")
    item = page.locator("#conversation-list .item")
    expect(item.locator(".badge.at")).to_be_visible()
    item.click()
    expect(page.locator(".message.mentions-me .mention.me")).to_have_text(f"@{grace.name}")
    rendered = page.locator(".mentions-me .text").first.inner_html()
    page.get_by_role("link", name="You are mentioned").click()
    expect(page.locator(".message:target .mention.me")).to_be_visible()
    page.locator("#text").fill(f"thanks @{ada.name}")
    page.get_by_role("button", name="Send Message").click()
    expect(page.locator(".message.mine .mention")).to_have_text(f"@{ada.name}")
    context.close()
    expect(ada.page.locator(".message.mentions-me .mention.me")).to_have_text(f"@{ada.name}")
    # The script draws the same.
    grace.page.goto(path)
    grace.is_live()
    drawn = grace.page.locator(".mentions-me .text").first.inner_html()
    # With the script, the list is one stop for the Tab key.
    assert drawn.replace(' tabindex="-1"', "") == rendered


def test_a_muted_group_tells_of_mentions_and_replies_if_somebody_wants_it(person):
    ada, grace = person("ada"), person("grace", gateway=1)
    for each in (ada, grace):
        each.page.goto("/chatwith")
        each.is_live()
    path = make_group(ada, "Swift night", [grace])
    row(grace, "Swift night").click()
    grace.write("Shall we?")
    grace.page.get_by_role("button", name="Conversation menu").click()
    grace.page.get_by_role("menuitem", name="Only mentions and replies").click()
    expect(row(grace, "Swift night")).to_have_class(re.compile("muted"))
    record(grace).context.add_init_script(IN_THE_BACKGROUND)
    choose(grace)
    tab = grace.new_tab()
    tab.goto("/chatwith")
    grace.is_live(tab)
    grace.page.close()
    ada.page.goto(path)
    ada.is_live()
    ada.write("nothing special")
    expect(tab.locator("#conversation-list .badge", has_text="1 unread")).to_be_visible()
    ada.write(f"@{grace.name}, look")
    wait_for(tab, lambda: len(notices(tab)) == 1, lambda: f"one was to be told, not {notices(tab)}")
    assert notices(tab)[0][1] == f"Ada: @{grace.name}, look".replace("Ada", ada.display_name)
    ada.act("Shall we?", "reply")
    ada.write("Yes")
    wait_for(tab, lambda: len(notices(tab)) == 2, lambda: f"two were to be told, not {notices(tab)}")
    expect(tab).to_have_title(re.compile(r"^\(1\) "))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", ["wide", "phone"])
def test_axe_finds_nothing_in_mentions_and_their_completion(person, scheme, device):
    options_ = {"color_scheme": scheme} | (PHONE if device == "phone" else {})
    ada, grace = person("ada"), person("grace", **options_)
    for each in (ada, grace):
        each.page.goto("/chatwith")
        each.is_live()
    path = make_group(ada, "Nest box survey", [grace])
    say_in_group(ada, path, f"hello @{grace.name} and @{ada.name}", "@all **@all**")
    expect(row(grace).locator(".badge.at")).to_be_visible()
    settle(grace.page)
    assert not violations(grace.page)
    row(grace).click()
    grace.write(f"here I am, @{ada.name}")
    expect(grace.page.locator(".message.mine .mention")).to_be_visible()
    grace.page.locator("#text").press_sequentially("@")
    expect(options(grace)).to_have_count(1)
    settle(grace.page)
    assert not violations(grace.page)
