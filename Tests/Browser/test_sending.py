"""What the page says while messages cannot be sent."""

import re

from playwright.sync_api import expect

SENDS = re.compile(r"/api/v1/conversations/\w+/messages$")


def refuse_sends(person, status, retry_after="1"):
    """Answers sends with a status until the returned list is emptied."""
    refusing = [True]
    problem = f'{{"code":"busy","detail":"Not now.","status":{status}}}'

    def handle(route):
        if route.request.method != "POST" or not refusing:
            return route.continue_()
        return route.fulfill(status=status, content_type="application/problem+json", body=problem,
                             headers={"retry-after": retry_after})

    person.context.route(SENDS, handle)
    return refusing


def test_while_the_server_takes_no_messages_the_page_says_so_and_tries_again_when_asked(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    refusing = refuse_sends(ada, 503, retry_after="300")
    ada.write("Hold this")
    ada.write("And this")
    line = ada.page.locator("#freshness")
    expect(ada.page.locator(".message .state").first).to_have_text("Waiting to send")
    expect(line).to_contain_text("2 messages wait to be sent: the server takes none at the moment.")
    expect(line).not_to_contain_text("Up to date")

    # Another tab says the same, and its button reaches the tab that sends.
    second = ada.new_tab()
    second.goto(f"/chatwithme/{grace.name}")
    # It has read the outbox, so it hears what becomes of it.
    expect(ada.messages(second)).to_have_text(["Hold this", "And this"])
    expect(second.locator("#freshness")).not_to_contain_text("Up to date")
    ada.page.get_by_role("button", name="Try again").first.click()
    expect(second.locator("#freshness")).to_contain_text("2 messages wait to be sent")

    refusing.clear()
    second.locator("#freshness").get_by_role("button", name="Try again").click()
    expect(ada.page.locator(".message .state").last).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    expect(line).to_have_text("Up to date")
    expect(ada.page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(second.locator("#freshness")).to_have_text("Up to date")


def test_up_to_date_is_never_shown_beside_a_message_that_waits(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    refusing = refuse_sends(ada, 503, retry_after="0")
    ada.page.evaluate("""() => {
        window.contradictions = 0;
        new MutationObserver(() => {
            const waits = [...document.querySelectorAll(".state")].some((each) => each.textContent === "Waiting to send");
            const fresh = document.querySelector("#freshness .words").textContent === "Up to date";
            if (waits && fresh) window.contradictions += 1;
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
    }""")
    ada.write("Again and again")
    expect(ada.page.locator("#freshness")).to_have_attribute("data-state", "unsent")
    ada.page.wait_for_timeout(4_000)
    refusing.clear()
    expect(ada.page.locator("#freshness")).to_have_text("Up to date")
    assert ada.page.evaluate("window.contradictions") == 0


def test_a_limit_on_sending_says_at_the_message_until_when(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    refusing = refuse_sends(ada, 429, retry_after="240")
    ada.write("Too fast")
    expect(ada.page.locator(".message .limited")).to_contain_text(
        re.compile(r"Faster than this server allows: sent again at .*\d\d:\d\d"))
    expect(ada.page.locator("#freshness")).to_contain_text(re.compile(r"faster than this server allows. Again at .*\d\d:\d\d"))
    refusing.clear()
    ada.page.locator("#freshness").get_by_role("button", name="Try again").click()
    expect(ada.page.locator(".message .limited")).to_have_count(0)


def test_two_tabs_agree_on_a_draft(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    second = ada.new_tab()
    second.goto(f"/chatwithme/{grace.name}")
    ada.is_live(second)
    here, there = ada.page.locator("#text"), second.locator("#text")
    here.fill("Written in the first tab")
    expect(there).to_have_value("Written in the first tab")
    # Whoever is typing is not interrupted, and what was typed last counts in both.
    there.press_sequentially(", and in the second", delay=10)
    expect(here).to_have_value("Written in the first tab, and in the second", timeout=10_000)
    here.fill("Newer")
    expect(there).to_have_value("Newer", timeout=10_000)
    ada.page.get_by_role("button", name="Send Message").click()
    expect(there).to_have_value("")
    expect(here).to_have_value("")
    second.reload()
    expect(there).to_have_value("")


def test_the_complaint_about_a_text_that_is_too_long_goes_when_it_is_shorter(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    text, alert = ada.page.locator("#text"), ada.page.locator("#composer-problem")
    text.fill("x" * 4_001)
    text.press("Enter")
    expect(alert).to_contain_text("4,000")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(text).to_have_value("x" * 4_001)
    text.press("Backspace")
    expect(alert).not_to_be_visible()
    expect(text).not_to_have_attribute("aria-invalid", "true")
