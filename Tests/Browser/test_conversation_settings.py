"""Pinning, muting and archiving conversations: on all devices of whoever chooses it, live, and kept without a connection."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from looks import PHONE, violations


@pytest.fixture
def device(person, browser, stack):
    """Another device of somebody, on the other gateway."""
    contexts = []

    def make(owner, **options):
        context = browser.new_context(
            base_url=stack.gateways[1], storage_state=owner.context.storage_state(), service_workers="block", **options)
        contexts.append(context)
        page = owner.listen(context.new_page())
        page.goto("/chatwith")
        owner.is_live(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def crowd(person):
    """Ada, to whom Grace has written first, then Alan, then Edsger."""
    ada = person("ada")
    others = [person(name, gateway=1) for name in ("grace", "alan", "edsger")]
    for other in others:
        other.say(ada, f"Hello from {other.display_name}")
    ada.page.goto("/chatwith")
    ada.is_live()
    return ada, *others


def names(page):
    return page.locator("#conversation-list .item-name")


def row(page, name):
    return page.locator("#conversation-list .item", has_text=name)


def choose(page, words, name=None):
    """Chooses from the menu of a conversation: by its row, or by the head of the one that is open."""
    if name:
        row(page, name).click(button="right")
    else:
        page.get_by_role("button", name="Conversation menu").click()
    page.get_by_role("menuitem", name=words, exact=True).click()
    expect(page.get_by_role("menu", name="This conversation")).to_have_count(0)


def change(person, other, **choice):
    """Chooses through the API, as another program would."""
    headers = {"origin": person.address}
    opened = person.context.request.post("/api/v1/conversations", data={"username": other.name}, headers=headers)
    answer = person.context.request.patch(
        f"/api/v1/conversations/{opened.json()['id']}/settings", data=choice, headers=headers)
    assert answer.ok, answer.text()


def test_pinned_conversations_are_on_top_on_every_device(crowd, device):
    ada, grace, alan, edsger = crowd
    elsewhere = device(ada)
    expect(names(ada.page)).to_have_text(["Edsger", "Alan", "Grace"])
    choose(ada.page, "Pin to the top", "Grace")
    for page in (ada.page, elsewhere):
        expect(names(page)).to_have_text(["Grace", "Edsger", "Alan"])
        expect(row(page, "Grace")).to_contain_text("Pinned.")
    choose(elsewhere, "Pin to the top", "Alan")
    edsger.say(ada, "The newest")
    for page in (ada.page, elsewhere):
        expect(names(page)).to_have_text(["Alan", "Grace", "Edsger"])
    ada.page.reload()
    expect(names(ada.page)).to_have_text(["Alan", "Grace", "Edsger"])
    ada.is_live()
    choose(ada.page, "Unpin", "Grace")
    for page in (ada.page, elsewhere):
        expect(names(page)).to_have_text(["Alan", "Edsger", "Grace"])
        expect(row(page, "Grace")).not_to_contain_text("Pinned.")


def test_muted_conversations_count_nothing_and_come_back_when_the_time_is_over(crowd, device):
    ada, grace, alan, edsger = crowd
    elsewhere = device(ada)
    expect(ada.page).to_have_title("(3) Chats · Martlet")
    choose(ada.page, "Mute for 8 hours", "Grace")
    choose(elsewhere, "Mute until I unmute it", "Alan")
    for page in (ada.page, elsewhere):
        expect(page).to_have_title("(1) Chats · Martlet")
        for name in ("Grace", "Alan"):
            expect(row(page, name)).to_have_class(re.compile("muted"))
            expect(row(page, name)).to_contain_text("Muted.")
            expect(row(page, name).locator(".badge")).to_have_text("1 unread")
    choose(ada.page, "Unmute", "Alan")
    for page in (ada.page, elsewhere):
        expect(page).to_have_title("(2) Chats · Martlet")
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=8)
    change(ada, edsger, muted=True, mutedUntil=soon.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    for page in (ada.page, elsewhere):
        expect(row(page, "Edsger")).to_contain_text("Muted.")
    for page in (ada.page, elsewhere):
        expect(row(page, "Edsger")).not_to_contain_text("Muted.", timeout=30_000)
        expect(page).to_have_title("(2) Chats · Martlet")


def test_archived_conversations_are_out_of_the_list_until_somebody_writes(crowd, device):
    ada, grace, alan, edsger = crowd
    elsewhere = device(ada)
    archived = ada.page.get_by_role("link", name="Archived")
    expect(archived).to_be_hidden()
    choose(ada.page, "Archive", "Alan")
    for page in (ada.page, elsewhere):
        expect(names(page)).to_have_text(["Edsger", "Grace"])
        expect(page).to_have_title("(2) Chats · Martlet")
    ada.page.get_by_role("button", name="Undo").click()
    for page in (ada.page, elsewhere):
        expect(names(page)).to_have_text(["Edsger", "Alan", "Grace"])
    choose(ada.page, "Archive", "Alan")
    choose(ada.page, "Archive", "Grace")
    choose(elsewhere, "Mute until I unmute it", "Edsger")
    choose(elsewhere, "Archive", "Edsger")
    for page in (ada.page, elsewhere):
        expect(page.locator("#no-conversations")).to_be_visible()
        page.get_by_role("link", name="Archived").click()
        expect(names(page)).to_have_text(["Edsger", "Alan", "Grace"])
    # What somebody writes brings a conversation back, unless it is muted.
    edsger.say(ada, "Nobody shall hear this")
    alan.say(ada, "Here I am again")
    for page in (ada.page, elsewhere):
        expect(names(page)).to_have_text(["Edsger", "Grace"])
        page.get_by_role("link", name="All", exact=True).click()
        expect(names(page)).to_have_text(["Alan"])
    elsewhere.get_by_role("link", name="Archived").click()
    choose(elsewhere, "Bring back from the archive", "Edsger")
    expect(names(ada.page)).to_have_text(["Alan", "Edsger"])
    # A search finds what is archived.
    ada.page.get_by_role("searchbox", name="Search").fill("Grace")
    expect(names(ada.page)).to_have_text(["Grace"])


def test_what_is_chosen_without_a_connection_shows_at_once_and_arrives_in_order(crowd, device):
    ada, grace, alan, _ = crowd
    elsewhere = device(ada)
    ada.chat_with(grace).is_live()
    # The menu is loaded when it is first wanted.
    ada.page.get_by_role("button", name="Conversation menu").click()
    expect(ada.page.get_by_role("menu", name="This conversation")).to_be_visible()
    ada.page.keyboard.press("Escape")
    ada.context.set_offline(True)
    expect(ada.page.locator("#freshness")).to_have_attribute("data-state", "offline")
    choose(ada.page, "Pin to the top")
    choose(ada.page, "Mute until I unmute it")
    choose(ada.page, "Unpin")
    choose(ada.page, "Unmute")
    choose(ada.page, "Pin to the top")
    expect(names(ada.page).first).to_have_text("Grace")
    expect(row(ada.page, "Grace")).to_contain_text("Pinned.")
    expect(row(ada.page, "Grace")).not_to_contain_text("Muted.")
    # Meanwhile another device chooses something else.
    choose(elsewhere, "Mute until I unmute it", "Alan")
    expect(row(elsewhere, "Grace")).not_to_contain_text("Pinned.")
    ada.context.set_offline(False)
    ada.is_live()
    for page in (ada.page, elsewhere):
        expect(row(page, "Grace")).to_contain_text("Pinned.")
        expect(row(page, "Grace")).not_to_contain_text("Muted.")
        expect(row(page, "Alan")).to_contain_text("Muted.")
    ada.page.reload()
    ada.is_live()
    expect(row(ada.page, "Grace")).to_contain_text("Pinned.")


def test_the_menu_marks_as_unread_and_as_read_and_is_reached_by_the_keyboard(crowd, device):
    ada, grace, _, _ = crowd
    elsewhere = device(ada)
    choose(ada.page, "Mark as read", "Grace")
    for page in (ada.page, elsewhere):
        expect(row(page, "Grace").locator(".badge")).to_have_count(0)
    row(ada.page, "Grace").focus()
    ada.page.keyboard.press("Shift+F10")
    menu = ada.page.get_by_role("menu", name="This conversation")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    ada.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Mark as unread")).to_be_focused()
    ada.page.keyboard.press("Enter")
    for page in (ada.page, elsewhere):
        expect(row(page, "Grace").locator(".badge")).to_have_text("1 unread")
    expect(row(ada.page, "Grace")).to_be_focused()
    ada.page.keyboard.press("Shift+F10")
    ada.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(row(ada.page, "Grace")).to_be_focused()


def test_the_list_is_the_same_without_a_script(crowd, browser, stack):
    ada, grace, alan, edsger = crowd
    change(ada, grace, pinned=True, muted=True)
    change(ada, alan, archived=True)
    context = browser.new_context(
        base_url=stack.gateways[0], storage_state=ada.context.storage_state(), java_script_enabled=False)
    page = context.new_page()
    page.goto("/chatwith")
    expect(names(page)).to_have_text(["Grace", "Edsger"])
    expect(row(page, "Grace")).to_contain_text("Pinned. Muted.")
    page.get_by_role("link", name="Archived").click()
    expect(names(page)).to_have_text(["Alan"])
    row(page, "Alan").click()
    expect(page.locator(".message .text")).to_have_text(["Hello from Alan"])
    context.close()


def test_what_earlier_versions_muted_in_one_browser_is_muted_everywhere(crowd, device):
    ada, grace, _, _ = crowd
    headers = {"origin": ada.address}
    opened = ada.context.request.post("/api/v1/conversations", data={"username": grace.name}, headers=headers)
    ada.page.evaluate(
        """(conversation) => {
            const user = document.getElementById("chat").dataset.user;
            localStorage.setItem(`martlet-notifications-${user}`, JSON.stringify({ levels: { [conversation]: "none" } }));
        }""",
        opened.json()["id"],
    )
    ada.page.reload()
    ada.is_live()
    expect(row(ada.page, "Grace")).to_contain_text("Muted.")
    elsewhere = device(ada)
    expect(row(elsewhere, "Grace")).to_contain_text("Muted.")
    choose(elsewhere, "Unmute", "Grace")
    expect(row(ada.page, "Grace")).not_to_contain_text("Muted.")
    ada.page.reload()
    ada.is_live()
    expect(row(ada.page, "Grace")).not_to_contain_text("Muted.")


def test_a_block_closes_the_conversation_to_both_until_it_is_lifted(crowd, device):
    ada, grace, _, _ = crowd
    elsewhere = device(ada)
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    ada.write("Hello back")
    expect(grace.messages()).to_have_text(["Hello from Grace", "Hello back"])
    choose(ada.page, "Block")
    closed = ada.page.locator(".composer-closed")
    expect(closed).to_contain_text("You blocked Grace.")
    expect(ada.page.locator("#text")).to_be_hidden()
    ada.message("Hello from Grace").locator(".bubble").hover()
    ada.page.locator(".action-bar [data-action=more]").click()
    expect(ada.page.locator(".popup [data-action=copy-text]")).to_be_visible()
    expect(ada.page.locator(".popup [data-action=reply]")).to_have_count(0)
    ada.page.keyboard.press("Escape")
    # Grace's page has not heard of it; what she writes is refused, and says why.
    grace.write("Are you there?")
    expect(grace.page.locator(".failure")).to_contain_text("This person does not take messages from you.")
    grace.page.reload()
    expect(grace.page.locator(".composer-closed")).to_contain_text("Ada does not take messages from you.")
    grace.is_live()
    expect(grace.page.locator(".composer-closed")).to_contain_text("Ada does not take messages from you.")
    expect(ada.messages()).to_have_text(["Hello from Grace", "Hello back"])
    # On every device of hers, and lifted from any.
    row(elsewhere, "Grace").click()
    expect(elsewhere.locator(".composer-closed")).to_contain_text("You blocked Grace.")
    elsewhere.get_by_role("button", name="Unblock").click()
    expect(elsewhere.locator("#text")).to_be_focused()
    expect(ada.page.locator("#text")).to_be_visible()
    ada.write("Here again")
    expect(ada.message("Here again").locator(".state")).to_have_text(re.compile("Sent|Delivered|Read"))
    grace.page.reload()
    grace.is_live()
    expect(grace.page.locator("#text")).to_be_visible()
    expect(grace.messages().last).to_contain_text("Are you there?")


def test_a_phone_has_the_menu_as_a_sheet(crowd, device):
    ada, grace, _, _ = crowd
    page = device(ada, **PHONE)
    row(page, "Grace").click()
    expect(page.locator(".message .text")).to_have_text(["Hello from Grace"])
    choose(page, "Mute for 1 hour")
    page.goto("/chatwith")
    expect(row(page, "Grace")).to_contain_text("Muted.")
    expect(row(ada.page, "Grace")).to_contain_text("Muted.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_violation_in_the_menu_and_the_marks(crowd, device, scheme, options):
    ada, grace, alan, edsger = crowd
    change(ada, grace, pinned=True, muted=True)
    change(ada, edsger, archived=True)
    page = device(ada, color_scheme=scheme, **options)
    expect(row(page, "Grace")).to_contain_text("Pinned. Muted.")
    found = {"list": violations(page)}
    row(page, "Alan").click(button="right")
    expect(page.get_by_role("menu", name="This conversation")).to_be_visible()
    found["menu"] = violations(page)
    page.get_by_role("menuitem", name="Archive", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    found["toast"] = violations(page)
    page.get_by_role("link", name="Archived").click()
    expect(names(page)).to_have_text(["Edsger", "Alan"])
    found["archive"] = violations(page)
    assert not any(found.values()), found
