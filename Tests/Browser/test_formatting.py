"""Formatting: the same for both, live, after reloading and without JavaScript; and the bar and keys that write it."""

import pytest
from playwright.sync_api import expect

from looks import PHONE, long_press, violations

EVERYTHING = """**Bold**, *italic*, ~~struck~~, `code`, [a link](https://example.org/plan), www.example.org

- boots
- batteries
  - spare ones

3. three
4. four

> Loft opens at nine

```sql
select box, count(*)
  from visits where a < b
```
See you there."""

# The markup of the newest message's text, without what only the script sets.
MARKUP = "() => [...document.querySelectorAll('.message .text')].at(-1).outerHTML"


def field(someone):
    return someone.page.locator("#text")


def shows_everything(text):
    expect(text.locator("strong")).to_have_text("Bold")
    expect(text.locator("em")).to_have_text("italic")
    expect(text.locator("s")).to_have_text("struck")
    expect(text.locator(":scope > code")).to_have_text("code")
    expect(text.locator("a")).to_have_text(["a link", "www.example.org"])
    expect(text.locator("a").first).to_have_attribute("href", "https://example.org/plan")
    expect(text.locator("a").last).to_have_attribute("href", "http://www.example.org")
    expect(text.locator(".link-host")).to_have_text(" (example.org)")
    expect(text.locator(":scope > ul > li")).to_have_count(2)
    expect(text.locator("ul ul li")).to_have_text("spare ones")
    expect(text.locator("ol")).to_have_attribute("start", "3")
    expect(text.locator("blockquote")).to_have_text("Loft opens at nine")
    expect(text.locator("pre")).to_have_text("select box, count(*)\n  from visits where a < b")
    expect(text.locator("pre")).to_have_attribute("data-language", "sql")
    expect(text).to_contain_text("See you there.")


def test_formatting_is_the_same_live_after_reloading_and_without_javascript(pair, person):
    ada, grace = pair()
    ada.write(EVERYTHING)
    for someone in (grace, ada):
        shows_everything(someone.messages().last)
    live = grace.page.evaluate(MARKUP)
    assert ada.page.evaluate(MARKUP) == live
    # What the server's page has before the script takes over.
    served = grace.context.request.get(f"/chatwithme/{ada.name}").text()
    assert live in served
    grace.page.reload()
    grace.is_live()
    assert grace.page.evaluate(MARKUP) == live

    plain = grace.context.browser.new_context(base_url=grace.address, java_script_enabled=False)
    plain.add_cookies(grace.context.cookies())
    page = plain.new_page()
    page.goto(f"/chatwithme/{ada.name}")
    shows_everything(page.locator(".message .text").last)
    plain.close()


def test_an_edit_and_a_deletion_take_the_formatting_with_them(pair):
    ada, grace = pair()
    ada.write("**first**")
    expect(grace.messages().last.locator("strong")).to_have_text("first")
    field(ada).press("ArrowUp")
    expect(field(ada)).to_have_value("**first**")
    field(ada).fill("second, *really*")
    field(ada).press("Enter")
    for someone in (ada, grace):
        expect(someone.messages().last).to_have_text("second, really")
        expect(someone.messages().last.locator("em")).to_have_text("really")
        expect(someone.messages().last.locator("strong")).to_have_count(0)
    ada.page.locator(".message .bubble").last.hover()
    ada.page.locator(".message .action-bar [data-action=more]").click()
    ada.page.locator(".popup [data-action=delete]").click()
    ada.page.get_by_role("button", name="Delete for everybody").click()
    for someone in (ada, grace):
        expect(someone.messages().last).to_have_text("Message deleted")
        expect(someone.messages().last.locator("em")).to_have_count(0)


def test_quotes_and_previews_have_the_words_alone(pair):
    ada, grace = pair()
    ada.write("**Bring** `boots`\n- and batteries")
    expect(grace.messages().last.locator("strong")).to_have_text("Bring")
    preview = grace.page.locator(".item-preview").first
    expect(preview).to_contain_text("Bring boots and batteries")
    grace.page.locator(".message .bubble").last.hover()
    grace.page.locator(".action-bar [data-action=reply]").click()
    grace.write("yes")
    for someone in (ada, grace):
        expect(someone.page.locator(".message .quote-text").last).to_have_text("Bring boots\nand batteries")
    grace.page.reload()
    grace.is_live()
    expect(preview).to_contain_text("yes")


def test_the_sheet_and_the_form_for_an_answer_have_the_words_alone(person):
    ada, grace = person("ada", **PHONE), person("grace")
    grace.say(ada, "Bring *two* ladders")
    ada.chat_with(grace).is_live()
    expect(long_press(ada, ada.page.locator(".message").first).locator(".line")).to_have_text("Bring two ladders")
    plain = ada.context.browser.new_context(
        base_url=ada.address, storage_state=ada.context.storage_state(), java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"/chatwithme/{grace.name}?reply=1")
    expect(page.locator("#composer .quote-text")).to_have_text("Bring two ladders")
    plain.close()


def test_what_is_no_formatting_stays_as_it_was_written(pair):
    ada, grace = pair()
    texts = ["2 * 3 * 4 = 24", "snake_case_name", "¯\\_(ツ)_/¯", "# not a heading", "<b>no</b>", "[x](javascript:alert(1))",
             "https://user@example.org/"]  # fmt: skip
    for text in texts:
        ada.write(text)
    expect(grace.messages()).to_have_text(texts)
    expect(grace.page.locator(".message .text *")).to_have_count(0)


def test_keys_and_the_bar_format_what_is_selected(pair):
    ada, _ = pair()
    text = field(ada)
    asked = []
    ada.page.on("request", lambda request: asked.append(request.url))
    text.fill("bring boots now")
    assert not [url for url in asked if "formatting" in url]

    def select(start, end):
        text.evaluate("(each, [start, end]) => { each.focus(); each.setSelectionRange(start, end); }", [start, end])

    select(6, 11)
    text.press("Control+b")
    expect(text).to_have_value("bring **boots** now")
    text.press("Control+b")
    expect(text).to_have_value("bring boots now")
    # As one step, the browser takes it back.
    text.press("Control+z")
    expect(text).to_have_value("bring **boots** now")
    text.press("Control+z")
    select(6, 11)
    text.press("Control+i")
    expect(text).to_have_value("bring _boots_ now")
    select(0, 17)
    text.press("Control+Shift+X")
    expect(text).to_have_value("~~bring _boots_ now~~")

    ada.page.get_by_role("button", name="Formatting", exact=True).click()
    bar = ada.page.get_by_role("toolbar", name="Formatting")
    expect(bar.get_by_role("button")).to_have_count(9)
    text.fill("boots\nbatteries")
    select(0, 15)
    bar.get_by_role("button", name="Numbered list").click()
    expect(text).to_have_value("1. boots\n2. batteries")
    expect(text).to_be_focused()
    bar.get_by_role("button", name="Numbered list").click()
    expect(text).to_have_value("boots\nbatteries")
    bar.get_by_role("button", name="Bulleted list").click()
    expect(text).to_have_value("- boots\n- batteries")
    text.fill("boots\nbatteries")
    select(0, 0)
    bar.get_by_role("button", name="Quote").click()
    expect(text).to_have_value("> boots\nbatteries")
    text.fill("let a")
    select(0, 5)
    bar.get_by_role("button", name="Code block").click()
    expect(text).to_have_value("```\nlet a\n```")
    text.fill("the plan")
    select(4, 8)
    bar.get_by_role("button", name="Link").click()
    expect(text).to_have_value("the [plan](https://)")
    ada.page.keyboard.type("https://example.org")
    expect(text).to_have_value("the [plan](https://example.org)")

    # One stop for the Tab key, and it is there again when somebody comes back.
    bar.get_by_role("button").first.focus()
    ada.page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button").nth(1)).to_be_focused()
    ada.page.reload()
    ada.is_live()
    expect(ada.page.get_by_role("toolbar", name="Formatting")).to_be_visible()
    ada.page.get_by_role("button", name="Formatting", exact=True).click()
    expect(ada.page.get_by_role("toolbar", name="Formatting")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_formatted_messages_are_accessible_and_nothing_is_wider_than_the_screen(pair, scheme, options):
    ada, grace = pair(color_scheme=scheme, **options)
    ada.say(grace, EVERYTHING, "```\n" + "x" * 400 + "\n```", "`" + "y" * 300 + "`", "| " + "https://example.org/" + "z" * 300)
    grace.say(ada, EVERYTHING)
    expect(ada.messages()).to_have_count(5)
    assert violations(ada.page) == []
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if not options:
        ada.page.get_by_role("button", name="Formatting", exact=True).click()
        expect(ada.page.get_by_role("toolbar", name="Formatting")).to_be_visible()
        assert violations(ada.page) == []
