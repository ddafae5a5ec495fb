"""The whole chat with JavaScript switched off."""

import re

import pytest
from playwright.sync_api import expect

from conftest import PASSWORD


@pytest.fixture
def plain(person):
    return lambda name, **options: person(name, java_script_enabled=False, **options)


def test_people_are_found_by_any_part_of_their_names(plain):
    grace, zoe = plain("grace"), plain("zoe", sign_up=False)
    zoe.display_name = f"Zoë Čapková {zoe.name}"
    zoe.sign_up()
    grace.page.get_by_role("searchbox", name="Search").fill(f"capkova {zoe.name}")
    grace.page.get_by_role("button", name="Find").click()
    expect(grace.page.locator("#people-list .item")).to_have_count(1)
    expect(grace.page.locator("#people-list .item")).to_contain_text("Zoë Čapková")


def test_sign_up_choose_a_receiver_send_update_and_sign_out(plain):
    ada, grace = plain("ada"), plain("grace", gateway=1)
    ada.page.get_by_role("searchbox", name="Search").fill(grace.name)
    ada.page.get_by_role("button", name="Find").click()
    ada.page.get_by_role("link", name=re.compile(f"@{grace.name}")).click()
    expect(ada.page).to_have_url(re.compile(f"/chatwithme/{grace.name}(#newest)?$"))

    ada.write("A first line")
    expect(ada.messages()).to_have_text(["A first line"])
    # The answer to the form was a redirect: loading the page again sends nothing again.
    ada.page.reload()
    expect(ada.messages()).to_have_text(["A first line"])

    grace.chat_with(ada)
    expect(grace.messages()).to_have_text(["A first line"])
    grace.write("An answer")
    ada.page.get_by_role("link", name="Update Messages").click()
    expect(ada.messages()).to_have_text(["A first line", "An answer"])
    # Once more from the address without a fragment.
    grace.write("And another")
    ada.page.get_by_role("link", name="Update Messages").click()
    expect(ada.messages()).to_have_text(["A first line", "An answer", "And another"])

    ada.page.goto("/chatwith")
    expect(ada.page.locator("#conversation-list .item")).to_contain_text("And another")
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    ada.page.goto("/chatwith")
    expect(ada.page).to_have_url(re.compile("/signin"))


def test_back_and_send_again_does_not_double_a_message(plain):
    ada, grace = plain("ada"), plain("grace")
    ada.chat_with(grace)
    ada.write("Only once")
    expect(ada.messages()).to_have_text(["Only once"])
    ada.page.go_back()
    ada.page.locator("#text").fill("Only once")
    ada.page.get_by_role("button", name="Send Message").click()
    ada.page.goto(f"/chatwithme/{grace.name}")
    texts = ada.messages().all_text_contents()
    assert texts in (["Only once"], ["Only once", "Only once"])
    # The second is a new message only if the browser fetched a new form, with a new id, for it.


def test_signing_in_returns_to_the_page_that_asked_for_it(plain, person):
    ada, grace = plain("ada"), plain("grace")
    ada.context.clear_cookies()
    ada.page.goto(f"/chatwithme/{grace.name}")
    expect(ada.page).to_have_url(re.compile("/signin"))
    ada.page.get_by_label("Username").fill(ada.name.upper())
    ada.page.get_by_label("Password", exact=True).fill("not the password")
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_be_visible()
    expect(ada.page.get_by_label("Username")).to_have_value(ada.name.upper())
    ada.page.get_by_label("Password", exact=True).fill(PASSWORD)
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page).to_have_url(re.compile(f"/chatwithme/{grace.name}(#newest)?$"))


def test_history_pages_back_to_the_beginning(plain):
    ada, grace = plain("ada"), plain("grace")
    ada.chat_with(grace)
    for number in range(1, 54):
        ada.write(f"Line {number}")
        expect(ada.messages().last).to_have_text(f"Line {number}")
    expect(ada.messages()).to_have_text([f"Line {number}" for number in range(4, 54)])
    expect(ada.messages().last).to_be_in_viewport()
    ada.page.get_by_role("link", name="Earlier messages").click()
    expect(ada.messages()).to_have_text(["Line 1", "Line 2", "Line 3"])
    ada.page.get_by_role("link", name="Newest messages").click()
    expect(ada.messages().last).to_have_text("Line 53")


def test_a_message_that_is_too_long_is_refused_and_its_text_kept(plain):
    ada, grace = plain("ada"), plain("grace")
    ada.chat_with(grace)
    ada.write("x" * 4_001)
    expect(ada.page.get_by_role("alert")).to_contain_text("4000")
    expect(ada.page.locator("#text")).to_have_value("x" * 4_001)
    expect(ada.messages()).to_have_count(0)


def test_a_taken_or_malformed_username_and_a_weak_password_are_explained(plain, stack):
    ada = plain("ada")
    other = plain("other", sign_up=False)
    for username, password, words in [
        (ada.name.upper(), PASSWORD, "taken"),
        ("a!b", PASSWORD, "letters"),
        ("fresh-name", "password", "password"),
    ]:
        other.page.goto("/signup")
        # The browser's own checks would get in the way of the server's.
        other.page.locator("input[name=username]").evaluate("each => each.form.noValidate = true")
        other.page.get_by_label("Username").fill(username)
        other.page.get_by_label("Password", exact=True).fill(password)
        other.page.get_by_role("button", name="Create account").click()
        expect(other.page.get_by_role("alert")).to_contain_text(re.compile(words, re.IGNORECASE))
        expect(other.page.get_by_label("Username")).to_have_value(username)
