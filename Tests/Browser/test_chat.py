"""Chatting between browsers, live."""

import re

from playwright.sync_api import expect

from waiting import wait_for


def test_a_message_appears_at_once_in_the_other_browser_on_another_gateway(person):
    ada, grace = person("ada"), person("grace", gateway=1)
    ada.chat_with(grace).is_live()
    grace.chat_with(ada).is_live()

    ada.write("Did the compiler run?")
    expect(grace.messages()).to_have_text(["Did the compiler run?"])
    grace.write("It did.")
    expect(ada.messages()).to_have_text(["Did the compiler run?", "It did."])


def test_a_message_goes_from_sent_over_delivered_to_read(person):
    ada, grace = person("ada"), person("grace", gateway=1)
    grace.page.goto("/chatwith")
    grace.is_live()
    ada.chat_with(grace).is_live()
    ada.write("Seen this?")
    state = ada.page.locator(".message .state")
    expect(state).to_have_attribute("data-state", "delivered")

    grace.page.locator("#conversation-list .item").first.click()
    expect(grace.messages()).to_have_text(["Seen this?"])
    expect(state).to_have_attribute("data-state", "read")


def test_unread_messages_are_counted_exactly_and_the_count_goes_when_they_are_read(person):
    ada, grace = person("ada"), person("grace")
    grace.page.goto("/chatwith")
    grace.is_live()
    ada.chat_with(grace).is_live()
    for number in range(1, 4):
        ada.write(f"Number {number}")
        expect(ada.messages()).to_have_count(number)
    badge = grace.page.locator("#conversation-list .badge")
    expect(badge).to_have_text(re.compile("^3"))
    expect(grace.page).to_have_title(re.compile(r"^\(3\) "))

    grace.page.reload()
    grace.is_live()
    expect(badge).to_have_text(re.compile("^3"))
    grace.page.locator("#conversation-list .item").first.click()
    expect(grace.page.locator(".new-divider")).to_be_visible()
    expect(badge).to_have_count(0)
    grace.page.reload()
    grace.is_live()
    expect(badge).to_have_count(0)


def test_two_tabs_of_one_browser_share_a_stream_and_show_the_same(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    second = ada.new_tab()
    second.goto(f"/chatwithme/{grace.name}")
    ada.is_live(second)
    grace.chat_with(ada).is_live()

    grace.write("To both of your tabs")
    expect(ada.messages()).to_have_text(["To both of your tabs"])
    expect(ada.messages(second)).to_have_text(["To both of your tabs"])
    # The tab that holds the stream goes away; the other one takes over.
    ada.page.close()
    grace.write("Still there?")
    expect(ada.messages(second)).to_have_text(["To both of your tabs", "Still there?"])


def test_older_messages_load_while_scrolling_up_without_moving_what_is_read(person, stack):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    conversation = ada.page.evaluate(
        """async (username) => {
            const answer = await fetch('/api/v1/conversations', {
                method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username }) });
            return (await answer.json()).id;
        }""",
        grace.name,
    )
    ada.page.evaluate(
        """async (id) => {
            for (let number = 1; number <= 130; number += 1) {
                for (;;) {
                    const answer = await fetch(`/api/v1/conversations/${id}/messages`, {
                        method: 'POST', headers: { 'content-type': 'application/json' },
                        body: JSON.stringify({ clientMessageId: number.toString(16).padStart(32, '0'), text: `Line ${number}` }) });
                    if (answer.ok) break;
                    await new Promise((done) => setTimeout(done, 250));
                }
            }
        }""",
        conversation,
    )
    ada.chat_with(grace).is_live()
    expect(ada.messages()).to_have_count(50)
    expect(ada.messages().last).to_have_text("Line 130")
    expect(ada.messages().last).to_be_in_viewport()

    held = []
    ada.page.route(re.compile(r"/messages\?.*before="), lambda route: held.append(route))
    line = ada.page.locator(".message .text", has_text=re.compile("^Line 90$"))
    before = ada.page.evaluate(
        """() => {
            document.getElementById('messages').scrollTop = 300;
            return [...document.querySelectorAll('.message .text')]
                .find((text) => text.textContent === 'Line 90').getBoundingClientRect().y;
        }"""
    )
    expect(ada.page.get_by_text("Loading earlier messages…")).to_be_attached()
    assert abs(line.bounding_box()["y"] - before) <= 1, "that more is being loaded must not move what is read"
    wait_for(ada.page, lambda: held, "more was to be asked for")
    held[0].continue_()
    ada.page.unroute(re.compile(r"/messages\?.*before="))
    expect(ada.messages()).to_have_count(100)
    assert abs(line.bounding_box()["y"] - before) <= 1, "what was loaded must not move what is read"

    for _ in range(3):
        ada.page.evaluate("document.getElementById('messages').scrollTop = 0")
        ada.page.wait_for_timeout(50)
    expect(ada.messages()).to_have_text([f"Line {number}" for number in range(1, 131)])
    expect(ada.page.get_by_text("The beginning of your conversation")).to_be_attached()


def test_a_user_who_does_not_exist_is_said_so(person):
    ada = person("ada")
    ada.page.goto("/chatwithme/nobody-of-this-name")
    expect(ada.page.get_by_role("heading", level=1)).to_be_attached()
    expect(ada.page.locator("body")).to_contain_text("nobody-of-this-name")


def test_people_are_found_while_typing(person):
    ada, grace = person("findme"), person("grace")
    grace.page.goto("/chatwith")
    grace.is_live()
    grace.page.get_by_role("searchbox", name="Search").fill(ada.name[:-1].upper())
    expect(grace.page.locator("#people-list .item", has_text=f"@{ada.name}")).to_be_visible()
    grace.page.get_by_role("searchbox", name="Search").fill("zzzz-nobody")
    expect(grace.page.locator("#no-people")).to_contain_text("zzzz-nobody")
    grace.page.get_by_role("searchbox", name="Search").fill(ada.name)
    grace.page.locator("#people-list .item").first.click()
    expect(grace.page).to_have_url(re.compile(f"/chatwithme/{ada.name}$"))
    expect(grace.page.locator("#conversation").get_by_role("heading")).to_have_text(ada.display_name)


def test_people_are_found_by_any_part_of_their_names_without_case_and_accents(person):
    grace, zoe = person("grace"), person("zoe", sign_up=False)
    zoe.display_name = f"Dr. Zoë Čapková {zoe.name}"
    zoe.sign_up()
    grace.page.goto("/chatwith")
    grace.is_live()
    people = grace.page.locator("#people-list .item")
    for text in [f"capkova {zoe.name}", f"ZOE ČAPKOVÁ {zoe.name}", zoe.name[1:]]:
        # What one search has found stays until the next one is answered.
        grace.page.get_by_role("searchbox", name="Search").fill("")
        expect(people).to_have_count(0)
        grace.page.get_by_role("searchbox", name="Search").fill(text)
        expect(people.filter(has_text=f"@{zoe.name}")).to_have_count(1)
        expect(people.first).to_contain_text("Zoë Čapková")
    grace.page.get_by_role("searchbox", name="Search").fill(f"nobody {zoe.name}")
    expect(grace.page.locator("#no-people")).to_have_text(f"Nobody was found by “nobody {zoe.name}”.")


def test_the_search_is_empty_again_once_somebody_is_chosen(person):
    ada, grace, linus = person("ada"), person("grace"), person("linus")
    grace.page.goto("/chatwith")
    grace.is_live()
    search, people = grace.page.get_by_role("searchbox", name="Search"), grace.page.locator("#people-list .item")
    search.fill(ada.name)
    expect(people).to_have_count(1)
    people.click()
    expect(grace.page).to_have_url(re.compile(f"/chatwithme/{ada.name}$"))
    expect(search).to_have_value("")
    expect(people).to_have_count(0)
    expect(grace.page.get_by_role("heading", name="People")).to_have_count(0)

    # With the keyboard as well; a choice for another tab is none for this one.
    search.fill(linus.name)
    expect(people).to_have_count(1)
    with grace.context.expect_page():
        people.click(modifiers=["ControlOrMeta"])
    expect(search).to_have_value(linus.name)
    people.press("Enter")
    expect(grace.page).to_have_url(re.compile(f"/chatwithme/{linus.name}$"))
    expect(search).to_have_value("")
    expect(grace.page.locator("#text")).to_be_focused()


def test_what_is_typed_while_a_conversation_opens_stays_in_its_field(person):
    ada, grace = person("ada"), person("grace")
    grace.page.goto("/chatwith")
    grace.is_live()
    search, people = grace.page.get_by_role("searchbox", name="Search"), grace.page.locator("#people-list .item")
    search.fill(ada.name)
    expect(people).to_have_count(1)

    def go_on_to_the_search(route):
        search.focus()
        route.continue_()

    grace.page.route("**/api/v1/conversations", go_on_to_the_search)
    people.click()
    expect(grace.page.locator("#text")).to_be_visible()
    grace.page.keyboard.type("x")
    expect(search).to_have_value("x")


def test_a_search_that_the_server_refused_is_tried_again(person):
    ada, grace = person("ada"), person("grace")
    grace.page.goto("/chatwith")
    grace.is_live()
    refused = []

    def refuse_once(route):
        if refused:
            return route.continue_()
        refused.append(route)
        return route.fulfill(status=503, headers={"retry-after": "1"}, json={"code": "busy", "title": "Busy"})

    grace.page.route(re.compile(r"/api/v1/users\?"), refuse_once)
    grace.page.get_by_role("searchbox", name="Search").fill(ada.name)
    expect(grace.page.locator("#people-list .item")).to_have_count(1)
    assert len(refused) == 1


def test_a_message_is_shown_as_text_and_never_as_html(person):
    ada, grace = person("ada"), person("grace")
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    text = "<img src=x onerror=alert(1)> & <b>bold</b> https://example.org/a?b=1&c=2."
    ada.write(text)
    expect(grace.messages()).to_have_text([text])
    expect(grace.page.locator(".message img, .message b")).to_have_count(0)
    expect(grace.page.locator(".message a")).to_have_attribute("href", "https://example.org/a?b=1&c=2")


def test_signing_out_in_one_tab_ends_the_session_everywhere(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    second = ada.new_tab()
    second.goto("/logout_chat")
    second.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(second).to_have_url(re.compile(r"/(signin)?$"))
    expect(ada.page).to_have_url(re.compile("/signin"))
