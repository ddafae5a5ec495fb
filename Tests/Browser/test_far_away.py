"""A message far up in a long conversation: it is reached in one leap, with what is around it, and the way back is open."""

import re

import pytest
from playwright.sync_api import expect

from conftest import Person
from waiting import wait_for

# More than what is loaded on the way to a message instead of leaping.
LAST = 470


@pytest.fixture(scope="module")
def far(stack, browser):
    """Ada and Grace, and the address under which Ada's first message of many is shown. So many are written once for all."""
    people = [Person(stack, browser, "ada"), Person(stack, browser, "grace", gateway=1)]
    ada, grace = (someone.sign_up() for someone in people)
    ada.say(grace, *[f"Line {number}" for number in range(1, LAST + 1)])
    listed = ada.context.request.get("/api/v1/conversations").json()["conversations"]
    conversation = listed[0]["id"]
    answer = grace.context.request.put(
        f"/api/v1/conversations/{conversation}/position", data={"received": LAST, "read": LAST}, headers={"origin": grace.address})
    assert answer.ok, answer.text()
    yield ada, grace, f"/c/{conversation}#m1"
    for someone in people:
        someone.context.close()


@pytest.fixture(autouse=True)
def nothing_is_wrong(far):
    yield
    assert not [complaint for someone in far[:2] for complaint in someone.complaints]


def asked(someone):
    """Notes which pages of the history are asked for."""
    noted = []
    someone.page.on("request", lambda request: noted.append(request.url) if re.search(r"/messages\?", request.url) else None)
    return noted


def shown(someone):
    return someone.page.locator(".message[data-seq]").evaluate_all("all => all.map((each) => Number(each.dataset.seq))")


def test_a_link_to_the_first_of_many_leaps_there_and_back(far):
    ada, grace, link = far
    ada.chat_with(grace).is_live()
    pages = asked(grace)
    grace.page.goto(link)
    first = grace.message("Line 1")
    expect(first).to_be_in_viewport()
    grace.is_live()
    assert len(pages) <= 2, pages
    # One look: what is below it may still be loading.
    numbers = shown(grace)
    assert numbers == list(range(1, numbers[-1] + 1)) and numbers[-1] < 200

    # What happens meanwhile is not put below what is shown, and what is shown stays true.
    grace.is_live()
    ada.say(grace, "News")
    ada.context.request.patch(
        f"/api/v1/conversations/{link[3:35]}/messages/2", data={"text": "Line two", "rev": 2}, headers={"origin": ada.address})
    expect(grace.message("Line two")).to_be_visible()
    assert shown(grace)[-1] < 200
    expect(first).to_be_in_viewport()

    grace.page.get_by_role("button", name="Jump to newest").click()
    expect(grace.message("News")).to_be_in_viewport()
    expect(grace.page.get_by_role("button", name="Jump to newest")).to_be_hidden()
    assert shown(grace)[-2:] == [LAST, LAST + 1]


def test_the_way_down_from_a_leap_loads_everything_in_between(far):
    _, grace, link = far
    [newest] = grace.context.request.get(f"/api/v1/conversations/{link[3:35]}/messages?limit=1").json()["messages"]
    grace.page.goto(link)
    # Only the script's list has the button that says whether this is the end.
    grace.is_live()
    expect(grace.message("Line 1")).to_be_in_viewport()
    seen = set(shown(grace))

    def goes_on_to_the_end():
        grace.page.locator("#messages").evaluate("each => { each.scrollTop += 900; }")
        # Before the look at what is shown, which may grow in between.
        is_end = grace.page.get_by_role("button", name="Jump to newest").is_hidden()
        numbers = shown(grace)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "there is a gap"
        seen.update(numbers)
        return is_end

    wait_for(grace.page, goes_on_to_the_end, "the end was to be reached", limit=60_000)
    assert seen == set(range(1, newest["seq"] + 1))
    expect(grace.page.locator(".message .text").last).to_have_text(newest["text"])


def test_whoever_writes_far_up_is_led_to_what_they_wrote(far):
    ada, grace, link = far
    ada.chat_with(grace).is_live()
    grace.page.goto(link)
    grace.is_live()
    expect(grace.message("Line 1")).to_be_in_viewport()
    grace.write("From far up")
    expect(grace.message("From far up")).to_be_in_viewport()
    expect(grace.message("From far up").locator("[data-state=sent], [data-state=delivered], [data-state=read]")).to_have_count(1)
    expect(ada.message("From far up")).to_be_visible()
    expect(grace.message(f"Line {LAST}")).to_be_attached()


def test_a_leap_counts_nothing_as_read_that_was_not_seen(far):
    ada, grace, link = far
    ada.chat_with(grace).is_live()
    grace.page.goto("/chatwith")
    grace.is_live()
    expect(grace.page.locator(".item .badge")).to_have_count(0)
    ada.say(grace, "First news", "Second news")
    expect(grace.page.locator(".item .badge")).to_have_text(re.compile("^2"))
    grace.page.goto(link)
    expect(grace.message("Line 1")).to_be_in_viewport()
    grace.is_live()
    # Longer than a page waits before it tells what was read.
    grace.page.wait_for_timeout(1_000)
    expect(grace.page.locator(".item .badge")).to_have_text(re.compile("^2"))
    expect(ada.message("Second news").locator("[data-state=delivered]")).to_have_count(1)
    grace.page.get_by_role("button", name="Jump to newest").click()
    expect(grace.message("Second news")).to_be_in_viewport()
    expect(grace.page.locator(".item .badge")).to_have_count(0)
