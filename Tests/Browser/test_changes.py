"""Editing, deleting, answering, reacting and linking, live between two browsers, on a wide screen and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from looks import PHONE, long_press

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def reactions(someone, text):
    return someone.message(text).locator(".reaction:not(.add)")


def clipboard(someone):
    return someone.page.evaluate("navigator.clipboard.readText()")


def test_an_edit_shows_in_both_browsers_with_its_time_and_survives_a_reload(pair):
    ada, grace = pair()
    ada.write("Nine wroks")
    expect(grace.messages()).to_have_text(["Nine wroks"])
    ada.act("Nine wroks", "edit")
    context = ada.page.locator(".composer-context")
    expect(context).to_have_attribute("data-mode", "edit")
    expect(context).to_contain_text("Edit message")
    expect(ada.page.locator("#text")).to_have_value("Nine wroks")
    ada.page.locator("#text").fill("Nine works")
    ada.page.locator("#text").press("Enter")
    expect(context).to_have_count(0)
    for someone in (ada, grace):
        expect(someone.messages()).to_have_text(["Nine works"])
        expect(someone.message("Nine works").locator(".edited")).to_have_attribute("title", re.compile(r"^Edited .*\d\d:\d\d"))
        expect(someone.page.locator("#conversation-list .item-preview")).to_contain_text("Nine works")
    for someone in (ada, grace):
        someone.page.reload()
        someone.is_live()
        expect(someone.messages()).to_have_text(["Nine works"])
        expect(someone.page.locator(".edited")).to_have_count(1)
    # Nobody edits what is not theirs.
    grace.message("Nine works").hover()
    expect(grace.page.locator(".action-bar")).to_be_visible()
    expect(grace.page.locator(".action-bar [data-action=edit]")).to_have_count(0)


def test_the_up_arrow_edits_the_last_own_message_and_escape_goes_back_to_the_draft(pair):
    ada, grace = pair()
    ada.write("First")
    ada.write("Second")
    expect(grace.messages()).to_have_text(["First", "Second"])
    grace.write("Mine")
    expect(ada.messages()).to_have_count(3)
    text = ada.page.locator("#text")
    text.press("ArrowUp")
    expect(text).to_have_value("Second")
    text.press("Escape")
    expect(text).to_have_value("")
    expect(ada.page.locator(".composer-context")).to_have_count(0)
    # A draft is not lost to an edit, and the arrow in a text that is not empty moves in it.
    text.fill("A draft")
    text.press("ArrowUp")
    expect(text).to_have_value("A draft")
    ada.act("First", "edit")
    expect(text).to_have_value("First")
    ada.page.get_by_role("button", name="Cancel").click()
    expect(text).to_have_value("A draft")
    # An empty text is no edit.
    ada.act("First", "edit")
    text.fill("")
    text.press("Enter")
    expect(ada.page.locator("#composer-problem")).to_contain_text("cannot be empty")
    text.press("Escape")
    expect(ada.page.locator("#composer-problem")).to_be_hidden()
    expect(grace.messages()).to_have_text(["First", "Second", "Mine"])


def test_a_deletion_is_confirmed_in_place_leaves_a_tombstone_and_counts_nothing(pair):
    ada, grace = pair()
    grace.page.goto("/chatwith")
    grace.is_live()
    for text in ("Keep this", "Delete this"):
        ada.write(text)
    badge = grace.page.locator("#conversation-list .badge")
    expect(badge).to_have_text("2 unread")
    ada.act("Delete this", "delete")
    keep = ada.page.get_by_role("button", name="Keep it")
    expect(keep).to_be_focused()
    keep.press("Enter")
    expect(ada.page.locator(".confirm")).to_have_count(0)
    ada.act("Delete this", "delete")
    ada.page.keyboard.press("Escape")
    expect(ada.page.locator(".confirm")).to_have_count(0)
    ada.act("Delete this", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    expect(ada.messages()).to_have_text(["Keep this", "Message deleted"])
    expect(badge).to_have_text("1 unread")
    expect(grace.page.locator("#conversation-list .item-preview")).to_contain_text("Message deleted")
    grace.page.reload()
    grace.is_live()
    expect(badge).to_have_text("1 unread")
    grace.page.locator("#conversation-list .item").first.click()
    expect(grace.messages()).to_have_text(["Keep this", "Message deleted"])
    expect(grace.page.locator(".new-divider")).to_have_text("1 new message")
    expect(badge).to_have_count(0)
    # A tombstone has a place, and so a link, and nothing else.
    grace.page.locator(".message.deleted .bubble").hover()
    expect(grace.page.locator(".message.deleted .action-bar [data-action]")).to_have_count(1)


def test_the_only_unread_message_is_deleted(pair):
    ada, grace = pair()
    grace.page.goto("/chatwith")
    grace.is_live()
    ada.write("Never mind")
    badge = grace.page.locator("#conversation-list .badge")
    expect(badge).to_have_text("1 unread")
    ada.act("Never mind", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    expect(badge).to_have_count(0)
    expect(grace.page).not_to_have_title(re.compile(r"^\("))


def test_an_answer_quotes_and_its_quote_stays_after_an_edit_and_goes_with_a_deletion(pair):
    ada, grace = pair()
    ada.write("Could you take Sunday?")
    expect(grace.messages()).to_have_count(1)
    grace.act("Could you take Sunday?", "reply")
    context = grace.page.locator(".composer-context")
    expect(context).to_contain_text(f"Reply to {ada.display_name}")
    expect(context).to_contain_text("Could you take Sunday?")
    grace.page.locator("#text").fill("Of course")
    grace.keeps_draft("Of course")
    # What is answered is part of the draft.
    grace.page.reload()
    grace.is_live()
    expect(context).to_contain_text("Could you take Sunday?")
    grace.page.locator("#text").press("Enter")
    expect(context).to_have_count(0)
    for someone, name in ((ada, "You"), (grace, ada.display_name)):
        quote = someone.message("Of course").locator(".quote")
        expect(quote.locator(".quote-name")).to_have_text(name)
        expect(quote.locator(".quote-text")).to_have_text("Could you take Sunday?")

    ada.act("Could you take Sunday?", "edit")
    ada.page.locator("#text").fill("Could you take Monday?")
    ada.page.locator("#text").press("Enter")
    expect(grace.messages().first).to_have_text("Could you take Monday?")
    expect(grace.page.locator(".quote-text")).to_have_text("Could you take Sunday?")

    ada.act("Could you take Monday?", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    for someone in (ada, grace):
        expect(someone.page.locator(".quote-text")).to_have_text("Message deleted")
        someone.page.reload()
        someone.is_live()
        expect(someone.page.locator(".quote-text")).to_have_text("Message deleted")
    # An event of the answer itself does not bring the words back.
    ada.act("Of course", "react")
    ada.page.locator(".popup").get_by_role("button", name="party popper").click()
    expect(reactions(grace, "Of course")).to_have_count(1)
    expect(grace.page.locator(".quote-text")).to_have_text("Message deleted")


def test_a_click_on_a_quote_leads_to_an_original_that_was_not_loaded(person):
    ada, grace = person("ada"), person("grace")
    ada.say(grace, "The original")
    grace.chat_with(ada).is_live()
    grace.act("The original", "reply")
    ada.say(grace, *[f"Line {number}" for number in range(1, 120)])
    expect(grace.messages().last).to_have_text("Line 119")
    grace.page.locator("#text").fill("An answer")
    grace.page.locator("#text").press("Enter")
    ada.chat_with(grace).is_live()
    expect(ada.messages().last).to_have_text("An answer")
    expect(ada.messages().filter(has_text="The original")).to_have_count(0)
    ada.page.locator(".quote").click()
    original = ada.message("The original")
    # It stands out for a moment only, so that is looked for first.
    expect(original).to_have_class(re.compile("target"))
    expect(original).to_be_in_viewport()
    expect(original).to_be_focused()


def test_reactions_show_counts_names_and_mine_and_are_taken_back(pair):
    ada, grace = pair()
    ada.write("Four pairs in!")
    expect(grace.messages()).to_have_count(1)
    grace.message("Four pairs in!").locator(".bubble").hover()
    grace.page.locator(".action-bar").get_by_role("button", name="React with thumbs up").click()
    for someone in (ada, grace):
        expect(reactions(someone, "Four pairs in!")).to_have_count(1)
    expect(reactions(grace, "Four pairs in!")).to_have_attribute("aria-pressed", "true")
    expect(reactions(ada, "Four pairs in!")).to_have_attribute("aria-pressed", "false")
    # One click joins.
    reactions(ada, "Four pairs in!").click()
    for someone, other in ((ada, grace), (grace, ada)):
        button = reactions(someone, "Four pairs in!")
        expect(button.locator(".count")).to_have_text("2")
        expect(button).to_have_attribute("aria-pressed", "true")
        names = "You and %s" if someone is grace else "%s and You"
        expect(button).to_have_attribute("title", names % other.display_name + " reacted with 👍")
    ada.act("Four pairs in!", "react")
    # What is no emoji is no reaction.
    search = ada.page.locator(".popup").get_by_label("Find an emoji")
    search.fill("no such emoji")
    expect(ada.page.locator(".popup").get_by_role("status")).to_contain_text("Nothing is called “no such emoji”.")
    search.press("Enter")
    expect(search).to_be_focused()
    search.fill("🏠")
    search.press("Enter")
    for someone in (ada, grace):
        expect(reactions(someone, "Four pairs in!").locator(".emoji")).to_have_text(["👍", "🏠"])
    reactions(ada, "Four pairs in!").first.click()
    reactions(grace, "Four pairs in!").first.click()
    for someone in (ada, grace):
        expect(reactions(someone, "Four pairs in!").locator(".emoji")).to_have_text(["🏠"])
        someone.page.reload()
        someone.is_live()
        expect(reactions(someone, "Four pairs in!").locator(".emoji")).to_have_text(["🏠"])
    # Reactions are nothing to read.
    expect(grace.page.locator("#conversation-list .badge")).to_have_count(0)


def test_text_and_link_are_copied_and_the_link_opens_around_its_message(person):
    ada, grace = person("ada", **CLIPBOARD), person("grace")
    ada.say(grace, *[f"Line {number}" for number in range(1, 131)])
    ada.chat_with(grace).is_live()
    ada.act("Line 130", "copy-text")
    expect(ada.page.locator(".toast")).to_have_text("Text copied")
    assert clipboard(ada) == "Line 130"
    ada.page.evaluate("document.getElementById('messages').scrollTop = 0")
    expect(ada.messages().first).to_have_text("Line 31")
    ada.act("Line 31", "copy-link")
    expect(ada.page.locator(".toast")).to_have_text("Link copied")
    link = clipboard(ada)
    assert re.fullmatch(rf"{ada.address}/c/[0-9a-f]{{32}}#m31", link), link

    page = ada.new_tab()
    page.goto(link)
    ada.is_live(page)
    expect(page).to_have_url(re.compile(f"/chatwithme/{grace.name}"))
    expect(ada.message("Line 31", page)).to_be_in_viewport()
    expect(ada.message("Line 31", page)).to_be_focused()
    grace.page.goto(link.replace("#m31", "#m1"))
    grace.is_live()
    expect(grace.message("Line 1")).to_be_in_viewport()


def test_everything_is_done_on_a_phone_from_the_sheet_of_a_long_press(pair):
    ada, grace = pair(**PHONE)
    grace.write("From the other side")
    expect(ada.messages()).to_have_text(["From the other side"])
    ada.write("From my phone")
    expect(ada.messages()).to_have_count(2)
    sheet = long_press(ada, "From the other side")
    expect(sheet).to_contain_text(grace.display_name)
    sheet.get_by_role("button", name="party popper").click()
    expect(sheet).to_have_count(0)
    expect(reactions(grace, "From the other side")).to_have_attribute("aria-label", re.compile("🎉 1"))

    long_press(ada, "From the other side").get_by_role("menuitem", name="Reply").click()
    ada.write("An answer")
    expect(grace.message("An answer").locator(".quote-text")).to_have_text("From the other side")

    long_press(ada, "From my phone").get_by_role("menuitem", name="Edit").click()
    expect(ada.page.locator(".composer-context")).to_contain_text("Edit message")
    ada.page.locator("#text").fill("From my new phone")
    ada.page.get_by_role("button", name="Save").tap()
    expect(grace.message("From my new phone")).to_be_visible()

    sheet = long_press(ada, "From my new phone")
    # Tapped beside, it goes away.
    ada.page.touchscreen.tap(195, 60)
    expect(sheet).to_have_count(0)
    long_press(ada, "From my new phone").get_by_role("menuitem", name="Delete…").click()
    ada.page.get_by_role("button", name="Delete for everybody").tap()
    expect(grace.messages()).to_have_text(["From the other side", "Message deleted", "An answer"])
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_everything_is_done_with_the_keyboard_alone(person):
    ada, grace = person("ada", **CLIPBOARD), person("grace")
    grace.say(ada, "To be answered")
    ada.chat_with(grace).is_live()
    keys = ada.page.keyboard
    expect(ada.page.locator("#text")).to_be_focused()
    keys.type("With tpyos")
    keys.press("Enter")
    expect(ada.page.locator(".message .state")).to_have_text(re.compile("Sent|Delivered|Read"))
    keys.press("Shift+Tab")
    expect(ada.page.locator("#messages")).to_be_focused()
    keys.press("ArrowUp")
    expect(ada.message("With tpyos")).to_be_focused()
    # The bar is the next stop, with arrows inside. The first one has to be loaded.
    expect(ada.page.locator(".action-bar")).to_be_visible()
    keys.press("Tab")
    expect(ada.page.locator(".action-bar [data-action=react]")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(ada.page.locator(".action-bar [data-action=edit]")).to_be_focused()
    keys.press("Enter")
    expect(ada.page.locator("#text")).to_be_focused()
    keys.press("ControlOrMeta+A")
    keys.type("Without typos")
    keys.press("Enter")
    expect(ada.message("Without typos")).to_be_visible()

    keys.press("Shift+Tab")
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(ada.message("To be answered")).to_be_focused()
    keys.press("r")
    expect(ada.page.locator(".composer-context")).to_contain_text("Reply to")
    keys.type("Answered")
    keys.press("Enter")
    expect(ada.message("Answered").locator(".quote")).to_be_visible()
    # What is not sent yet takes no reactions.
    expect(ada.message("Answered").locator(".state")).to_have_text(re.compile("Sent|Delivered|Read"))

    keys.press("Shift+Tab")
    keys.press("ArrowUp")
    expect(ada.message("Answered")).to_be_focused()
    keys.press("+")
    expect(ada.page.locator(".popup").get_by_role("button", name="thumbs up")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(reactions(ada, "Answered")).to_have_attribute("aria-label", "❤️ 1, You")
    expect(ada.message("Answered")).to_be_focused()
    keys.press("Enter")
    menu = ada.page.locator(".popup")
    expect(menu.get_by_role("menuitem", name="React")).to_be_focused()
    keys.press("ArrowUp")
    expect(menu.get_by_role("menuitem", name="Delete…")).to_be_focused()
    keys.press("Escape")
    expect(menu).to_have_count(0)
    expect(ada.message("Answered")).to_be_focused()
    # Of the parts of messages, those of the one with the focus are stops.
    keys.press("Tab")
    expect(ada.message("Answered").locator(".quote")).to_be_focused()
    keys.press("Enter")
    expect(ada.message("To be answered")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("c")
    expect(ada.page.locator(".toast")).to_have_text("Text copied")
    assert clipboard(ada) == "Answered"
    keys.press("Delete")
    expect(ada.page.get_by_role("button", name="Keep it")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(ada.messages().last).to_have_text("Message deleted")
    expect(ada.page.locator(".message").last).to_be_focused()
    keys.press("Escape")
    expect(ada.page.locator("#text")).to_be_focused()


def test_the_script_goes_on_with_what_was_begun_without_it(person):
    ada, grace = person("ada"), person("grace")
    ada.say(grace, "From me")
    grace.say(ada, "From the other")
    path = f"/chatwithme/{grace.name}"
    ada.page.goto(f"{path}?edit=1")
    ada.is_live()
    expect(ada.page.locator(".composer-context[data-mode=edit]")).to_contain_text("From me")
    expect(ada.page.locator("#text")).to_have_value("From me")
    ada.page.locator("#text").fill("From myself")
    ada.page.get_by_role("button", name="Save").click()
    expect(ada.messages()).to_have_text(["From myself", "From the other"])
    # What was edited has not become a draft.
    expect(ada.page.locator("#text")).to_have_value("")

    ada.page.goto(f"{path}?reply=2")
    ada.is_live()
    expect(ada.page.locator(".composer-context[data-mode=reply]")).to_contain_text("From the other")
    ada.page.goto(f"{path}?delete=1")
    ada.is_live()
    expect(ada.page.get_by_role("button", name="Delete for everybody")).to_be_visible()
    ada.page.goto(f"{path}?react=2")
    ada.is_live()
    ada.page.locator(".popup").get_by_role("button", name="party popper").click()
    expect(reactions(ada, "From the other")).to_have_count(1)
