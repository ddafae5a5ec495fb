"""Editing, deleting, answering and reacting with JavaScript switched off: links and forms alone."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def pair(person):
    """Two people without a script; the first has written to the second, who has answered."""
    ada, grace = (person(name, java_script_enabled=False) for name in ("ada", "grace"))
    ada.say(grace, "A first line", "A second line")
    grace.say(ada, "An answer")
    ada.chat_with(grace)
    grace.chat_with(ada)
    return ada, grace


def act(someone, text, name):
    """Follows a link of a message's menu."""
    message = someone.page.locator(".message", has=someone.page.locator(".text", has_text=text))
    message.locator("details.actions summary").click()
    message.get_by_role("link", name=name, exact=True).click()


def test_an_edit_is_seen_with_its_time(pair):
    ada, grace = pair
    act(ada, "A first line", "Edit")
    expect(ada.page.locator(".composer-context")).to_contain_text("Edit message")
    expect(ada.page.locator("#text")).to_have_value("A first line")
    ada.page.locator("#text").fill("A better line")
    ada.page.get_by_role("button", name="Save").click()
    expect(ada.page).to_have_url(re.compile(r"#m1$"))
    expect(ada.messages()).to_have_text(["A better line", "A second line", "An answer"])
    grace.page.reload()
    edited = grace.page.locator(".message", has_text="A better line").locator(".edited")
    expect(edited).to_have_attribute("title", re.compile(r"^Edited \w+, \d+ \w+ \d+, \d\d:\d\d:\d\d UTC$"))
    expect(grace.page.locator(".edited")).to_have_count(1)


def test_an_edit_that_is_too_long_or_too_late_loses_nothing(pair):
    ada, grace = pair
    act(ada, "A first line", "Edit")
    expect(ada.page.locator(".composer-context")).to_contain_text("Edit message")
    other_tab = ada.context.new_page()
    other_tab.goto(ada.page.url)
    ada.page.locator("#text").fill("x" * 4_001)
    ada.page.get_by_role("button", name="Save").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("4000")
    expect(ada.page.locator("#text")).to_have_value("x" * 4_001)
    other_tab.locator("#text").fill("The faster one")
    other_tab.get_by_role("button", name="Save").click()
    expect(ada.messages(other_tab).first).to_have_text("The faster one")
    ada.page.locator("#text").fill("The slower one")
    ada.page.get_by_role("button", name="Save").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("changed meanwhile")
    expect(ada.page.locator(".composer-context")).to_contain_text("The faster one")
    expect(ada.page.locator("#text")).to_have_value("The slower one")
    ada.page.get_by_role("button", name="Save").click()
    expect(ada.messages().first).to_have_text("The slower one")


def test_an_answer_quotes_and_a_deletion_empties_the_quote(pair):
    ada, grace = pair
    act(grace, "A second line", "Reply")
    expect(grace.page.locator(".composer-context")).to_contain_text(f"Reply to {ada.display_name}")
    grace.write("To the second")
    quote = grace.page.locator(".message", has_text="To the second").locator("a.quote")
    expect(quote).to_contain_text("A second line")
    quote.click()
    expect(grace.page).to_have_url(re.compile(r"#m2$"))

    ada.page.reload()
    menu = ada.page.locator(".message", has_text="An answer").locator(".action-list a")
    expect(menu).to_have_text(["React", "Reply", "Copy link"])
    act(ada, "A second line", "Delete")
    expect(ada.page.locator(".composer-context")).to_contain_text("A second line")
    ada.page.get_by_role("link", name="Keep it").click()
    expect(ada.page.locator(".composer-context")).to_have_count(0)
    expect(ada.messages()).to_have_text(["A first line", "A second line", "An answer", "To the second"])
    ada.page.locator("#m2 summary").click()
    ada.page.locator("#m2").get_by_role("link", name="Delete").click()
    ada.page.get_by_role("button", name="Delete").click()
    expect(ada.messages()).to_have_text(["A first line", "Message deleted", "An answer", "To the second"])
    grace.page.reload()
    expect(grace.page.locator("a.quote")).to_contain_text("Message deleted")
    expect(grace.page.get_by_text("A second line")).to_have_count(0)


def test_reactions_are_chosen_counted_and_taken_back(pair):
    ada, grace = pair
    act(ada, "An answer", "React")
    expect(ada.page.locator(".quick-reactions button")).to_have_count(6)
    ada.page.get_by_role("button", name="React with 👍").click()
    expect(ada.page.get_by_role("button", name="👍 1")).to_be_visible()
    act(ada, "An answer", "React")
    ada.page.get_by_label("Another emoji").fill("not an emoji")
    ada.page.get_by_role("button", name="React", exact=True).click()
    expect(ada.page.get_by_role("alert")).to_contain_text("exactly one emoji")
    ada.page.get_by_label("Another emoji").fill("🐦")
    ada.page.get_by_role("button", name="React", exact=True).click()
    expect(ada.page.get_by_role("button", name="🐦 1")).to_be_visible()

    grace.page.reload()
    thumb = grace.page.get_by_role("button", name="👍 1")
    expect(thumb).to_have_attribute("title", ada.display_name)
    expect(thumb).to_have_attribute("aria-pressed", "false")
    thumb.click()
    both = grace.page.get_by_role("button", name=f"👍 2, {ada.display_name} and You")
    expect(both).to_have_attribute("aria-pressed", "true")
    both.click()
    expect(grace.page.get_by_role("button", name=f"👍 1, {ada.display_name}")).to_be_visible()
    expect(grace.page.get_by_role("button", name="🐦 1")).to_be_visible()


def test_a_link_to_a_message_opens_the_page_around_it(pair):
    ada, grace = pair
    ada.say(grace, *(f"Line {number}" for number in range(1, 80)))
    grace.page.reload()
    grace.page.goto(f"/chatwithme/{ada.name}?at=1")
    link = grace.page.locator("#m1 a.copy-link").get_attribute("href")
    # The same address leads each of the two to the message in their own conversation.
    for someone, other in ((grace, ada), (ada, grace)):
        someone.page.goto(link)
        expect(someone.page).to_have_url(re.compile(rf"/chatwithme/{other.name}\?at=1#m1$"))
        expect(someone.messages().first).to_have_text("A first line")
        expect(someone.messages().first).to_be_in_viewport()
        someone.page.get_by_role("link", name="Later messages").click()
        expect(someone.messages().last).to_have_text("Line 79")
