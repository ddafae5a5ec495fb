"""The settings, and the pages around the chat: appearance, sessions, passwords that can be looked at, waiting for the server."""

import re

import pytest
from playwright.sync_api import expect

from conftest import PASSWORD

GROUND = "getComputedStyle(document.body).backgroundColor"
ROOT_SIZE = "Number.parseFloat(getComputedStyle(document.documentElement).fontSize)"
LIGHT, DARK = "rgb(244, 243, 238)", "rgb(10, 18, 17)"


def theme_colors(page):
    return page.locator('meta[name="theme-color"]').evaluate_all("all => all.map((each) => each.content)")


@pytest.mark.parametrize("script", [True, False])
def test_theme_and_text_size_are_chosen_kept_and_there_at_the_first_paint(person, script):
    ada = person("ada", java_script_enabled=script, color_scheme="light")
    page = ada.page
    page.goto("/account#appearance")
    assert page.evaluate(GROUND) == LIGHT
    page.get_by_label("Dark").check()
    page.get_by_label("Large").check()
    if script:
        # At once, without another page.
        assert page.evaluate(GROUND) == DARK
        assert page.evaluate(ROOT_SIZE) == 19
        assert theme_colors(page) == ["#0a1211", "#0a1211"]
        expect(page.locator("#appearance-state")).to_have_text("Saved in this browser.")
    else:
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("status")).to_have_text("Saved in this browser.")
        expect(page.get_by_label("Dark")).to_be_checked()
        expect(page.get_by_label("Large")).to_be_checked()
    # The next pages come like this from the server: no script has to repair them.
    for path in ["/chatwith", "/account", "/no-such-page"]:
        answer = page.goto(path)
        assert re.search(r'<html [^>]*class="text-large theme-dark"', answer.text()), path
        assert page.evaluate(GROUND) == DARK, path
    # It is about the browser, so it outlives the session.
    ada.context.clear_cookies(name="martlet")
    page.goto("/signin")
    assert page.evaluate(GROUND) == DARK
    assert person("grace", sign_up=False).page.goto("/signin").text().count("theme-dark") == 0


def test_a_theme_that_could_not_be_kept_says_so(person):
    ada = person("ada", color_scheme="light")
    ada.page.goto("/account")
    ada.context.route("**/account/appearance", lambda route: route.abort())
    ada.page.get_by_label("Dark").check()
    expect(ada.page.locator("#appearance-state")).to_contain_text("Not saved")
    assert ada.page.evaluate(GROUND) == DARK
    ada.context.unroute("**/account/appearance")
    ada.page.get_by_label("As the system").check()
    expect(ada.page.locator("#appearance-state")).to_have_text("Saved in this browser.")
    assert ada.page.evaluate(GROUND) == LIGHT
    assert theme_colors(ada.page) == ["#f4f3ee", "#0a1211"]


@pytest.mark.parametrize("script", [True, False])
def test_each_card_saves_on_its_own_and_says_so(person, script):
    ada = person("ada", java_script_enabled=script)
    page = ada.page
    page.goto("/account")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#profile .saved")).to_have_text("Saved.")
    expect(page.locator(".saved:not(:empty)")).to_have_count(1 + 2 * script)
    expect(page.locator("#profile .avatar")).to_have_text("AL")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("another long password")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#password .saved")).to_contain_text("Your password was changed")


@pytest.mark.parametrize("script", [True, False])
def test_what_one_says_of_oneself_stands_under_the_name_for_others(person, script):
    ada, grace = person("ada", java_script_enabled=script), person("grace", java_script_enabled=script)
    page = ada.page
    page.goto("/account")
    about = page.get_by_label("About you")
    about.fill("Sums, engines 🎈")
    if script:
        expect(page.locator("#about-hint")).to_have_text("15 of 160 characters. It stands under your name.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#profile .saved")).to_have_text("Saved.")
    expect(about).to_have_value("Sums, engines 🎈")
    # Names that no other test gives: what is found is limited.
    grace.page.goto(f"/chatwith?q={ada.name}" if not script else "/chatwith")
    if script:
        grace.is_live().page.get_by_role("searchbox", name="Search").fill(ada.name)
    found = grace.page.locator("#people-list .item")
    expect(found).to_contain_text(f"@{ada.name} · Sums, engines 🎈")
    found.click()
    head = grace.page.locator(".conversation-head p")
    expect(head).to_have_text(f"@{ada.name} · Sums, engines 🎈")
    grace.page.reload()
    if script:
        grace.is_live()
    expect(head).to_have_text(f"@{ada.name} · Sums, engines 🎈")
    about.fill("")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#profile .saved")).to_have_text("Saved.")
    grace.page.reload()
    expect(head).to_have_text(f"@{ada.name}")


def test_sessions_begin_with_this_one_and_end_one_by_one_or_all(person):
    ada = person("ada")
    others = [person("elsewhere", sign_up=False) for _ in range(2)]
    for other in others:
        other.page.goto("/signin")
        other.page.get_by_label("Username").fill(ada.name)
        other.page.get_by_label("Password", exact=True).fill(PASSWORD)
        other.page.get_by_role("button", name="Sign in").click()
        expect(other.page).to_have_url(re.compile("/chatwith$"))
    ada.page.goto("/account")
    rows = ada.page.locator(".sessions .row")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("This one")
    expect(rows.first.get_by_role("link", name="Sign out")).to_be_visible()
    rows.nth(1).get_by_role("button", name="End").click()
    expect(ada.page.locator("#sessions .saved")).to_contain_text("what you ended is signed out")
    expect(rows).to_have_count(2)
    ada.page.get_by_role("button", name="End all others").click()
    expect(rows).to_have_count(1)
    expect(ada.page.get_by_role("button", name="End all others")).to_have_count(0)


def test_the_list_of_sections_says_where_one_is(person):
    ada = person("ada", viewport={"width": 1280, "height": 700})
    ada.page.goto("/account")
    here = ada.page.locator(".settings-nav [aria-current]")
    expect(here).to_have_text("Profile")
    ada.page.get_by_role("link", name="Appearance").click()
    expect(here).to_have_text("Appearance")
    expect(ada.page.locator("#appearance")).to_be_in_viewport()


def test_a_password_can_be_looked_at_and_is_hidden_again_before_it_is_sent(person):
    ada = person("ada", sign_up=False)
    ada.page.goto("/signin")
    field = ada.page.get_by_label("Password", exact=True)
    button = ada.page.get_by_role("button", name="Show password")
    ada.page.get_by_label("Username").fill("nobody")
    field.fill("not the password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(field).to_be_focused()
    button.click()
    expect(field).to_have_attribute("type", "password")
    button.click()
    field.evaluate("each => each.form.addEventListener('submit', (event) => event.preventDefault())")
    ada.page.get_by_role("button", name="Sign in").click()
    expect(field).to_have_attribute("type", "password")
    # Without a script there is no button that does nothing.
    without = person("ada", sign_up=False, java_script_enabled=False)
    without.page.goto("/signin")
    expect(without.page.get_by_role("button")).to_have_count(1)


def test_while_the_server_cannot_answer_the_page_waits_and_comes_back_by_itself(person, stack):
    ada = person("ada")
    with stack.another_gateway({"MARTLET_DATABASE_HOSTS": "127.0.0.1:1"}, is_complete=False) as away:
        page = ada.page
        page.goto("about:blank")
        page.clock.install()
        answer = page.goto(f"{away.address}/account")
        assert answer.status == 503
        expect(page.get_by_role("heading", level=1)).to_have_text("The server is catching its breath")
        expect(page.get_by_role("main")).to_contain_text("What was sent is safe")
        expect(page.get_by_role("main").locator("code")).to_have_text(re.compile("^[0-9a-f]{32}$"))
        page.clock.run_for(4_000)
        expect(page.locator("#retry-words")).to_have_text("This page tries again in 6 seconds.")
        # It still cannot, so the page stays.
        page.clock.run_for(7_000)
        expect(page.locator("#retry-words")).to_contain_text("tries again in")
        page.route("**/account", lambda route: route.fulfill(
            response=ada.context.request.fetch(f"{ada.address}/account", method=route.request.method)))
        page.clock.run_for(11_000)
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
