"""Waiting for what a locator cannot say. The driver's own `wait_for_function` evaluates text in the page when it asks a second
time, which the pages' policy forbids."""


def wait_for(page, condition, what, limit=15_000, step=50):
    """Waits in a page until a condition holds; `what` is the complaint if it never does, or makes it."""
    for _ in range(limit // step):
        if condition():
            return
        page.wait_for_timeout(step)
    raise AssertionError(what() if callable(what) else what)


def wait_for_value(page, expression, value):
    """Waits until an expression has a value in a page."""
    wait_for(page, lambda: page.evaluate(expression) == value,
             lambda: f"{expression} is {page.evaluate(expression)!r}, not {value!r}")


def wait_for_frames(page):
    """Waits in a page for two frames: what was scrolled before them has been dealt with, and is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
