"""Groups: making one, writing in it, and coming and going, live in four browsers on two gateways."""

import re

import pytest
from playwright.sync_api import expect

from groups import add, make_group
from looks import PHONE, settle, violations


@pytest.fixture
def crowd(person):
    """Ada and Alan on one gateway, Grace and Edsger on the other."""
    people = [person(name, gateway=index % 2) for index, name in enumerate(("ada", "grace", "alan", "edsger"))]
    for each in people:
        each.page.goto("/chatwith")
        each.is_live()
    return people


def row(page, name):
    return page.locator("#conversation-list .item", has_text=name)


def lines(page):
    return page.locator("#message-list .system")


def open_info(page):
    page.get_by_role("button", name="Conversation menu").click()
    page.get_by_role("menuitem", name="Group info").click()
    dialog = page.get_by_role("dialog", name="Group info")
    expect(dialog.locator(".member").first).to_be_visible()
    return dialog


def test_a_group_is_made_and_heard_of_and_written_in_by_everybody(crowd):
    ada, grace, alan, edsger = crowd
    path = make_group(ada, "Nest box survey", [grace, alan])
    expect(lines(ada.page)).to_have_text(["You made the group"])
    ada.write("Hello everybody")
    for other in (grace, alan):
        expect(row(other.page, "Nest box survey")).to_contain_text("Ada: Hello everybody")
        expect(row(other.page, "Nest box survey").locator(".badge")).to_have_text("1 unread")
        expect(other.page).to_have_title("(1) Chats · Martlet")
    row(grace.page, "Nest box survey").click()
    expect(grace.page).to_have_url(re.compile(path + "$"))
    expect(lines(grace.page)).to_have_text(["Ada made the group"])
    expect(grace.page.locator(".conversation-head p")).to_have_text("3 members")
    grace.write("Hello Ada")
    for each in (ada, alan):
        expect(row(each.page, "Nest box survey")).to_contain_text("Grace: Hello Ada")
    message = ada.message("Hello Ada")
    expect(message.locator(".speaker")).to_have_text("Grace")
    expect(message.locator(".avatar")).to_be_visible()
    ada.act("Hello Ada", "reply")
    ada.write("Hello Grace")
    expect(grace.message("Hello Grace").locator(".quote")).to_contain_text("Hello Ada")
    expect(row(edsger.page, "Nest box survey")).to_have_count(0)
    # The server's page shows the same.
    alan.page.goto(path)
    expect(lines(alan.page)).to_have_text(["Ada made the group"])
    expect(alan.page.locator(".message .speaker:visible")).to_have_text(["Ada", "Grace", "Ada"])


def test_people_are_added_and_removed_live_and_come_back(crowd):
    ada, grace, alan, edsger = crowd
    path = make_group(ada, "Swift night", [grace, alan])
    ada.write("Before")
    row(grace.page, "Swift night").click()
    expect(grace.message("Before")).to_be_visible()
    info = open_info(ada.page)
    expect(info.locator(".member .item-name")).to_have_text(["Ada (you)", "Alan", "Grace"])
    info.get_by_role("button", name="Change Grace").click()
    ada.page.get_by_role("menuitem", name="Remove from the group").click()
    expect(info.locator(".member .item-name")).to_have_text(["Ada (you)", "Alan"])
    expect(grace.page.get_by_text("You are not a member of this group any more.")).to_be_visible()
    expect(grace.page.locator("#composer")).to_be_hidden()

    add(ada.page, edsger)
    expect(info.locator(".member .item-name")).to_have_text(["Ada (you)", "Alan", "Edsger"])
    ada.page.keyboard.press("Escape")
    expect(lines(ada.page)).to_have_text(["You made the group", "You removed Grace", "You added Edsger"])
    ada.write("Without Grace")
    row(edsger.page, "Swift night").click()
    expect(edsger.message("Without Grace")).to_be_visible()
    expect(lines(edsger.page)).to_have_text(["Ada added you"])
    expect(edsger.message("Before")).to_have_count(0)
    expect(grace.message("Without Grace")).to_have_count(0)
    grace.page.goto(path)
    expect(grace.page.get_by_role("heading", name="There is no such group")).to_be_visible()

    info = open_info(ada.page)
    add(ada.page, grace)
    expect(row(grace.page, "Swift night")).to_be_visible()
    row(grace.page, "Swift night").click()
    expect(lines(grace.page)).to_have_text(["Ada added you"])


def test_roles_names_and_leaving(crowd):
    ada, grace, alan, _ = crowd
    make_group(ada, "Kitchen", [grace, alan])
    row(grace.page, "Kitchen").click()
    info = open_info(ada.page)
    info.get_by_role("button", name="Leave").click()
    info.get_by_role("button", name="Leave group").click()
    expect(info.get_by_role("alert")).to_contain_text("You are the only owner.")
    info.get_by_role("button", name="Change", exact=True).click()
    settings = ada.page.get_by_role("dialog", name="Change the group")
    settings.get_by_label("Name").fill("Kitchen table")
    settings.get_by_label("Description").fill("Who cooks?")
    settings.get_by_role("button", name="Save").click()
    expect(info.get_by_role("heading", name="Kitchen table")).to_be_visible()
    expect(info.get_by_text("Who cooks?")).to_be_visible()
    expect(grace.page.locator(".conversation-head h2")).to_have_text("Kitchen table")
    expect(grace.page.locator(".conversation-head p")).to_have_text("3 members · Who cooks?")
    theirs = open_info(grace.page)
    expect(theirs.get_by_role("button", name="Add people")).to_have_count(0)
    info.get_by_role("button", name="Change Grace").click()
    ada.page.get_by_role("menuitem", name="Make an owner").click()
    expect(info.locator(".member", has_text="Grace").locator(".tag")).to_have_text("Owner")
    expect(theirs.get_by_role("button", name="Add people")).to_be_visible()
    info.get_by_role("button", name="Leave", exact=True).click()
    info.get_by_role("button", name="Leave group").click()
    expect(info).to_have_count(0)
    expect(ada.page.get_by_text("You are not a member of this group any more.")).to_be_visible()
    expect(theirs.locator(".member .item-name")).to_have_text(["Grace (you)", "Alan"])
    grace.page.keyboard.press("Escape")
    expect(lines(grace.page)).to_have_text([
        "Ada made the group", "Ada renamed the group to “Kitchen table”", "Ada made you an owner", "Ada left"])


def test_the_author_sees_who_has_read_a_message(crowd):
    ada, grace, alan, _ = crowd
    make_group(ada, "Readers", [grace, alan])
    ada.write("Who reads this?")
    is_reading = lambda response: response.url.endswith("/position") and '"read"' in (response.request.post_data or "")
    with grace.page.expect_response(is_reading):
        row(grace.page, "Readers").click()
    ada.act("Who reads this?", "readers")
    dialog = ada.page.get_by_role("dialog", name="Read by")
    expect(dialog.get_by_role("status")).to_have_text("1 of 2 have read it. 1 has not read it yet.")
    expect(dialog.locator(".member .item-name")).to_have_text(["Grace"])
    expect(dialog.locator(".member .item-preview")).to_have_text([f"@{grace.name}"])
    assert not violations(ada.page)
    # Of messages of others it is not said.
    grace.message("Who reads this?").hover()
    grace.page.locator(".message-more").last.evaluate("each => each.click()")
    expect(grace.page.locator(".popup [data-action=reply]")).to_be_visible()
    expect(grace.page.locator(".popup [data-action=readers]")).to_have_count(0)


def test_a_link_invites_and_is_withdrawn(crowd):
    ada, grace, alan, edsger = crowd
    make_group(ada, "Ringing crew", [grace])
    dialog = open_info(ada.page)
    dialog.get_by_role("button", name="Invite by link").click()
    inviting = ada.page.get_by_role("dialog", name="Invite by link")
    expect(inviting.get_by_text("There is no link yet.")).to_be_visible()
    inviting.get_by_label("Expires after").select_option("1 day")
    inviting.get_by_label("People who can use it").select_option("5")
    inviting.get_by_role("button", name="New link").click()
    entry = inviting.locator(".invitation")
    expect(entry).to_contain_text("By you · 0 of 5 joined · expires in 24 hours")
    expect(inviting.get_by_role("status")).to_have_text("Link copied")
    link = entry.get_by_role("textbox").input_value()
    alan.page.goto(link.replace(link.split("/join/")[0], alan.page.url.split("/chatwith")[0]))
    expect(alan.page.get_by_role("heading", name="Join Ringing crew?")).to_be_visible()
    assert not violations(alan.page)
    alan.page.get_by_role("button", name="Join group").click()
    expect(alan.page.locator(".conversation-head h2")).to_have_text("Ringing crew")
    expect(lines(grace.page)).to_have_count(0)
    expect(row(grace.page, "Ringing crew")).to_contain_text("Alan joined by an invitation")
    alan.write("Found it")
    expect(row(grace.page, "Ringing crew")).to_contain_text("Alan: Found it")
    inviting.get_by_role("button", name="Close").last.click()
    expect(dialog.locator(".member")).to_have_count(3)
    dialog.get_by_role("button", name="Invite by link").click()
    expect(entry).to_contain_text("1 of 5 joined")
    assert not violations(ada.page)
    entry.get_by_role("button", name=re.compile("^Withdraw")).click()
    expect(entry).to_have_count(0)
    edsger.page.goto(link.replace(link.split("/join/")[0], edsger.page.url.split("/chatwith")[0]))
    expect(edsger.page.get_by_role("heading", name="This invitation does not work")).to_be_visible()
    expect(edsger.page.get_by_role("alert")).to_contain_text("withdrawn")
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Escape")
    expect(lines(ada.page)).to_have_text(
        ["You made the group", "You made an invitation", "Alan joined by an invitation", "You withdrew an invitation"])


def test_a_removal_and_a_return_while_nobody_was_here_are_caught_up_with(crowd):
    ada, grace, alan, _ = crowd
    make_group(ada, "Far away", [grace, alan])
    ada.write("First")
    row(grace.page, "Far away").click()
    expect(grace.message("First")).to_be_visible()
    grace.context.set_offline(True)
    info = open_info(ada.page)
    info.get_by_role("button", name="Change Grace").click()
    ada.page.get_by_role("menuitem", name="Remove from the group").click()
    expect(info.locator(".member")).to_have_count(2)
    ada.page.keyboard.press("Escape")
    ada.write("Not for Grace")
    grace.context.set_offline(False)
    expect(grace.page.get_by_text("You are not a member of this group any more.")).to_be_visible(timeout=20_000)
    expect(grace.message("Not for Grace")).to_have_count(0)
    grace.context.set_offline(True)
    info = open_info(ada.page)
    add(ada.page, grace)
    expect(info.locator(".member")).to_have_count(3)
    ada.page.keyboard.press("Escape")
    ada.write("Welcome back")
    grace.context.set_offline(False)
    expect(row(grace.page, "Far away")).to_contain_text("Welcome back", timeout=20_000)
    row(grace.page, "Far away").click()
    expect(grace.message("Welcome back")).to_be_visible()
    expect(grace.message("First")).to_have_count(0)
    expect(grace.message("Not for Grace")).to_have_count(0)


def test_without_javascript_a_group_is_read_and_written_in(person, browser, stack):
    ada, grace = person("ada"), person("grace", gateway=1)
    for each in (ada, grace):
        each.page.goto("/chatwith")
        each.is_live()
    path = make_group(ada, "Plain", [grace])
    ada.write("Hello")
    context = browser.new_context(
        base_url=stack.gateways[1], storage_state=grace.context.storage_state(), java_script_enabled=False)
    page = context.new_page()
    page.goto("/chatwith")
    page.get_by_role("link", name=re.compile("Plain")).click()
    expect(page).to_have_url(re.compile(path))
    expect(page.locator(".system")).to_have_text("Ada made the group")
    page.get_by_role("button", name="Mark as read").click()
    page.get_by_label("Message to Plain").fill("Hello Ada")
    page.get_by_role("button", name="Send Message").click()
    expect(ada.message("Hello Ada").locator(".speaker")).to_have_text("Grace")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE["viewport"]], ids=["wide", "phone"])
def test_groups_and_their_dialogs_have_no_violations(crowd, viewport, scheme):
    ada, grace, alan, _ = crowd
    make_group(ada, "Looks", [grace, alan])
    ada.write("Hello")
    row(grace.page, "Looks").click()
    grace.write("Hello Ada")
    expect(ada.message("Hello Ada")).to_be_visible()
    page = ada.page
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    settle(page)
    assert violations(page) == []
    info = open_info(page)
    settle(page)
    assert violations(page) == []
    info.get_by_role("button", name="Add people").click()
    expect(page.get_by_role("dialog", name="Add people").get_by_role("checkbox").first).to_be_visible()
    settle(page)
    assert violations(page) == []


def test_what_a_blocked_person_writes_in_a_group_is_folded(crowd, browser):
    ada, grace, alan, _ = crowd
    path = make_group(ada, "Nest box survey", [grace, alan])
    grace.say(ada, "Hello Ada")
    ada.chat_with(grace).is_live()
    ada.page.get_by_role("button", name="Conversation menu").click()
    ada.page.get_by_role("menuitem", name="Block").click()
    expect(ada.page.get_by_text("You blocked").first).to_be_visible()
    row(grace.page, "Nest box survey").click()
    grace.write("rude words")
    item = row(ada.page, "Nest box survey")
    expect(item).to_contain_text("Message from somebody you blocked")
    expect(item).not_to_contain_text("rude")
    item.click()
    message = ada.page.locator(".message", has=ada.page.locator("details.folded"))
    expect(message.locator("summary")).to_have_text("Message from somebody you blocked")
    expect(message.locator(".text")).to_be_hidden()
    message.locator("summary").click()
    expect(message.locator(".text")).to_have_text("rude words")
    row(alan.page, "Nest box survey").click()
    expect(alan.message("rude words")).to_be_visible()
    # It stays open when something about it changes.
    alan.message("rude words").locator(".bubble").hover()
    alan.message("rude words").locator(".action-bar [data-emoji]").first.click()
    expect(message.locator(".reaction").first).to_be_visible()
    expect(message.locator(".text")).to_be_visible()
    # Without a script as well.
    context = browser.new_context(
        base_url=ada.address, java_script_enabled=False,
        storage_state={"cookies": ada.context.storage_state()["cookies"], "origins": []})
    page = context.new_page()
    page.goto(path)
    expect(page.locator("details.folded .text")).to_be_hidden()
    page.locator("details.folded summary").click()
    expect(page.locator("details.folded .text")).to_have_text("rude words")
    context.close()


def test_a_group_is_left_without_a_connection_and_once(crowd):
    ada, grace, alan, _ = crowd
    make_group(ada, "Kitchen", [grace, alan])
    row(grace.page, "Kitchen").click()
    info = open_info(grace.page)
    grace.context.set_offline(True)
    expect(grace.page.locator("#freshness").first).to_have_attribute("data-state", "offline", timeout=20_000)
    info.get_by_role("button", name="Leave", exact=True).click()
    info.get_by_role("button", name="Leave group").click()
    expect(info).to_have_count(0)
    expect(grace.page.get_by_text("You are not a member of this group any more.")).to_be_visible()
    grace.page.locator(".brand").click()
    expect(row(grace.page, "Kitchen")).to_have_count(0)
    expect(lines(ada.page)).to_have_text(["You made the group"])
    grace.context.set_offline(False)
    expect(lines(ada.page)).to_have_text(["You made the group", "Grace left"], timeout=20_000)
    expect(ada.page.locator(".conversation-head p")).to_have_text("2 members")


def test_contact_info_shows_the_groups_in_common_and_no_others(crowd):
    ada, grace, alan, edsger = crowd
    make_group(ada, "Nest box survey", [grace, alan])
    make_group(ada, "Without Grace", [alan])
    make_group(grace, "Without Ada", [alan])
    ada.chat_with(grace).is_live()
    ada.page.get_by_role("button", name="Conversation menu").click()
    ada.page.get_by_role("menuitem", name="Contact info").click()
    dialog = ada.page.get_by_role("dialog", name="Contact info")
    expect(dialog.get_by_text(f"@{grace.name}")).to_be_visible()
    groups = dialog.get_by_role("list", name="Groups in common").get_by_role("link")
    expect(groups).to_have_text([re.compile("Nest box survey")])
    assert not violations(ada.page)
    groups.click()
    expect(dialog).to_have_count(0)
    expect(ada.page.locator(".conversation-head h2")).to_have_text("Nest box survey")
    ada.chat_with(edsger).is_live()
    ada.page.get_by_role("button", name="Conversation menu").click()
    ada.page.get_by_role("menuitem", name="Contact info").click()
    expect(dialog.get_by_text("You are in no group together.")).to_be_visible()
