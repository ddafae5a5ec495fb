"""Making groups on the page, and adding people."""

import re

from playwright.sync_api import expect


def make_group(owner, name, others, page=None):
    """Makes a group on the page, and answers its address there."""
    page = page or owner.page
    page.get_by_role("link", name="New chat").first.click()
    page.get_by_role("button", name="New group").click()
    dialog = page.get_by_role("dialog", name="New group")
    dialog.get_by_label("Name of the group").fill(name)
    for other in others:
        choose(dialog, other)
    expect(dialog.get_by_text(f"{len(others)} of up to 999 chosen")).to_be_visible()
    dialog.get_by_role("button", name="Create group").click()
    expect(page.locator(".conversation-head h2")).to_have_text(name)
    return re.search(r"/g/\w+$", page.url).group()


def choose(dialog, other):
    """Chooses somebody in a dialog that finds people."""
    dialog.get_by_role("searchbox").fill(other.name)
    dialog.get_by_role("checkbox", name=f"{other.display_name} @{other.name}", exact=True).check()


def add(page, other):
    """Adds somebody to the group whose dialog is open."""
    page.get_by_role("button", name="Add people").click()
    adding = page.get_by_role("dialog", name="Add people")
    choose(adding, other)
    adding.get_by_role("button", name="Add", exact=True).click()
    expect(adding).to_have_count(0)
