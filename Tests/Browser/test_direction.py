"""Text from right to left."""

import pytest
from playwright.sync_api import expect

HEBREW = "שלום, מה נשמע?"


@pytest.mark.parametrize("script", [True, False])
def test_peoples_text_has_its_own_direction_wherever_it_stands(person, script):
    ada = person("ada", java_script_enabled=script)
    grace = person("grace")
    grace.page.goto("/account")
    grace.page.get_by_label("Your name").fill("גרייס הופר")
    grace.page.get_by_role("button", name="Save changes").click()
    expect(grace.page.locator("#profile .saved")).to_have_text("Saved.")
    grace.say(ada, HEBREW)
    ada.chat_with(grace)
    if script:
        ada.is_live()
    page = ada.page

    item = page.locator("#conversation-list .item").first
    expect(ada.messages().first).to_have_css("direction", "rtl")
    expect(item.locator(".item-name").first).to_have_css("direction", "rtl")
    expect(item.locator(".item-preview").first).to_have_css("direction", "rtl")
    expect(page.locator(".who h2").first).to_have_css("direction", "rtl")
    # It stands beside the picture all the same, as the username below it does.
    edges = page.locator(".who").evaluate("""(each) => [...each.children].map((line) => {
        const range = document.createRange();
        range.selectNodeContents(line);
        return range.getBoundingClientRect().left;
    })""")
    assert abs(edges[0] - edges[1]) < 3, edges
    page.locator("#text").fill(HEBREW)
    expect(page.locator("#text").first).to_have_css("direction", "rtl")
    page.locator("#text").fill("Latin")
    expect(page.locator("#text").first).to_have_css("direction", "ltr")
    page.get_by_role("searchbox", name="Search").fill(HEBREW)
    expect(page.get_by_role("searchbox", name="Search").first).to_have_css("direction", "rtl")

    page.get_by_role("searchbox", name="Search").fill("")
    page.locator("#text").fill(HEBREW)
    page.get_by_role("button", name="Send Message").click()
    expect(ada.messages()).to_have_count(2)
    expect(item.locator(".item-preview")).to_contain_text("You:")
    expect(item.locator(".item-preview").first).to_have_css("direction", "ltr")
    expect(item.locator(".item-preview bdi").first).to_have_css("direction", "rtl")
