"""What tests of looks share: a phone, and what axe finds in a page that has come to rest."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from waiting import wait_for_value

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def settle(page):
    """Waits for the animations that end, also cancelled ones: what is only half visible has little contrast."""
    page.evaluate(
        "Promise.allSettled(document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity)"
        ".map((each) => each.finished))")


def violations(page):
    """What axe finds once the page is at rest: names of rules, each with up to three places."""
    settle(page)
    found = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found]


def long_press(someone, message):
    """Lets a finger rest on a message, which is a locator or named by its text, and answers the sheet that it opens."""
    wait_for_value(
        someone.page, "performance.getEntriesByType('resource').some(({ name }) => name.includes('/app/touch/'))", True)
    bubble = (someone.message(message) if isinstance(message, str) else message).locator(".text")
    bubble.dispatch_event("pointerdown", {"pointerType": "touch", "isPrimary": True, "bubbles": True,
                                          "clientX": 100, "clientY": 100})
    sheet = someone.page.locator(".popup.sheet")
    expect(sheet).to_be_visible()
    bubble.dispatch_event("pointerup", {"pointerType": "touch", "isPrimary": True, "bubbles": True})
    return sheet
