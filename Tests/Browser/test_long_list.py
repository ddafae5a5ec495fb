"""A list of thousands of conversations: few nodes, quick, and where it was when one comes back to it."""

import copy
import json
import re

import pytest
from playwright.sync_api import expect

from looks import PHONE
from waiting import wait_for_value

MOST_NODES = 1_500


def many(person, count, **options):
    """Somebody whose page is handed that many conversations, all of them read, with people who need not exist."""
    ada, grace = person("ada", **options), person("grace")
    grace.say(ada, "Hello")

    def with_many(route):
        answer = route.fetch()
        found = re.search(r'(id="page-state">)([^<]*)', answer.text())
        state = json.loads(found[2])
        [conversation] = state["list"]["conversations"]
        me = next(each for each in conversation["members"] if each["user"] not in state["list"]["users"])
        me["received"] = me["read"] = conversation["head"]
        conversation["unread"] = 0
        [user] = state["list"]["users"].values()
        for number in range(1, count):
            id = f"{number:032x}"
            each = copy.deepcopy(conversation)
            each["id"] = id
            each["lastMessage"] |= {"conversation": id, "text": f"Text {number}", "sender": id,
                                    "sentAt": f"2025-01-01T{(count - number) // 3600 % 24:02}:{(count - number) // 60 % 60:02}:"
                                              f"{(count - number) % 60:02}.000Z"}
            for member in each["members"]:
                if member["user"] == user["id"]:
                    member["user"] = id
            state["list"]["conversations"].append(each)
            state["list"]["users"][id] = user | {"id": id, "username": f"person{number}", "displayName": f"Person {number}"}
        text = answer.text().replace(found[0], found[1] + json.dumps(state).replace("<", "\\u003c"))
        route.fulfill(response=answer, body=text)

    empty = {"messages": [], "head": 1, "hasOlder": False, "hasNewer": False}
    ada.page.route(re.compile(r"/chatwith(me/\w+)?$"), with_many)
    ada.page.route(re.compile(r"/api/v1/conversations/0{20}\w+/messages"), lambda route: route.fulfill(json=empty))
    ada.page.goto("/chatwith")
    return ada.is_live()


def rows(someone):
    return someone.page.locator("#conversation-list .item")


def nodes(someone):
    return someone.page.evaluate("document.querySelectorAll('*').length")


def test_ten_thousand_conversations_take_few_nodes_and_all_can_be_reached(person):
    ada = many(person, 10_000)
    page = ada.page
    expect(rows(ada).first).to_contain_text("Hello")
    expect(page.locator("#conversation-list li").first).to_have_attribute("aria-setsize", "10000")
    assert nodes(ada) < MOST_NODES
    page.locator("#lists").evaluate("each => { each.scrollTop = each.scrollHeight / 2; }")
    expect(rows(ada).filter(has_text="Person 5000")).to_be_in_viewport()
    assert nodes(ada) < MOST_NODES
    rows(ada).first.focus()
    page.keyboard.press("End")
    expect(rows(ada).filter(has_text="Person 9999")).to_be_focused()
    expect(page.locator("#conversation-list li").last).to_have_attribute("aria-posinset", "10000")
    page.keyboard.press("ArrowUp")
    expect(rows(ada).filter(has_text="Person 9998")).to_be_focused()
    page.keyboard.press("Home")
    expect(rows(ada).first).to_be_focused()
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    expect(rows(ada).filter(has_text="Person 60")).to_be_focused()
    assert nodes(ada) < MOST_NODES

    search = page.get_by_role("searchbox", name="Search")
    search.fill("person 777")
    expect(rows(ada).filter(has_text="Person 7777")).to_be_visible()
    expect(rows(ada)).to_have_count(19)
    search.fill("")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("person 4321")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/chatwithme/person4321$"))
    # What is opened from elsewhere is brought into sight.
    expect(rows(ada).filter(has_text="Person 4321")).to_be_in_viewport()
    expect(rows(ada).filter(has_text="Person 4321")).to_have_attribute("aria-current", "page")
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(re.compile("/chatwithme/person4322$"))


@pytest.mark.alone
def test_a_key_in_the_search_and_a_row_that_moves_take_a_moment_in_a_long_list(person):
    ada = many(person, 10_000)
    search = ada.page.get_by_role("searchbox", name="Search")
    search.fill("p")
    taken = ada.page.evaluate("""async () => {
        const field = document.getElementById('search');
        const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        const times = [];
        for (const text of ['pe', 'per', 'pers', 'perso', 'person', 'person 1', 'person 12', 'person 123']) {
            field.value = text;
            const before = performance.now();
            field.dispatchEvent(new Event('input', { bubbles: true }));
            await frame();
            times.push(performance.now() - before);
        }
        return times.sort((one, other) => one - other);
    }""")
    print(taken)
    assert taken[len(taken) // 2] < 250, taken


@pytest.mark.parametrize("device", ["wide", "phone"])
def test_coming_back_to_the_list_keeps_the_place_in_it(person, device):
    ada = many(person, 600, **(PHONE if device == "phone" else {}))
    page = ada.page
    place = "document.getElementById('lists').scrollTop"
    page.locator("#lists").evaluate("each => { each.scrollTop = 9_000; }")
    # In the middle of what is in sight then.
    username = "person129" if device == "phone" else "person145"
    row = ada.page.locator(f"#conversation-list a[href='/chatwithme/{username}']")
    expect(row).to_be_visible()
    row.click()
    expect(page).to_have_url(re.compile(f"/chatwithme/{username}$"))
    if device == "phone":
        expect(page.locator("#sidebar")).not_to_be_visible()
        page.go_back()
    expect(row).to_be_in_viewport()
    wait_for_value(page, place, 9_000)
    # So does a search, and loading the page again.
    search = page.get_by_role("searchbox", name="Search")
    search.fill("person 1")
    expect(rows(ada).first).to_contain_text("Person 1")
    wait_for_value(page, place, 0)
    search.fill("")
    expect(row).to_be_in_viewport()
    wait_for_value(page, place, 9_000)
    page.reload()
    ada.is_live()
    expect(row).to_be_in_viewport()
