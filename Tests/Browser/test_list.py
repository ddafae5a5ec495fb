"""The list beside the conversation: search, filters, previews, the account's corner, and how a chat begins."""

import re

import pytest
from playwright.sync_api import expect

from looks import PHONE, settle, violations
from notices import IN_THE_BACKGROUND

MINE = re.compile(r"^(Sent|Delivered)\. You: From me$")
SENDS = re.compile(r"/api/v1/conversations/\w+/messages$")


def rows(someone):
    return someone.page.locator("#conversation-list .item")


def previews(someone):
    return someone.page.locator("#conversation-list .item-preview")


def rename(someone, name):
    someone.page.goto("/account")
    someone.page.get_by_label("Your name").fill(name)
    someone.page.get_by_role("button", name="Save changes").click()
    expect(someone.page.locator("#profile .saved")).to_have_text("Saved.")


def test_one_search_finds_conversations_and_people_under_their_headings(person):
    ada, grace, linus = person("ada"), person("quokka"), person("quokkaless")
    grace.say(ada, "Hello")
    ada.page.goto("/chatwith")
    ada.is_live()
    search, page = ada.page.get_by_role("searchbox", name="Search"), ada.page
    expect(page.get_by_role("heading", name="People")).to_have_count(0)
    # Names that no other test gives: what is found is limited.
    search.fill("quokka")
    expect(rows(ada)).to_have_count(1)
    expect(rows(ada)).to_contain_text("Hello")
    expect(page.get_by_role("heading", name="Conversations")).to_be_visible()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    people = page.locator("#people-list .item")
    expect(people.filter(has_text=f"@{linus.name}")).to_have_count(1)
    # Whoever is found as a conversation is not found once more.
    expect(people.filter(has_text=re.compile(f"@{grace.name}$"))).to_have_count(0)
    expect(page.locator("#list-filters")).not_to_be_visible()
    search.press("Escape")
    expect(search).to_have_value("")
    expect(people).to_have_count(0)
    expect(page.locator("#list-filters")).to_be_visible()
    search.fill("zzzz")
    expect(page.locator("#no-people")).to_have_text("Nobody was found by “zzzz”.")
    page.get_by_role("link", name="Clear the search").click()
    expect(search).to_be_focused()
    expect(rows(ada)).to_have_count(1)


def test_the_list_shows_all_or_what_is_unread(person):
    ada, grace, linus = person("ada"), person("grace"), person("linus")
    grace.say(ada, "One", "Two")
    ada.say(linus, "Read by me, who wrote it")
    ada.page.goto("/chatwith")
    ada.is_live()
    unread = ada.page.locator("#list-filters").get_by_role("link", name="Unread")
    expect(unread).to_have_text("Unread 1")
    unread.click()
    expect(rows(ada)).to_have_count(1)
    expect(rows(ada).first).to_contain_text("Two")
    expect(unread).to_have_attribute("aria-current", "true")
    # What is open stays, although it is read by then.
    rows(ada).first.click()
    expect(unread).to_have_text("Unread")
    expect(rows(ada)).to_have_count(1)
    expect(rows(ada)).to_have_attribute("aria-current", "page")
    linus.say(ada, "An answer")
    expect(unread).to_have_text("Unread 1")
    expect(rows(ada)).to_have_count(2)
    ada.page.get_by_role("link", name="Martlet").click()
    expect(rows(ada)).to_have_count(1)
    linus_row = rows(ada).first
    linus_row.click()
    expect(unread).to_have_text("Unread")
    ada.page.get_by_role("link", name="Martlet").click()
    expect(ada.page.locator("#nothing-unread")).to_be_visible()
    ada.page.get_by_role("link", name="Show all").click()
    expect(rows(ada)).to_have_count(2)
    expect(ada.page.get_by_role("link", name="All", exact=True)).to_be_focused()


def test_a_row_says_what_was_not_sent_then_what_is_unfinished_then_what_was_said_last(person):
    ada, grace = person("ada"), person("grace")
    # In front, the conversation would be read at once, and what is unread counted for a moment only.
    ada.context.add_init_script(IN_THE_BACKGROUND)
    ada.chat_with(grace).is_live()
    grace.chat_with(ada).is_live()
    ada.write("Shall we?")
    row = rows(ada).filter(has_text="Grace")
    expect(row.locator(".item-preview")).to_have_text("Read. You: Shall we?")
    ada.page.locator("#text").fill("Unfinished")
    ada.keeps_draft("Unfinished")
    second = ada.new_tab()
    second.goto("/chatwith")
    expect(second.locator("#conversation-list .item-preview")).to_have_text("Draft: Unfinished")
    # In sight below, so the row in the first tab need not say it.
    expect(row.locator(".item-preview")).to_have_text("Read. You: Shall we?")
    grace.write("Yes!")
    expect(second.locator("#conversation-list .badge")).to_have_text("1 unread")
    expect(second.locator("#conversation-list .item-preview")).to_have_text("Draft: Unfinished")
    ada.context.route(SENDS, lambda route: route.fulfill(
        status=422, content_type="application/problem+json", body='{"code":"invalid","detail":"No.","status":422}')
        if route.request.method == "POST" else route.continue_())
    ada.page.locator("#text").press("Enter")
    expect(row.locator(".item-preview")).to_have_text("Not sent: Unfinished")
    ada.page.locator("#text").fill("Another draft")
    ada.keeps_draft("Another draft")
    ada.page.get_by_role("link", name="Martlet").click()
    expect(row).not_to_have_attribute("aria-current", "page")
    expect(row.locator(".item-preview")).to_have_text("Not sent: Unfinished")


def test_somebody_new_is_helped_to_their_first_chat(person):
    # Everybody is more than one other person, also when no other test has made any.
    ada, grace, _ = person("ada"), person("grace"), person("linus")
    ada.page.goto("/chatwith")
    ada.is_live()
    note = ada.page.locator("#no-conversations")
    expect(note).to_contain_text("Your conversations will appear here.")
    button = note.get_by_role("link", name="New chat")
    button.click()
    dialog = ada.page.get_by_role("dialog", name="New chat")
    field = dialog.get_by_role("searchbox")
    expect(field).to_be_focused()
    expect(dialog.locator(".item").first).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    ada.page.keyboard.press("Enter")
    field.fill("nobody-of-this-name")
    expect(dialog).to_contain_text("Nobody was found by “nobody-of-this-name”.")
    field.fill(grace.name)
    expect(dialog.locator(".item")).to_have_count(1)
    field.press("ArrowDown")
    expect(dialog.locator(".item")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(ada.page).to_have_url(re.compile(f"/chatwithme/{grace.name}$"))
    expect(ada.page.locator("#text")).to_be_focused()
    # Whoever opens it again finds everybody.
    ada.page.get_by_role("link", name="New chat").click()
    expect(dialog.locator(".item").nth(1)).to_be_visible()
    expect(field).to_have_value("")


def test_on_a_phone_a_chat_begins_with_the_button_over_the_list(person):
    ada, grace = person("ada", **PHONE), person("grace")
    grace.say(ada, "Hello")
    ada.page.goto("/chatwith")
    ada.is_live()
    button = ada.page.get_by_role("link", name="New chat")
    box = button.bounding_box()
    assert box["width"] >= 44 and box["y"] > 700, box
    assert rows(ada).first.bounding_box()["height"] == pytest.approx(70, abs=1)
    button.tap()
    dialog = ada.page.get_by_role("dialog", name="New chat")
    expect(dialog).to_be_visible()
    settle(ada.page)
    sheet = dialog.bounding_box()
    assert sheet["x"] == 0 and sheet["width"] == 390 and sheet["y"] + sheet["height"] == pytest.approx(844, abs=1), sheet
    ada.page.get_by_role("button", name="Close").tap()
    expect(dialog).to_have_count(0)


def test_the_account_menu_opens_with_pointer_and_keyboard_and_closes_with_escape(person):
    ada = person("ada")
    ada.page.goto("/chatwith")
    ada.is_live()
    settings = ada.page.get_by_role("link", name="Settings")
    ada.page.locator(".account-name").click(force=True)
    expect(settings).to_be_visible()
    ada.page.locator(".lists").click()
    expect(settings).not_to_be_visible()
    ada.page.locator("#account-menu summary").focus()
    ada.page.keyboard.press("ArrowDown")
    expect(settings).to_be_focused()
    ada.page.keyboard.press("ArrowUp")
    expect(ada.page.get_by_role("button", name="Sign out")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(settings).not_to_be_visible()
    expect(ada.page.locator("#account-menu summary")).to_be_focused()
    ada.page.keyboard.press("Enter")
    settings.click()
    expect(ada.page).to_have_url(re.compile("/account$"))


def test_the_corner_says_since_when_the_page_is_offline(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    ada.context.set_offline(True)
    line = ada.page.locator("#freshness")
    expect(line).to_have_text(re.compile(r"^Offline since \d\d:\d\d.*\. What you write is kept and sent later\.$"))
    ada.write("For later")
    expect(line).to_have_text(re.compile(r"^Offline since \d\d:\d\d.*\. 1 message waits and goes out by itself\.$"))
    ada.context.set_offline(False)
    expect(line).to_have_text("Up to date", timeout=40_000)


@pytest.mark.parametrize("script", [True, False])
def test_a_name_that_could_be_somebody_elses_has_the_username_beside_it(person, script):
    ada = person("ada", java_script_enabled=script)
    grace, other, linus = person("grace"), person("impostor"), person("linus")
    name = f"Grace {grace.name}"
    rename(grace, name)
    rename(linus, f"Nobody like {linus.name}")
    # A Cyrillic letter and another space.
    rename(other, name.replace("a", "\u0430").replace(" ", "\u00a0"))
    for someone in (grace, other, linus):
        someone.say(ada, "Hello")
    ada.page.goto("/chatwith")
    if script:
        ada.is_live()
    expect(rows(ada)).to_have_count(3)
    expect(rows(ada).locator(".item-handle")).to_have_text([f"@{other.name}", f"@{grace.name}"])


def test_list_search_filter_and_menu_work_without_a_script(person):
    ada = person("ada", java_script_enabled=False)
    grace, linus = person("grace"), person("linus")
    grace.say(ada, "Unread")
    ada.say(linus, "From me")
    page = ada.page
    page.goto("/chatwith")
    expect(page.get_by_role("heading", name="Everybody here")).to_be_visible()
    expect(previews(ada)).to_have_text([MINE, "Unread"])
    expect(page.locator("#freshness")).to_have_text(re.compile(r"^As of \d\d:\d\d UTC, when the page was loaded$"))
    page.locator("#list-filters").get_by_role("link", name="Unread 1").click()
    expect(previews(ada)).to_have_text(["Unread"])
    page.get_by_role("link", name="All", exact=True).click()
    expect(rows(ada)).to_have_count(2)
    page.get_by_role("searchbox", name="Search").fill(linus.name)
    page.get_by_role("button", name="Find").click()
    expect(previews(ada)).to_have_text([MINE])
    expect(page.locator("#people-list .item")).to_have_count(0)
    page.get_by_role("link", name="Clear the search").click()
    expect(rows(ada)).to_have_count(2)
    page.get_by_role("link", name="New chat").click()
    expect(page.get_by_role("heading", name="Everybody here")).to_be_in_viewport()
    expect(ada.open_account_menu().get_by_role("link", name="Settings")).to_be_visible()
    # Where the script opens a sheet, there is a page.
    page.get_by_role("link", name="Keyboard shortcuts").click()
    expect(page).to_have_url(re.compile("/account#keyboard$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", ["wide", "phone"])
def test_axe_finds_no_violation_in_the_list_and_what_opens_from_it(person, scheme, device):
    ada, grace = person("ada", color_scheme=scheme, **(PHONE if device == "phone" else {})), person("grace")
    # Whom the search finds beside the conversation with Grace, also when no other test has made anybody.
    person("amira")
    found = {}

    def check(name):
        if wrong := violations(ada.page):
            found[name] = wrong

    ada.page.goto("/chatwith")
    ada.is_live()
    check("empty")
    grace.say(ada, "Hello")
    ada.say(grace, "Hello yourself")
    expect(rows(ada)).to_have_count(1)
    check("list")
    ada.open_account_menu()
    check("menu")
    ada.page.keyboard.press("Escape")
    ada.page.get_by_role("link", name="New chat").click()
    expect(ada.page.locator(".dialog .item").first).to_be_visible()
    check("new chat")
    ada.page.keyboard.press("Escape")
    ada.page.get_by_role("searchbox", name="Search").fill("a")
    expect(ada.page.locator("#people-list .item").first).to_be_visible()
    check("search")
    ada.page.get_by_role("searchbox", name="Search").fill("zzzz")
    expect(ada.page.locator("#no-people")).to_be_visible()
    check("nothing found")
    assert not found, found
