"""The first messages of strangers, on a server where they wait until they are accepted."""

import secrets

import pytest
from playwright.sync_api import expect

from conftest import Person
from looks import PHONE, violations
from stack import RAISED_LIMITS, Stack


@pytest.fixture(scope="module")
def private_stack():
    """A server on which not everybody knows everybody."""
    with Stack(gateways=2, environment=RAISED_LIMITS | {"MARTLET_MESSAGES_REQUESTS": "true"}) as running:
        yield running


@pytest.fixture
def stranger(private_stack, browser):
    """Makes people on that server."""
    made = []

    def make(name, **options):
        someone = Person(private_stack, browser, name, **options)
        made.append(someone)
        return someone.sign_up()

    yield make
    complaints = {each.name: each.complaints for each in made if each.complaints}
    for each in made:
        each.context.close()
    assert not complaints


@pytest.fixture
def two(stranger):
    """Ada, who has never heard of Eve, and Eve, who writes to her, on another gateway."""
    ada, eve = stranger("ada"), stranger("eve", gateway=1)
    ada.page.goto("/chatwith")
    ada.is_live()
    return ada, eve


def chip(page, name):
    return page.locator("#list-filters .chip", has_text=name)


def names(page):
    return page.locator("#conversation-list .item-name")


def states(someone):
    """How far one's own messages have come, as one's page says."""
    return someone.page.locator(".message .state").evaluate_all("all => all.map((each) => each.dataset.state)")


def panel(page):
    return page.locator(".composer-closed")


def open_request(ada, eve):
    chip(ada.page, "Requests").click()
    names(ada.page).filter(has_text=eve.display_name).click()
    expect(panel(ada.page)).to_contain_text(f"You had no group in common with {eve.display_name}")


def test_a_strangers_message_waits_apart_and_the_stranger_learns_nothing_of_it(two):
    ada, eve = two
    eve.chat_with(ada).is_live()
    eve.write("Hello, you do not know me")
    expect(chip(ada.page, "Requests")).to_have_text("Requests 1")
    expect(names(ada.page)).to_have_count(0)
    expect(chip(ada.page, "Unread")).to_have_text("Unread")
    assert "(" not in ada.page.title()
    open_request(ada, eve)
    expect(ada.messages()).to_have_text(["Hello, you do not know me"])
    expect(ada.page.locator("#composer")).to_be_hidden()
    ada.message("Hello, you do not know me").locator(".bubble").hover()
    expect(ada.page.locator(".action-bar [data-action=more]")).to_be_visible()
    expect(ada.page.locator(".action-bar [data-action=react]")).to_have_count(0)
    # What was on the screen for a while is not told.
    eve.write("Are you there?")
    expect(ada.messages()).to_have_count(2)
    ada.page.wait_for_timeout(1_000)
    assert states(eve) == ["sent", "sent"]


def test_accepting_makes_it_a_conversation_like_all_others_on_all_devices(two, browser, private_stack):
    ada, eve = two
    eve.say(ada, "Hello")
    context = browser.new_context(
        base_url=private_stack.gateways[1], storage_state=ada.context.storage_state(), service_workers="block")
    other_device = ada.listen(context.new_page())
    other_device.goto("/chatwith?show=requests")
    ada.is_live(other_device)
    expect(names(other_device)).to_have_text([eve.display_name])
    eve.chat_with(ada).is_live()
    open_request(ada, eve)
    panel(ada.page).get_by_role("button", name="Accept").click()
    expect(ada.page.locator("#text")).to_be_focused()
    expect(panel(ada.page)).to_be_hidden()
    expect(chip(other_device, "Requests")).to_have_text("Requests")
    chip(other_device, "All").click()
    expect(names(other_device)).to_have_text([eve.display_name])
    # What is before her eyes is read from now on.
    expect(eve.page.locator(".message .state").last).to_have_attribute("data-state", "read")
    ada.write("Hello Eve")
    expect(eve.messages().last).to_have_text("Hello Eve")
    context.close()


def test_a_declined_request_is_gone_and_can_be_accepted_later(two):
    ada, eve = two
    eve.chat_with(ada).is_live()
    eve.write("Hello")
    open_request(ada, eve)
    panel(ada.page).get_by_role("button", name="Decline").click()
    expect(panel(ada.page)).to_contain_text("You declined this request.")
    ada.page.goto("/chatwith")
    ada.is_live()
    expect(names(ada.page)).to_have_count(0)
    expect(chip(ada.page, "Requests")).to_be_hidden()
    eve.write("Still there?")
    ada.chat_with(eve).is_live()
    expect(ada.messages()).to_have_text(["Hello", "Still there?"])
    ada.page.wait_for_timeout(1_000)
    assert states(eve) == ["sent", "sent"]
    panel(ada.page).get_by_role("button", name="Accept").click()
    expect(ada.page.locator("#composer")).to_be_visible()


@pytest.mark.parametrize("where", ["panel", "menu"])
def test_blocking_declines_it_too_and_the_stranger_is_not_told(two, where):
    ada, eve = two
    eve.chat_with(ada).is_live()
    eve.write("Hello")
    open_request(ada, eve)
    if where == "panel":
        panel(ada.page).get_by_role("button", name="Block").click()
        expect(panel(ada.page).get_by_role("button", name="Unblock")).to_be_focused()
    else:
        ada.page.get_by_role("button", name="Conversation menu").click()
        expect(ada.page.get_by_role("menuitem", name="Block", exact=True)).to_be_visible()
        expect(ada.page.get_by_role("menuitem", name="Mark as read")).to_have_count(0)
        ada.page.get_by_role("menuitem", name="Block", exact=True).click()
    expect(panel(ada.page)).to_contain_text(f"You blocked {eve.display_name}.")
    expect(chip(ada.page, "Requests")).to_have_text("Requests")
    eve.page.reload()
    eve.is_live()
    expect(eve.page.locator("#text")).to_be_visible()
    eve.write("Are you there?")
    expect(ada.messages()).to_have_text(["Hello", "Are you there?"])
    panel(ada.page).get_by_role("button", name="Unblock").click()
    expect(panel(ada.page)).to_contain_text("You declined this request.")


def test_whoever_is_in_a_group_with_somebody_is_no_stranger(two):
    ada, eve = two

    def post(someone, path, **body):
        answer = someone.context.request.post(
            f"/api/v1/{path}", data={"clientMessageId": secrets.token_hex(16)} | body, headers={"origin": someone.address})
        assert answer.ok, answer.text()
        return answer.json()

    group = post(ada, "groups", name="Book club")["conversation"]
    invitation = post(ada, f"conversations/{group}/invitations")
    post(eve, f"invitations/{group}/{invitation['token']}")
    eve.say(ada, "Hello from the club")
    expect(names(ada.page)).to_have_text([eve.display_name, "Book club"])
    expect(chip(ada.page, "Requests")).to_be_hidden()


def test_an_answer_that_was_given_offline_is_kept(two):
    ada, eve = two
    eve.say(ada, "Hello")
    open_request(ada, eve)
    ada.context.set_offline(True)
    panel(ada.page).get_by_role("button", name="Accept").click()
    expect(ada.page.locator("#composer")).to_be_visible()
    ada.context.set_offline(False)
    ada.is_live()
    ada.page.reload()
    ada.is_live()
    expect(ada.page.locator("#composer")).to_be_visible()
    expect(panel(ada.page)).to_be_hidden()


def test_requests_work_without_javascript(stranger):
    ada, eve = stranger("ada", java_script_enabled=False), stranger("eve", gateway=1)
    eve.say(ada, "Hello")
    page = ada.page
    page.goto("/chatwith")
    expect(names(page)).to_have_count(0)
    chip(page, "Requests").click()
    names(page).filter(has_text=eve.display_name).click()
    expect(panel(page)).to_contain_text("You had no group in common")
    expect(page.locator(".read-bar")).to_have_count(0)
    page.get_by_role("button", name="Decline").click()
    expect(page).to_have_url(f"{ada.address}/chatwith")
    expect(chip(page, "Requests")).to_be_hidden()
    ada.chat_with(eve)
    expect(panel(page)).to_contain_text("You declined this request.")
    page.get_by_role("button", name="Accept").click()
    page.locator("#text").fill("Hello Eve")
    page.get_by_role("button", name="Send Message").click()
    expect(ada.messages()).to_have_text(["Hello", "Hello Eve"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["wide", "phone"])
def test_requests_are_accessible(stranger, scheme, size):
    ada, eve = stranger("ada", color_scheme=scheme, **size), stranger("eve", gateway=1)
    eve.say(ada, "Hello")
    ada.page.goto("/chatwith?show=requests")
    ada.is_live()
    assert violations(ada.page) == []
    names(ada.page).first.click()
    expect(panel(ada.page)).to_be_visible()
    assert violations(ada.page) == []
