"""Who is writing, as the other person sees it."""

import re

import pytest
from playwright.sync_api import expect


def line(someone):
    return someone.page.locator(".conversation .typing")


def row(someone):
    return someone.page.locator("#conversation-list .item .label-typing")


@pytest.fixture
def two(person):
    """Ada and Grace, each with their conversation open, at different gateways."""
    ada, grace = person("ada"), person("grace", gateway=1)
    ada.chat_with(grace).is_live()
    ada.write("Hello")
    grace.chat_with(ada).is_live()
    expect(grace.message("Hello")).to_be_visible()
    return ada, grace


def test_the_other_sees_it_in_the_conversation_and_in_the_list_until_the_message_comes(two):
    ada, grace = two
    composer = grace.page.locator("#composer")
    before = composer.bounding_box()
    ada.page.locator("#text").press_sequentially("I am writing")
    expect(line(grace)).to_have_text("Ada is typing")
    expect(row(grace)).to_have_text(re.compile("typing"))
    assert composer.bounding_box() == before, "the line has no room of its own"
    expect(line(ada)).to_have_text("")
    ada.page.locator("#text").press("Enter")
    expect(grace.message("I am writing")).to_be_visible()
    expect(line(grace)).to_have_text("")
    expect(row(grace)).to_have_count(0)


def test_whoever_hides_it_is_not_seen_and_does_not_see_others(two):
    ada, grace = two
    settings = ada.new_tab()
    settings.goto("/account#device")
    switch = settings.get_by_role("switch", name="Show when I am writing")
    expect(switch).to_be_checked()
    switch.click()
    expect(settings.locator("#keep-state")).to_have_text("Nobody sees it from now on.")
    told = []
    ada.page.on("request", lambda request: told.append(request.url) if request.url.endswith("/typing") else None)
    ada.page.locator("#text").press_sequentially("In secret")
    grace.page.locator("#text").press_sequentially("Hello?")
    # Behind the notice, on the same stream.
    grace.write("Hello!")
    expect(ada.message("Hello!")).to_be_visible()
    assert told == []
    expect(line(grace)).to_have_text("")
    grace.page.locator("#text").press_sequentially("Again")
    ada.page.wait_for_timeout(1_000)
    expect(line(ada)).to_have_text("")
    settings.reload()
    expect(switch).not_to_be_checked()
    switch.click()
    ada.page.locator("#text").press_sequentially(" no more")
    expect(line(grace)).to_have_text("Ada is typing")


def test_it_goes_away_by_itself_when_somebody_stops(two):
    ada, grace = two
    ada.page.locator("#text").press_sequentially("Hm")
    expect(line(grace)).to_have_text("Ada is typing")
    expect(line(grace)).to_have_text("")
    expect(ada.page.locator("#text")).to_have_value("Hm")


def test_somebody_with_another_conversation_open_sees_it_in_the_list(two, person):
    ada, grace = two
    grace.page.goto("/chatwith")
    grace.is_live()
    ada.page.locator("#text").press_sequentially("Hm")
    expect(row(grace)).to_be_visible()
    expect(row(grace)).to_have_count(0)
    expect(grace.page.locator("#conversation-list .item-preview")).to_have_text("Hello")


def test_nothing_is_said_of_an_edit_or_of_an_emptied_field(two):
    ada, grace = two
    told = []
    ada.page.on("request", lambda request: told.append(request.url) if request.url.endswith("/typing") else None)
    ada.page.locator("#text").press("ArrowUp")
    expect(ada.page.locator(".composer-context")).to_contain_text("Edit")
    ada.page.locator("#text").press_sequentially(" again")
    ada.page.locator("#text").press("Escape")
    ada.page.locator("#text").fill("   ")
    ada.page.wait_for_timeout(500)
    assert told == []
    ada.page.locator("#text").fill("Now")
    expect(line(grace)).to_have_text("Ada is typing")
    assert len(told) == 1
