"""How a conversation is drawn: runs, proportions, places, and that nothing moves."""

import re

import pytest
from playwright.sync_api import expect

from looks import PHONE
from waiting import wait_for, wait_for_frames, wait_for_value

WIDE = {"viewport": {"width": 1280, "height": 800}}
#: Where every part of the list stands, how it looks and what of it is seen.
DRAWN = """() => [...document.querySelectorAll("#message-list > li")].map((item) => {
    const box = (part) => {
        const { x, y, width, height } = part.getBoundingClientRect();
        return width > 1 ? [x, y, width, height].map((each) => Math.round(each * 2) / 2) : null;
    };
    const parts = [".bubble", ".text", "time", ".state", ".edited", ".quote", ".reactions"];
    return {
        id: item.id, looks: item.className.replace(" passed", ""), text: item.innerText.replaceAll(/\\s+/g, " ").trim(),
        boxes: Object.fromEntries(parts.map((part) => [part, item.querySelector(part)])
            .map(([part, found]) => [part, found && box(found)])),
    };
})"""


def send_in_runs(one, other):
    """A conversation in which everything occurs that changes how messages look beside each other."""
    one.say(other, "A first line", "and a second one of the same run", "👍", "👍 🎉")
    other.say(one, "An answer that is long enough to need more than one line of a bubble on every screen, because it goes on "
              "and on without ever coming to the point", "x", "שלום, מה נשמע?")
    one.say(other, "Number eight", "y" * 300)


@pytest.mark.parametrize("device", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_script_draws_what_the_server_drew_and_nothing_moves(person, device):
    ada, grace = person("ada", timezone_id="UTC", **device), person("grace")
    # Without a page nothing is delivered meanwhile.
    grace.page.goto("about:blank")
    send_in_runs(ada, grace)
    ada.chat_with(grace).is_live()
    for text, action in [("An answer", "react"), ("Number eight", "reply")]:
        message = ada.page.locator(".message", has_text=text).first
        message.locator(".message-more").evaluate("each => each.click()")
        ada.page.locator(".popup").get_by_role("button", name="Choose a reaction").or_(
            ada.page.locator(f".popup [data-action={action}]")).last.click()
        if action == "react":
            ada.page.locator(".popup").get_by_role("button", name="party popper").click()
            expect(ada.page.locator(".reaction.mine")).to_have_count(1)
        else:
            ada.write("To number eight")
    expect(ada.page.locator("#m8")).to_be_attached()
    expect(ada.messages().last).to_have_text("To number eight")
    expect(ada.page.locator(".message .state").last).to_have_attribute("data-state", "sent")

    # A page before its script runs, and the same page after it.
    ada.page.add_init_script("""
        window.shifts = [];
        new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, sources }) =>
            `${value} ${sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.textContent).join(" | ")}`)))
            .observe({ type: "layout-shift", buffered: true });
    """)
    held = []
    ada.page.route(re.compile(r"/app/main\.js"), lambda route: held.append(route))
    ada.page.goto(f"/chatwithme/{grace.name}", wait_until="commit")
    expect(ada.messages()).to_have_count(10)
    wait_for_value(ada.page, "document.readyState !== 'loading' && getComputedStyle(document.querySelector('.bubble')).padding !== '0px'", True)
    wait_for(ada.page, lambda: held, "the script was to be asked for")
    # What was never drawn cannot be seen to move.
    wait_for_frames(ada.page)
    before = ada.page.evaluate(DRAWN)
    held[0].continue_()
    ada.is_live()
    expect(ada.page.locator("#message-list > [data-key]").first).to_be_attached()
    after = ada.page.evaluate(DRAWN)
    assert [each["looks"] for each in after] == [each["looks"] for each in before]
    # The days stay at the upper edge, which only the script makes them do.
    messages = [[each for each in side if "message" in each["looks"]] for side in (before, after)]
    assert len(messages[0]) == 10
    for one, other in zip(*messages):
        for side in (one, other):
            side["text"] = " ".join(side["text"].replace("Actions for this message", "").split())
        # Where heights are fractions, the last half a pixel depends on which edge it is counted from.
        for part, box in one["boxes"].items():
            if box:
                assert other["boxes"][part] == pytest.approx(box, abs=0.5), f"{one['id']} {part}"
        assert other | {"boxes": None} == one | {"boxes": None}
        assert [bool(box) for box in other["boxes"].values()] == [bool(box) for box in one["boxes"].values()]
    ada.page.wait_for_timeout(500)
    assert ada.page.evaluate("window.shifts") == []


def test_messages_are_small_and_stand_in_runs(person):
    ada, grace = person("ada", **WIDE), person("grace")
    ada.say(grace, "One", "Two")
    grace.say(ada, "Three")
    ada.chat_with(grace).is_live()
    expect(ada.messages()).to_have_count(3)
    boxes = [each.bounding_box() for each in ada.page.locator(".bubble").all()]
    assert max(box["height"] for box in boxes) <= 36
    assert round(boxes[1]["y"] - boxes[0]["y"] - boxes[0]["height"]) == 2
    looks = [each.get_attribute("class").split() for each in ada.page.locator(".message").all()]
    assert "first" in looks[0] and "last" not in looks[0]
    assert "first" not in looks[1] and "last" in looks[1]
    assert "first" in looks[2] and "last" in looks[2]
    # Own messages and the composer share a column.
    column = ada.page.locator("#composer").bounding_box()
    assert abs(boxes[0]["x"] + boxes[0]["width"] - column["x"] - column["width"]) <= 1
    assert abs(boxes[2]["x"] - column["x"]) <= 1
    assert ada.page.locator(".conversation-head").bounding_box()["height"] == 60


def test_only_the_newest_message_that_was_read_says_so_in_words(person):
    ada, grace = person("ada"), person("grace")
    ada.say(grace, "Early", "Late")
    grace.chat_with(ada).is_live()
    ada.chat_with(grace).is_live()
    early, late = (ada.message(text).locator(".state") for text in ("Early", "Late"))
    for state in (early, late):
        expect(state).to_have_attribute("data-state", "read")
    expect(early).to_have_text("Read")
    expect(late).to_have_text(re.compile(r"^Read \d\d:\d\d$"))
    expect(late).to_have_attribute("title", re.compile(r"^Read .*20\d\d"))
    wide = [each.bounding_box()["width"] for each in (early, late)]
    assert wide[0] < 20 < wide[1], "the word stands once, for everybody else it is there to be heard"


def test_runs_end_after_five_minutes_and_show_each_minute_once(person):
    ada = person("ada")
    script = ada.page.locator("script[type=module]").get_attribute("src")
    looks = ada.page.evaluate(
        """async (path) => {
            const { runsOf } = await import(path);
            const at = (minutes, sender = "a", more = {}) => ({ sender, at: minutes * 60_000, progress: null, starts: false, ...more });
            const told = (entries) => runsOf(entries)
                .map((each) => Object.entries(each).filter(([, holds]) => holds).map(([name]) => name).join(" "));
            return [
                told([at(0), at(0.5), at(1), at(6), at(11.1)]),
                told([at(0), at(0.1, "b"), at(0.2, "a", { starts: true }), at(0.3)]),
                told(["read", "read", "delivered", "queued", "waiting", "failed"].map((progress) => at(0, "me", { progress }))),
            ];
        }""",
        script.replace("main.js", "runs.js"),
    )
    assert looks == [
        ["first", "timed", "timed", "last timed", "first last timed"],
        ["first last timed", "first last timed", "first", "last timed"],
        ["first", "ticked", "ticked", "", "ticked", "last timed ticked"],
    ]


def test_a_long_conversation_keeps_few_nodes_and_its_place(person):
    ada, grace = person("ada", **WIDE), person("grace")
    grace.say(ada, *[f"Line {number}" for number in range(1, 401)])
    ada.chat_with(grace).is_live()
    ada.page.get_by_role("button", name=re.compile("Jump to newest")).click()
    ada.page.get_by_role("button", name="Mark as read").click()
    pane = ada.page.locator("#messages")
    most = 0
    for _ in range(120):
        pane.evaluate("each => { each.scrollTop -= 900; }")
        wait_for_frames(ada.page)
        most = max(most, ada.page.evaluate("document.querySelectorAll('#conversation *').length"))
        if ada.page.get_by_text("Line 1", exact=True).count():
            break
    expect(ada.page.get_by_text("Line 1", exact=True)).to_be_attached()
    assert most < 1_500
    # Down again, through everything, in order.
    for _ in range(160):
        pane.evaluate("each => { each.scrollTop += 700; }")
        wait_for_frames(ada.page)
        if ada.page.get_by_text("Line 200", exact=True).count():
            break
    ada.page.get_by_text("Line 200", exact=True).scroll_into_view_if_needed()
    wait_for_frames(ada.page)
    seen = [int(text.split()[1]) for text in ada.messages().all_text_contents()]
    assert seen == list(range(seen[0], seen[-1] + 1))
    place = ada.page.get_by_text("Line 200", exact=True).bounding_box()["y"]

    # The same place after a look at something else, and after a reload.
    ada.page.locator("#conversation-list").evaluate("() => history.pushState(null, '', '/chatwith')")
    ada.page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(ada.page.locator(".message")).to_have_count(0)
    ada.page.locator("#conversation-list .item").first.click()
    expect(ada.page.get_by_text("Line 200", exact=True)).to_be_in_viewport()
    assert abs(ada.page.get_by_text("Line 200", exact=True).bounding_box()["y"] - place) <= 1
    ada.page.reload()
    ada.is_live()
    expect(ada.page.get_by_text("Line 200", exact=True)).to_be_in_viewport()
    assert abs(ada.page.get_by_text("Line 200", exact=True).bounding_box()["y"] - place) <= 1
    # What is written goes to the end, wherever one was.
    ada.write("At the end")
    expect(ada.messages().last).to_have_text("At the end")
    expect(ada.messages().last).to_be_in_viewport()
    ada.page.reload()
    ada.is_live()
    expect(ada.messages().last).to_be_in_viewport()


def test_nothing_jumps_while_many_messages_arrive(person):
    ada, grace = person("ada", **WIDE), person("grace")
    grace.say(ada, *[f"Line {number}" for number in range(1, 121)])
    ada.chat_with(grace).is_live()
    ada.page.get_by_role("button", name=re.compile("Jump to newest")).click()
    ada.page.get_by_role("button", name="Mark as read").click()
    ada.page.locator("#messages").evaluate("each => { each.scrollTop = each.scrollHeight / 2; }")
    wait_for_frames(ada.page)
    ada.page.evaluate("""() => {
        const edge = document.getElementById("messages").getBoundingClientRect().top;
        window.held = [...document.querySelectorAll(".message")].find((each) => each.getBoundingClientRect().top > edge);
        window.heldAt = window.held.getBoundingClientRect().top;
        window.jumps = [];
        const look = () => {
            const moved = document.getElementById(window.held.id)?.getBoundingClientRect().top - window.heldAt;
            if (!(Math.abs(moved) < 1)) window.jumps.push(moved);
            requestAnimationFrame(look);
        };
        look();
    }""")
    grace.say(ada, *[f"Late {number}" for number in range(1, 151)])
    jump = ada.page.get_by_role("button", name=re.compile("Jump to newest"))
    expect(jump.locator(".badge")).to_have_text("150 new")
    assert ada.page.evaluate("window.jumps") == []
    # Those that do not fit into the page come when one goes there.
    jump.click()
    expect(ada.messages().last).to_have_text("Late 150")
    expect(ada.messages().last).to_be_in_viewport()


def test_texts_of_every_kind_keep_the_column(person):
    ada, grace = person("ada", **PHONE), person("grace")
    texts = {
        "word": "w" * 4_000,
        "lines": "\n".join(f"{number}" for number in range(200)),
        "marks": "Z" + "\u0323\u0301\u0302" * 60,
        "emoji": "👍 🎉\n😮",
        "more emoji": "👍👍👍👍",
        "right to left": "مرحبا بك في المحادثة",
    }
    grace.say(ada, *texts.values())
    plain = ada.context.browser.new_context(
        base_url=ada.address, storage_state=ada.context.storage_state(), java_script_enabled=False, **PHONE)
    ada.chat_with(grace).is_live()
    without_script = plain.new_page()
    without_script.goto(f"/chatwithme/{grace.name}")
    for page in (ada.page, without_script):
        expect(page.locator(".message .text")).to_have_count(len(texts))
        expect(page.locator(".message.bare")).to_have_count(1)
        expect(page.locator(".message.bare-3")).to_have_count(1)
        expect(page.locator(".message .words").last).to_have_css("direction", "rtl")
        assert page.locator("#messages").evaluate("each => each.scrollWidth") <= 390
        for box in [each.bounding_box() for each in page.locator(".bubble").all()]:
            assert 0 <= box["x"] and box["x"] + box["width"] <= 390
    plain.close()
