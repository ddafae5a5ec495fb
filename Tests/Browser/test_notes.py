"""Notes to oneself: a conversation with nobody else in it."""

import re

from playwright.sync_api import expect


def test_notes_to_oneself_are_a_conversation_of_ones_own(person):
    ada, grace = person("ada"), person("grace")
    page = ada.page
    ada.open_account_menu().get_by_role("link", name="Note to self").click()
    expect(page).to_have_url(re.compile(f"/chatwithme/{ada.name}$"))
    ada.is_live()
    expect(page.locator(".conversation-head h2")).to_have_text("Note to self")
    expect(page.get_by_text("Only you see what you write here.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Note to self")).to_have_attribute("placeholder", "Write a note")
    ada.write("Milk")
    ada.write("Bread")
    row = page.locator("#conversation-list .item", has_text="Note to self")
    expect(row.locator(".item-preview")).to_have_text("Sent. You: Bread")
    expect(ada.message("Bread").locator(".state")).to_have_attribute("data-state", "sent")
    ada.act("Milk", "edit")
    page.locator("#text").fill("Oat milk")
    page.keyboard.press("Enter")
    expect(ada.messages()).to_have_text(["Oat milk", "Bread"])
    # Another tab has it live, a fresh load and the list as well, and nothing counts as unread.
    other = ada.new_tab()
    other.goto(f"/chatwithme/{ada.name}")
    ada.is_live(other)
    expect(ada.messages(other)).to_have_text(["Oat milk", "Bread"])
    ada.write("Eggs")
    expect(ada.messages(other)).to_have_text(["Oat milk", "Bread", "Eggs"])
    expect(page).to_have_title("Note to self · Martlet")
    page.goto("/chatwith")
    ada.is_live()
    expect(row).to_be_visible()
    expect(row.locator(".badge")).to_have_count(0)
    # Nobody else's business.
    grace.page.goto(f"/chatwithme/{grace.name}")
    expect(grace.page.locator(".message")).to_have_count(0)
    expect(grace.page.locator(".conversation-head h2")).to_have_text("Note to self")


def test_notes_are_written_and_read_without_a_script(person):
    ada = person("ada", java_script_enabled=False)
    page = ada.page
    ada.open_account_menu().get_by_role("link", name="Note to self").click()
    expect(page.get_by_text("Only you see what you write here.")).to_be_visible()
    page.get_by_label("Note to self").fill("Milk")
    page.get_by_role("button", name="Send Message").click()
    expect(page.locator(".message .text")).to_have_text(["Milk"])
    expect(page.locator(".message .state")).to_contain_text("Sent")
    page.goto("/chatwith")
    expect(page.locator("#conversation-list .item-name")).to_have_text(["Note to self"])
    page.locator("#conversation-list .item").click()
    expect(page.locator(".conversation-head h2")).to_have_text("Note to self")
