"""Sign-in, sign-up, account and sign-out: errors at their field, times in words, and what is left behind."""

import re

import pytest
from playwright.sync_api import expect

from conftest import PASSWORD
from waiting import wait_for_value

ISO = re.compile(r"\d{4}-\d\d-\d\dT")
SENDS = re.compile(r"/api/v1/conversations/\w+/messages$")

# What this browser stores, of whatever kind.
STORED = """async () => {
    const found = Object.keys(localStorage);
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((done) => { indexedDB.open(name).onsuccess = (event) => done(event.target.result); });
        for (const store of database.objectStoreNames) {
            const all = database.transaction(store).objectStore(store).getAll();
            found.push(...await new Promise((done) => { all.onsuccess = () => done(all.result); }));
        }
        database.close();
    }
    return found;
}"""


def described_by(field):
    ids = (field.get_attribute("aria-describedby") or "").split()
    return " ".join(field.page.locator(f"#{each}").inner_text() for each in ids)


@pytest.mark.parametrize("script", [True, False])
def test_an_error_stands_at_its_field_and_what_was_typed_is_kept(person, script):
    ada = person("ada", java_script_enabled=script)
    page = ada.page
    # A live page would notice that its session is gone.
    page.goto("about:blank")
    ada.context.clear_cookies()
    for username, password, label, words in [
        (ada.name.upper(), PASSWORD, "Username", "taken. “"),
        (f"{ada.name}-b", "password", "Password", "commonest"),
    ]:
        page.goto("/signup")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Your name").fill("Ada the Second")
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Create account").click()
        field = page.get_by_label(label, exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        assert words in described_by(field)
        expect(page.get_by_role("alert")).to_have_count(1)
        expect(page.locator("[aria-invalid]")).to_have_count(1)
        expect(page.get_by_label("Username")).to_have_value(username)
        expect(page.get_by_label("Your name")).to_have_value("Ada the Second")
        expect(page.get_by_label("Password", exact=True)).to_have_value("")

    page.goto("/signin")
    page.get_by_label("Username").fill(ada.name)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Username")).to_have_value(ada.name)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    assert "Wrong username or password" in described_by(page.get_by_label("Password", exact=True))


def test_the_account_page_shows_errors_at_their_fields(person):
    page = person("ada", java_script_enabled=False).page
    page.goto("/account")
    for label, value, button, words in [
        ("Your name", " ", "Save changes", "1 to 64"),
        ("Current password", "wrong", "Change password", "current password is wrong"),
    ]:
        page.get_by_label(label).fill(value)
        if label == "Current password":
            page.get_by_label("New password").fill("another long password")
        page.get_by_role("button", name=button).click()
        field = page.get_by_label(label, exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        assert words in described_by(field)
        expect(page.locator("[aria-invalid]")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False])
def test_a_limit_on_attempts_says_until_when(person, script):
    ada = person("ada", java_script_enabled=script)
    page = ada.page
    # A live page would notice that its session is gone.
    page.goto("about:blank")
    ada.context.clear_cookies()
    page.goto("/signin")
    for _ in range(8):
        page.get_by_label("Username").fill(ada.name)
        page.get_by_label("Password", exact=True).fill("a wrong guess")
        page.get_by_role("button", name="Sign in").click()
        # The next page, not the one before, says what came of it.
        expect(page.get_by_label("Password", exact=True)).to_have_value("")
        if "Try again" in page.get_by_role("alert").inner_text():
            break
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(
        r"The password was wrong too often\. Try again at .*\d\d:\d\d:\d\d" if script
        else r"The password was wrong too often\. Try again in \d+ seconds?, at \d\d:\d\d:\d\d UTC\."))
    expect(alert.locator("time")).to_have_attribute("datetime", ISO)
    expect(page.get_by_label("Username")).to_have_value(ada.name)


@pytest.mark.parametrize("script", [True, False])
def test_times_on_the_account_page_are_words_with_the_exact_one_behind_them(person, script):
    ada = person("ada", java_script_enabled=script)
    ada.page.goto("/account")
    sessions = ada.page.locator(".sessions")
    expect(sessions).to_contain_text("Signed in just now, last used just now")
    times = sessions.locator("time")
    expect(times).to_have_count(2)
    for time in times.all():
        expect(time).to_have_attribute("datetime", ISO)
        expect(time).to_have_attribute("title", re.compile(r"20\d\d.* \d?\d:\d\d:\d\d"))
    assert not ISO.search(ada.page.locator("body").inner_text())


@pytest.mark.parametrize("script", [True, False])
def test_a_session_that_was_ended_elsewhere_says_so_at_the_sign_in(person, script):
    ada, grace = person("ada", java_script_enabled=script), person("grace")
    elsewhere = person("ada-elsewhere", sign_up=False)
    elsewhere.page.goto("/signin")
    elsewhere.page.get_by_label("Username").fill(ada.name)
    elsewhere.page.get_by_label("Password", exact=True).fill(PASSWORD)
    elsewhere.page.get_by_role("button", name="Sign in").click()
    expect(elsewhere.page).to_have_url(re.compile("/chatwith$"))
    elsewhere.page.goto("/account")
    ada.chat_with(grace)
    if script:
        ada.is_live()
    elsewhere.page.get_by_role("button", name="End all others").click()
    expect(elsewhere.page.locator("#sessions .saved")).to_contain_text("what you ended is signed out")
    if not script:
        ada.page.get_by_role("link", name="Update Messages").click()
    expect(ada.page).to_have_url(re.compile("/signin"))
    expect(ada.page.get_by_role("status")).to_have_text("You were signed out because this session was ended.")
    # Only these words: an address cannot put others there.
    fresh = person("fresh", sign_up=False, java_script_enabled=script)
    fresh.page.goto("/signin?reason=Your+account+was+closed")
    expect(fresh.page.locator("body")).not_to_contain_text("account was closed")
    expect(fresh.page.locator(".form-note")).to_have_count(0)


@pytest.mark.parametrize("heeds_header", [True, False])
def test_signing_out_leaves_nothing_of_the_account_in_the_browser(person, heeds_header):
    ada, grace = person("ada"), person("grace")
    if not heeds_header:
        # As browsers do on plain HTTP.
        def without_the_header(route):
            answer = route.fetch(max_redirects=0)
            assert answer.headers["clear-site-data"] == '"storage"'
            headers = {name: value for name, value in answer.headers.items() if name != "clear-site-data"}
            route.fulfill(response=answer, headers=headers)

        ada.context.route("**/logout_chat", lambda route: without_the_header(route)
                          if route.request.method == "POST" else route.continue_())
    ada.chat_with(grace).is_live()
    ada.page.locator("#text").fill("A draft that nobody should find")
    ada.keeps_draft("A draft that nobody should find")
    assert ada.page.evaluate(STORED)
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    expect(ada.page).to_have_url(re.compile("/signin$"))
    expect(ada.page.get_by_role("status")).to_have_count(0)
    # A database that was just being written to goes when that is done.
    wait_for_value(ada.page, STORED, [])


def test_signing_out_with_messages_that_wait_asks_first_and_says_how_many(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    ada.context.route(SENDS, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    ada.write("One that waits")
    ada.write("Another")
    # Not "Saving" any more: both are on disk.
    expect(ada.page.locator(".message .state")).to_have_text(["Waiting to send", "Queued"])
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    expect(ada.page).to_have_url(re.compile("/logout_chat$"))
    expect(ada.page.locator("#waiting")).to_contain_text("2 messages were not sent yet")
    ada.page.get_by_role("link", name="Stay").click()
    ada.chat_with(grace)
    expect(ada.messages()).to_have_text(["One that waits", "Another"])
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    ada.page.get_by_role("button", name="Sign out and delete them").click()
    expect(ada.page).to_have_url(re.compile("/signin$"))
    wait_for_value(ada.page, STORED, [])


def test_a_sign_out_that_fails_deletes_nothing(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    ada.page.locator("#text").fill("Keep this")
    ada.context.route("**/logout_chat", lambda route: route.abort()
                      if route.request.method == "POST" else route.continue_())
    ada.open_account_menu().get_by_role("button", name="Sign out").click()
    expect(ada.page).to_have_url(re.compile("/logout_chat$"))
    ada.page.wait_for_load_state()
    ada.page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("still signed in")
    ada.chat_with(grace)
    expect(ada.page.locator("#text")).to_have_value("Keep this")
