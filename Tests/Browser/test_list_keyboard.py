"""The list, the switcher and the keys that mean the page, without a pointer."""

import re

import pytest
from playwright.sync_api import expect

from looks import violations


@pytest.fixture
def ada(person):
    """Somebody whose newest conversation is with linus; grace and then tove are the older ones."""
    ada = person("ada")
    ada.others = {}
    for name in ("tove", "grace", "linus"):
        ada.others[name] = person(name)
        ada.others[name].say(ada, f"I am {name}")
    ada.page.goto("/chatwith")
    return ada.is_live()


def address_of(other):
    return re.compile(f"/chatwithme/{other.name}$")


def rows(someone):
    return someone.page.locator("#conversation-list .item")


def test_the_list_is_one_stop_for_tab_and_arrows_move_in_it(ada):
    page = ada.page
    page.locator("[data-show=unread]").focus()
    page.keyboard.press("Tab")
    expect(rows(ada).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows(ada).nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(rows(ada).last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows(ada).last).to_be_focused()
    # What arrives moves the rows, and not the focus.
    ada.others["grace"].say(ada, "Up I go")
    expect(rows(ada).first).to_contain_text("Up I go")
    expect(rows(ada).last).to_be_focused()
    ada.others["tove"].say(ada, "So do I")
    expect(rows(ada).first).to_contain_text("So do I")
    expect(rows(ada).first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#account-menu summary")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(rows(ada).first).to_be_focused()
    page.keyboard.press("End")
    expect(rows(ada).last).to_be_focused()
    page.keyboard.press("Home")
    expect(rows(ada).first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows(ada).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(address_of(ada.others["tove"]))
    expect(page.locator("#text")).to_be_focused()


def test_alt_and_arrows_go_to_the_neighbours_in_the_list(ada):
    page, others = ada.page, ada.others
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(address_of(others["linus"]))
    expect(page.locator("#text")).to_be_focused()
    expect(rows(ada).locator(".badge")).to_have_count(2)
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(address_of(others["grace"]))
    expect(page.locator("#conversation .message")).to_contain_text("I am grace")
    expect(rows(ada).nth(1)).to_have_attribute("aria-current", "page")
    expect(rows(ada).locator(".badge")).to_have_count(1)
    page.keyboard.press("Alt+ArrowUp")
    expect(page).to_have_url(address_of(others["linus"]))
    page.keyboard.press("Alt+ArrowUp")
    expect(page).to_have_url(address_of(others["linus"]))
    # Only what Tove wrote was not read.
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page).to_have_url(address_of(others["tove"]))
    page.go_back()
    expect(page).to_have_url(address_of(others["linus"]))


def test_the_switcher_jumps_to_recent_conversations_and_to_anybody(ada, person):
    page, others = ada.page, ada.others
    stranger = person("stranger")
    page.keyboard.press("ControlOrMeta+k")
    field = page.get_by_role("combobox", name="Jump to a conversation or person")
    options = page.get_by_role("option")
    expect(field).to_be_focused()
    expect(options).to_have_count(3)
    expect(options.first).to_contain_text("Linus")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = field.get_attribute("aria-activedescendant")
    assert active and active == options.nth(1).get_attribute("id")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.type(others["grace"].name)
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(address_of(others["grace"]))
    expect(page.locator("#text")).to_be_focused()

    # From within the text, and to somebody new.
    page.keyboard.type("Unfinished")
    page.keyboard.press("ControlOrMeta+k")
    expect(options).to_have_count(2)
    expect(options.filter(has_text="Grace")).to_have_count(0)
    page.keyboard.type(stranger.name.upper())
    expect(options).to_have_count(1)
    expect(options).to_contain_text("New chat")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("Unfinished")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("nobody-of-this-name")
    expect(page.get_by_role("dialog")).to_contain_text("Nobody was found by “nobody-of-this-name”.")
    field.fill(stranger.name)
    options.click()
    expect(page).to_have_url(address_of(stranger))


def test_a_switch_by_words_prefers_names_that_begin_like_them(person):
    ada = person("ada")
    names = {"one": "Anna Bergmann", "two": "Berg Lindmann", "three": "Lindberg"}
    for key, name in names.items():
        other = person(key)
        other.page.goto("/account")
        other.page.get_by_label("Your name").fill(name)
        other.page.get_by_role("button", name="Save changes").click()
        expect(other.page.locator("#profile .saved")).to_have_text("Saved.")
        other.say(ada, name)
    ada.page.goto("/chatwith")
    ada.is_live()
    ada.page.keyboard.press("ControlOrMeta+k")
    ada.page.keyboard.type("berg")
    expect(ada.page.get_by_role("option").locator(".item-name")).to_have_text(["Berg Lindmann", "Anna Bergmann", "Lindberg"])
    ada.page.keyboard.type(" lind")
    expect(ada.page.get_by_role("option").locator(".item-name")).to_have_text(["Berg Lindmann", "Lindberg"])


def test_single_keys_open_search_and_sheet_and_can_be_turned_off(ada):
    page = ada.page
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    # Typed where somebody types, they are characters.
    page.keyboard.type("a/?")
    expect(search).to_have_value("a/?")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Jump to a conversation or person")
    # One layer at a time: nothing opens over it.
    page.keyboard.press("/")
    expect(search).not_to_be_focused()
    sheet.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    page.keyboard.press("/")
    expect(search).not_to_be_focused()
    page.keyboard.press("?")
    expect(sheet).to_have_count(0)
    ada.open_account_menu().get_by_role("link", name="Keyboard shortcuts").click()
    expect(page).to_have_url(re.compile("/chatwith$"))
    expect(sheet.get_by_role("checkbox")).not_to_be_checked()
    sheet.get_by_role("checkbox").check()
    sheet.get_by_role("button", name="Close").last.click()
    expect(page.locator("#account-menu summary")).to_be_focused()
    page.keyboard.press("Control+Alt+n")
    expect(page.get_by_role("dialog", name="New chat")).to_be_visible()


def test_escape_closes_exactly_one_layer(ada):
    page, grace = ada.page, ada.others["grace"]
    rows(ada).filter(has_text="grace").click()
    expect(ada.messages()).to_have_text(["I am grace"])
    ada.act("I am grace", "reply")
    context = page.locator(".composer-context")
    expect(context).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(context).to_be_visible()
    page.keyboard.press("Escape")
    expect(context).not_to_be_visible()
    expect(page).to_have_url(address_of(grace))


def test_the_theme_is_changed_from_the_account_menu(ada):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = ada.page.evaluate(ground)
    with ada.page.expect_response(re.compile("/account")):
        ada.open_account_menu().get_by_role("radio", name="Dark").check()
    assert ada.page.evaluate(ground) != light
    ada.page.goto("/chatwith")
    ada.is_live()
    assert ada.page.evaluate(ground) != light
    expect(ada.open_account_menu().get_by_role("radio", name="Dark")).to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_no_violation_in_switcher_and_sheet(person, scheme, width):
    ada, grace = person("ada", color_scheme=scheme, viewport={"width": width, "height": 800}), person("grace")
    grace.say(ada, "Hello")
    ada.page.goto("/chatwith")
    ada.is_live()
    for name, keys in {"switcher": "ControlOrMeta+k", "sheet": "?"}.items():
        ada.page.keyboard.press(keys)
        expect(ada.page.get_by_role("dialog")).to_be_visible()
        wrong = violations(ada.page)
        assert not wrong, (name, wrong)
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= width
        ada.page.keyboard.press("Escape")
        expect(ada.page.get_by_role("dialog")).to_have_count(0)
