"""Edits, deletions and reactions are kept and done, whatever happens to the page, the server or another hand."""

import re

import pytest
from playwright.sync_api import expect

from waiting import wait_for_value

MESSAGES = re.compile(r"/api/v1/conversations/\w+/messages")
#: Cuts off everything that changes anything, in the page itself: the page can still be loaded again.
CUT_OFF = """
    window.isCutOff = true;
    window.attempts = [];
    const passOn = window.fetch.bind(window);
    window.fetch = (address, options) => {
        const isChange = options?.method !== "GET" && String(address).includes("/messages");
        if (isChange) window.attempts.push(`${options.method} ${address}`);
        return isChange && window.isCutOff ? Promise.reject(new TypeError("cut off")) : passOn(address, options);
    };
"""
#: Whether everything is on disk: until then the page asks before it is closed.
IS_SAFE = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"


@pytest.fixture
def pair(person):
    ada, grace = person("ada"), person("grace", gateway=1)
    ada.chat_with(grace).is_live()
    grace.chat_with(ada).is_live()
    return ada, grace


def edit(someone, text, new, page=None):
    page = page or someone.page
    someone.act(text, "edit", page)
    page.locator("#text").fill(new)
    page.locator("#text").press("Enter")


def refuse(someone, method, status, code, detail, **members):
    """Answers one kind of change with a refusal."""
    someone.context.route(MESSAGES, lambda route: route.fulfill(
        status=status, content_type="application/problem+json",
        json={"code": code, "detail": detail, "status": status, **members})
        if route.request.method == method else route.fallback())


def test_changes_made_without_a_network_show_at_once_survive_a_closed_tab_and_are_done_in_order(pair):
    ada, grace = pair
    for text in ("To be edited", "To be deleted", "To be loved"):
        ada.write(text)
    expect(grace.messages()).to_have_count(3)
    ada.context.add_init_script(CUT_OFF)
    ada.page.reload()
    ada.is_live()
    edit(ada, "To be edited", "Edited once")
    edit(ada, "Edited once", "Edited twice")
    ada.write("Written in between")
    ada.act("To be deleted", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    ada.act("To be loved", "react")
    ada.page.locator(".popup").get_by_role("button", name="red heart").click()

    def shows_everything():
        expect(ada.messages()).to_have_text(["Edited twice", "Message deleted", "To be loved", "Written in between"])
        expect(ada.message("To be loved").locator(".reaction.mine")).to_have_attribute("aria-label", "❤️ 1, You")

    shows_everything()
    expect(ada.page.locator("#freshness")).to_contain_text("5 changes wait")
    wait_for_value(ada.page, IS_SAFE, True)
    ada.page.close()
    ada.page = ada.new_tab()
    ada.chat_with(grace)
    shows_everything()
    expect(grace.messages()).to_have_text(["To be edited", "To be deleted", "To be loved"])

    ada.page.evaluate("window.isCutOff = false; window.attempts = []")
    expect(grace.messages()).to_have_text(["Edited twice", "Message deleted", "To be loved", "Written in between"], timeout=40_000)
    expect(grace.message("To be loved").locator(".reaction")).to_have_count(2)
    shows_everything()
    expect(ada.page.locator("#freshness")).to_have_text("Up to date")
    assert [each.split()[0] for each in ada.page.evaluate("window.attempts")] == ["PATCH", "PATCH", "POST", "DELETE", "PUT"]
    ada.page.reload()
    ada.is_live()
    shows_everything()


def test_a_message_that_waits_is_edited_or_removed_before_it_was_ever_sent(pair):
    ada, grace = pair
    # The first one has been tried and may have arrived, those behind it have not.
    ada.context.add_init_script(CUT_OFF)
    ada.page.reload()
    ada.is_live()
    for text in ("May have arrived", "Wrong words", "Better not"):
        ada.write(text)
    expect(ada.page.locator(".message .state")).to_have_text([re.compile("Queued|Waiting")] * 3)
    edit(ada, "May have arrived", "Arrived and edited")
    edit(ada, "Wrong words", "Right words")
    ada.act("Better not", "delete")
    ada.page.get_by_role("button", name="Delete", exact=True).click()
    expect(ada.messages()).to_have_text(["Arrived and edited", "Right words"])
    wait_for_value(ada.page, IS_SAFE, True)
    ada.page.reload()
    expect(ada.messages()).to_have_text(["Arrived and edited", "Right words"])

    ada.page.evaluate("window.isCutOff = false; window.attempts = []")
    expect(grace.messages()).to_have_text(["Arrived and edited", "Right words"], timeout=40_000)
    expect(grace.message("Arrived and edited").locator(".edited")).to_have_count(1)
    expect(grace.message("Right words").locator(".edited")).to_have_count(0)
    expect(ada.messages()).to_have_text(["Arrived and edited", "Right words"])
    assert [each.split()[0] for each in ada.page.evaluate("window.attempts")].count("POST") == 2


def test_of_two_edits_at_once_one_wins_and_the_other_keeps_what_was_typed(pair):
    ada, grace = pair
    ada.write("Nine o'clock")
    expect(grace.messages()).to_have_count(1)
    # Ada at another machine of hers, which does not hear of the change before it edits.
    state = ada.context.storage_state()
    context = ada.context.browser.new_context(base_url=ada.address, storage_state=state, service_workers="block")
    other = ada.listen(context.new_page())
    other.goto(f"/chatwithme/{grace.name}")
    ada.is_live(other)
    ada.act("Nine o'clock", "edit", other)
    edit(ada, "Nine o'clock", "Ten o'clock")
    expect(ada.message("Ten o'clock", other)).to_be_visible()
    other.locator("#text").fill("Eleven o'clock")
    other.locator("#text").press("Enter")
    failure = other.locator(".failure")
    expect(failure).to_contain_text("You wrote: Eleven o'clock")
    expect(ada.messages(other)).to_have_text(["Ten o'clock"])
    other.reload()
    expect(failure).to_contain_text("You wrote: Eleven o'clock")
    other.get_by_role("button", name="Edit again").click()
    expect(other.locator("#text")).to_have_value("Eleven o'clock")
    other.locator("#text").press("Enter")
    expect(grace.messages()).to_have_text(["Eleven o'clock"])
    expect(failure).to_have_count(0)
    context.close()


@pytest.mark.parametrize("status, code", [(403, "forbidden"), (404, "not-found"), (409, "not-editable"), (410, "gone"),
                                          (422, "invalid")])
def test_a_refused_edit_goes_back_and_says_why_at_the_place(pair, status, code):
    ada, grace = pair
    ada.write("As it was")
    expect(grace.messages()).to_have_count(1)
    refuse(ada, "PATCH", status, code, "It cannot be so.")
    edit(ada, "As it was", "As it should be")
    failure = ada.message("As it was").locator(".failure")
    expect(failure).to_contain_text("Not changed: It cannot be so. You wrote: As it should be")
    expect(ada.messages()).to_have_text(["As it was"])
    expect(ada.page.locator("#freshness")).to_have_text("Up to date")
    ada.page.reload()
    expect(failure).to_contain_text("As it should be")
    failure.get_by_role("button", name="Discard").click()
    expect(ada.page.locator(".failure")).to_have_count(0)
    # What comes after it is not held up.
    ada.write("Next")
    expect(grace.messages()).to_have_text(["As it was", "Next"])


def test_a_refused_deletion_and_reaction_go_back_and_say_why(pair):
    ada, grace = pair
    ada.write("Here to stay")
    expect(grace.messages()).to_have_count(1)
    refuse(ada, "DELETE", 403, "forbidden", "Only its author can.")
    refuse(ada, "PUT", 422, "invalid", "A message takes at most 16 kinds of reactions.")
    ada.act("Here to stay", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    expect(ada.page.locator(".failure")).to_contain_text("Not deleted: Only its author can.")
    expect(ada.messages()).to_have_text(["Here to stay"])
    ada.page.get_by_role("button", name="OK").click()
    expect(ada.page.locator(".failure")).to_have_count(0)
    ada.act("Here to stay", "react")
    ada.page.locator(".popup").get_by_role("button", name="party popper").click()
    expect(ada.page.locator(".failure")).to_contain_text("🎉 was not added: A message takes at most 16 kinds of reactions.")
    expect(ada.page.locator(".reaction")).to_have_count(0)


def test_the_seventeenth_kind_of_reaction_is_refused_by_the_server(pair):
    ada, grace = pair
    ada.write("Everybody's favourite")
    expect(grace.messages()).to_have_count(1)
    ada.page.evaluate("""async (emoji) => {
        const conversation = document.querySelector("#conversation-list li").dataset.key;
        for (const each of emoji) {
            const path = `/api/v1/conversations/${conversation}/messages/1/reactions/${encodeURIComponent(each)}`;
            while ((await fetch(path, { method: "PUT" })).status === 429) await new Promise((done) => setTimeout(done, 200));
        }
    }""", list("👍👎😂😮🙏🎉👏😀😊😉😍🤔😅😎😢😡"))
    expect(grace.page.locator(".reaction:not(.add)")).to_have_count(16)
    grace.act("Everybody's favourite", "react")
    grace.page.locator(".popup").get_by_label("Find an emoji").fill("rocket")
    grace.page.locator(".popup").get_by_role("gridcell", name="rocket").click()
    expect(grace.page.locator(".failure")).to_contain_text("🚀 was not added:")
    expect(grace.page.locator(".failure")).to_contain_text("16")
    expect(grace.page.locator(".reaction:not(.add)")).to_have_count(16)


def test_another_tab_shows_what_waits_here_and_sees_it_settle(pair):
    ada, grace = pair
    ada.write("One")
    expect(grace.messages()).to_have_count(1)
    ada.context.add_init_script(CUT_OFF)
    ada.page.reload()
    ada.is_live()
    second = ada.new_tab()
    second.goto(f"/chatwithme/{grace.name}")
    ada.is_live(second)
    edit(ada, "One", "One, edited")
    expect(ada.messages(second)).to_have_text(["One, edited"])
    expect(second.locator(".message [data-change=waiting]")).to_have_count(1)
    for page in (ada.page, second):
        page.evaluate("window.isCutOff = false")
    expect(grace.messages()).to_have_text(["One, edited"], timeout=40_000)
    expect(second.locator(".message [data-change=waiting]")).to_have_count(0)
    expect(ada.messages(second)).to_have_text(["One, edited"])


def test_a_page_that_was_away_catches_up_with_every_kind_of_change(pair):
    ada, grace = pair
    for text in ("Edited meanwhile", "Deleted meanwhile", "Loved meanwhile"):
        ada.write(text)
    expect(grace.messages()).to_have_count(3)
    grace.act("Deleted meanwhile", "reply")
    grace.write("An answer")
    expect(ada.messages()).to_have_count(4)
    grace.context.set_offline(True)
    expect(grace.page.locator("#freshness")).to_have_attribute("data-state", "offline")
    edit(ada, "Edited meanwhile", "Edited once")
    edit(ada, "Edited once", "Edited twice")
    ada.act("Deleted meanwhile", "delete")
    ada.page.get_by_role("button", name="Delete for everybody").click()
    ada.act("Loved meanwhile", "react")
    ada.page.locator(".popup").get_by_role("button", name="red heart").click()
    ada.write("Sent meanwhile")
    # It goes out last.
    expect(ada.message("Sent meanwhile").locator(".state")).to_have_text(re.compile("Sent|Delivered|Read"))
    grace.context.set_offline(False)
    expect(grace.messages()).to_have_text(
        ["Edited twice", "Message deleted", "Loved meanwhile", "An answer", "Sent meanwhile"], timeout=40_000)
    expect(grace.message("Loved meanwhile").locator(".reaction:not(.add)")).to_have_count(1)
    expect(grace.page.locator(".quote-text")).to_have_text("Message deleted")


def test_an_edit_whose_answer_is_lost_is_done_once(pair):
    ada, grace = pair
    ada.write("Before")
    expect(grace.messages()).to_have_count(1)
    lost = []

    def lose_the_first_answer(route):
        if route.request.method != "PATCH" or lost:
            return route.fallback()
        lost.append(route.fetch().status)
        return route.abort()

    ada.context.route(MESSAGES, lose_the_first_answer)
    edit(ada, "Before", "After")
    expect(ada.message("After").locator("[data-state]")).to_have_text(re.compile("Sent|Delivered|Read"))
    expect(grace.messages()).to_have_text(["After"])
    expect(ada.page.locator(".failure")).to_have_count(0)
    assert lost == [200]
