"""Every page at every width, zoomed, with large text and in both themes: nothing scrolls sideways, axe finds nothing."""

import pytest

from looks import violations

#: A page zoomed to 200 % has half the pixels.
SIZES = {
    "small phone": (320, 640), "phone": (390, 844), "tablet": (768, 1024), "laptop": (1280, 800), "large": (1920, 1080),
    "zoomed to 200 %": (640, 400),
}
SIGNED_IN = ["/chatwith", "/chatwithme/{other}", "/account", "/logout_chat", "/no-such-page"]
SIGNED_OUT = ["/signin", "/signup"]


def problems(page, width):
    """What is wrong with a page, in words."""
    words = [f"{rule}: {places}" for rule, places in violations(page)]
    scrolled = page.evaluate("document.documentElement.scrollWidth")
    return words + ([f"it is {scrolled} pixels wide"] if scrolled > width else [])


@pytest.mark.parametrize(("theme", "text_size"), [("light", "normal"), ("dark", "large")])
def test_every_page_is_usable_at_every_width(person, theme, text_size):
    ada, other = person("ada", color_scheme="light"), person("other")
    ada.context.request.patch(
        f"{ada.address}/api/v1/account", headers={"origin": ada.address},
        data={"displayName": "عبد الرحمن " + "Verylongname" * 4})
    other.say(ada, "שלום, this is from right to left and back again", "a" * 300)
    # The system is light: what is dark was chosen, and the server says so to every page.
    ada.context.request.post(
        f"{ada.address}/account/appearance", headers={"origin": ada.address}, form={"theme": theme, "textSize": text_size})
    found = {}
    page = ada.page

    def check(paths):
        for path in paths:
            page.goto(path.format(other=other.name))
            for name, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                if wrong := problems(page, width):
                    found[f"{path}, {name}"] = wrong

    check(SIGNED_IN)
    page.goto("about:blank")
    ada.context.clear_cookies(name="martlet")
    check(SIGNED_OUT)
    assert page.evaluate("document.documentElement.className") == " ".join(
        name for name in [f"text-{text_size}" if text_size != "normal" else "", f"theme-{theme}"] if name)
    assert not found, found


def test_errors_beside_fields_are_reachable_and_have_contrast(person):
    for scheme in ["light", "dark"]:
        someone = person("someone", sign_up=False, color_scheme=scheme, viewport={"width": 320, "height": 640})
        page = someone.page
        page.goto("/signup")
        page.get_by_label("Username").fill("perfectly-fine")
        page.get_by_label("Password", exact=True).fill("password")
        page.get_by_role("button", name="Create account").click()
        page.get_by_role("alert").wait_for()
        assert problems(page, 320) == []
