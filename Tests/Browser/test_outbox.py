"""What was written is kept and sent, whatever happens to the page or to the server."""

import re

from playwright.sync_api import expect


def test_a_message_written_offline_survives_a_closed_browser_tab_and_is_sent_once(person):
    ada, grace = person("ada"), person("grace")
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()

    # The server cannot be reached for sending, but the page can be loaded again: a reload in the middle of trouble. In the
    # page itself, because a request that the driver holds up is let go on when its tab closes.
    ada.context.add_init_script("""
        window.isCutOff = true;
        const passOn = window.fetch.bind(window);
        window.fetch = (address, options) =>
            window.isCutOff && options?.method === "POST" && String(address?.url ?? address).endsWith("/messages")
                ? Promise.reject(new TypeError("cut off")) : passOn(address, options);
    """)
    ada.page.reload()
    ada.is_live()
    ada.write("Written on a train")
    ada.write("In a tunnel")
    # Not "Saving" any more: from here on it is on disk.
    expect(ada.page.locator(".message .state")).to_have_text([re.compile("Queued|Waiting")] * 2)

    ada.page.close()
    ada.page = ada.new_tab()
    ada.chat_with(grace)
    expect(ada.messages()).to_have_text(["Written on a train", "In a tunnel"])
    expect(grace.messages()).to_have_count(0)

    ada.page.evaluate("window.isCutOff = false")
    expect(grace.messages()).to_have_text(["Written on a train", "In a tunnel"], timeout=40_000)
    expect(ada.page.locator(".message .state").last).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    ada.page.reload()
    expect(ada.messages()).to_have_text(["Written on a train", "In a tunnel"])


def test_a_message_is_called_queued_only_once_it_is_on_disk_and_the_page_asks_before_it_closes_until_then(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    # The disk takes its time: the outbox hears of its commits when the test says so.
    ada.context.add_init_script("""
        const commits = [];
        window.finishCommits = () => { for (const commit of commits.splice(0)) commit(); };
        Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
            set(listener) { this.addEventListener("complete", (event) => commits.push(() => listener(event))); },
        });
    """)
    ada.context.route(re.compile(r"/api/v1/conversations/\w+/messages$"), lambda route: route.abort()
                      if route.request.method == "POST" else route.continue_())
    ada.page.reload()
    ada.is_live()
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    ada.page.on("dialog", stay)
    ada.write("Is this kept?")
    state = ada.page.locator(".message .state")
    expect(state).to_have_text("Saving")
    ada.page.evaluate("location.reload()")
    expect(state).to_have_text("Saving")
    assert asked == ["beforeunload"]

    ada.page.evaluate("finishCommits()")
    expect(state).to_have_text(re.compile("Queued|Waiting"))
    ada.page.reload()
    expect(ada.messages()).to_have_text(["Is this kept?"])
    assert asked == ["beforeunload"]


def test_a_lost_answer_does_not_double_the_message(person):
    ada, grace = person("ada"), person("grace")
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    lost = []

    def lose_the_first_answer(route):
        if route.request.method != "POST" or len(lost) >= 2:
            return route.continue_()
        route.fetch()
        lost.append(route.request.post_data_json["clientMessageId"])
        return route.abort()

    ada.context.route(re.compile(r"/api/v1/conversations/\w+/messages$"), lose_the_first_answer)
    ada.write("Exactly once")
    expect(ada.page.locator(".message .state")).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    ada.write("And after it")
    expect(grace.messages()).to_have_text(["Exactly once", "And after it"])
    expect(ada.messages()).to_have_text(["Exactly once", "And after it"])
    assert len(lost) >= 1


def test_a_killed_gateway_costs_nothing_but_a_moment(person, stack):
    ada, grace = person("ada"), person("grace", gateway=1)
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    ada.write("Before")
    expect(grace.messages()).to_have_text(["Before"])

    stack.kill_gateway(0)
    ada.write("Meanwhile")
    grace.write("I wrote while you were away")

    stack.wait_until_ready()
    expect(grace.messages()).to_have_count(3, timeout=60_000)
    ada.is_live()
    expect(ada.messages()).to_have_count(3)
    # Which of the two was first is for the server to say, and both show the same.
    assert sorted(ada.messages().all_text_contents()[1:]) == ["I wrote while you were away", "Meanwhile"]
    assert ada.messages().all_text_contents() == grace.messages().all_text_contents()


def test_a_phone_says_above_the_conversation_that_it_is_offline(person, stack):
    ada = person("ada", viewport={"width": 390, "height": 844})
    grace = person("grace", gateway=1)
    ada.chat_with(grace)
    line = ada.page.locator("#conversation .freshness")
    expect(line).to_have_attribute("data-state", "live")
    expect(line).not_to_be_visible()
    ada.context.set_offline(True)
    expect(line).to_be_visible()
    expect(line).to_contain_text("Offline")
    ada.context.set_offline(False)
    expect(line).to_have_attribute("data-state", "live", timeout=40_000)
    expect(line).not_to_be_visible()


def test_a_refused_message_is_kept_with_the_reason_and_can_be_edited(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    ada.context.route(re.compile(r"/api/v1/conversations/\w+/messages$"), lambda route: route.fulfill(
        status=422, content_type="application/problem+json",
        body='{"code":"invalid","detail":"This is refused.","status":422}')
        if route.request.method == "POST" else route.continue_())
    ada.write("Refuse me")
    expect(ada.page.locator(".failure")).to_contain_text("This is refused.")
    ada.page.reload()
    expect(ada.page.locator(".failure")).to_contain_text("This is refused.")
    ada.page.get_by_role("button", name="Edit").click()
    expect(ada.page.locator("#text")).to_have_value("Refuse me")
    expect(ada.page.locator(".failure")).to_have_count(0)


def test_an_unfinished_text_is_still_there_after_a_reload(person):
    ada, grace = person("ada"), person("grace")
    ada.chat_with(grace).is_live()
    ada.page.locator("#text").fill("Half a thou")
    ada.keeps_draft("Half a thou")
    ada.page.reload()
    ada.is_live()
    expect(ada.page.locator("#text")).to_have_value("Half a thou")
