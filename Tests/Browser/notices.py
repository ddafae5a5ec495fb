"""What tests of notifications share: a browser whose notifications can be looked at, and tabs that nobody looks at."""

#: A tab that is visible but not in front: the driver gives every tab the focus otherwise.
IN_THE_BACKGROUND = """
    window.isInFront = false;
    document.hasFocus = () => window.isInFront;
    window.comeToFront = (isInFront = true) => {
        window.isInFront = isInFront;
        window.dispatchEvent(new Event(isInFront ? "focus" : "blur"));
    };
"""

#: Headless browsers show nothing and ask nobody: this keeps what would be shown, and answers in somebody's place. The
#: permission is kept for the tabs to come, as a browser does.
RECORDED = """
    window.notified = [];
    window.asked = 0;
    window.Notification = class {
        static get permission() { return localStorage.getItem("test-permission") ?? "PERMISSION"; }
        static async requestPermission(done) {
            window.asked += 1;
            localStorage.setItem("test-permission", window.answerOfPermission ?? "granted");
            done?.(this.permission);
            return this.permission;
        }
        constructor(title, options) {
            Object.assign(this, { title }, options);
            window.notified.push(this);
        }
        close() {
            this.isClosed = true;
            this.onclose?.();
        }
    };
"""

#: Counts the tones that are made.
HEARD = """
    window.tones = 0;
    window.OscillatorNode = class extends window.OscillatorNode {
        constructor(...options) { super(...options); window.tones += 1; }
    };
"""


def record(someone, permission="granted"):
    """Records the notifications of the tabs that somebody opens from now on."""
    someone.context.add_init_script(RECORDED.replace("PERMISSION", permission))
    someone.context.add_init_script(HEARD)
    return someone


def choose(someone, **settings):
    """Chooses notifications in somebody's browser as the settings do, in the tabs that are opened from now on."""
    user = someone.page.locator("#chat").get_attribute("data-user")
    someone.page.evaluate(
        "([key, value]) => localStorage.setItem(key, JSON.stringify(value))",
        [f"martlet-notifications-{user}", {"on": True, **settings}])
    return someone


def notices(*pages):
    """What was shown in some tabs, as `(title, body)`."""
    return [tuple(each) for page in pages
            for each in page.evaluate("window.notified.map((each) => [each.title, each.body])")]
