"""What another site can make a browser send: every route that changes something, with every form of false proof.

An attack is a route and a *proof*, which is what the request says of where it comes from. Each is sent with every content
type that a form of another site can have, must be refused, and must change nothing.
"""

import itertools
import json
import secrets
from urllib.parse import quote, urlencode, urlsplit

import pytest

from client import Client
from pages import Page
from people import PASSWORD, sign_up, unique_name

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
#: What the victim has reacted with, and something else.
CHOSEN_EMOJI, OTHER_EMOJI = "\U0001f44d", "\U0001f389"
CONTENT_TYPES = [JSON, FORM, "text/plain", "multipart/form-data; boundary=x", None]

# --- What can be changed ----------------------------------------------------------------------------------------------

# Each names a method, a path and a body that would be carried out if it came from the server's own page.
ROUTES = {
    "sign up": ("POST", "/api/v1/accounts", JSON, lambda v: {"username": v.fresh_name, "password": PASSWORD}),
    "sign in": ("POST", "/api/v1/session", JSON, lambda v: {"username": v.owner.username, "password": PASSWORD}),
    "sign out": ("DELETE", "/api/v1/session", JSON, lambda v: {}),
    "rename": ("PATCH", "/api/v1/account", JSON, lambda v: {"displayName": "Changed by another site"}),
    "change the password": (
        "POST", "/api/v1/account/password", JSON,
        lambda v: {"currentPassword": PASSWORD, "newPassword": "another site chose this"},
    ),
    "end a session": ("DELETE", "/api/v1/sessions/{session}", JSON, lambda v: {}),
    "end other sessions": ("DELETE", "/api/v1/sessions", JSON, lambda v: {}),
    "open a conversation": ("POST", "/api/v1/conversations", JSON, lambda v: {"username": v.stranger.username}),
    "send": (
        "POST", "/api/v1/conversations/{conversation}/messages", JSON,
        lambda v: {"clientMessageId": secrets.token_hex(16), "text": "from another site"},
    ),
    "edit": (
        "PATCH", "/api/v1/conversations/{conversation}/messages/{seq}", JSON,
        lambda v: {"text": "Changed by another site", "rev": v.seq},
    ),
    "delete": ("DELETE", "/api/v1/conversations/{conversation}/messages/{seq}", JSON, lambda v: {}),
    "react": ("PUT", "/api/v1/conversations/{conversation}/messages/{seq}/reactions/{emoji}", JSON, lambda v: {}),
    "take a reaction back": (
        "DELETE", "/api/v1/conversations/{conversation}/messages/{seq}/reactions/{chosen emoji}", JSON, lambda v: {},
    ),
    "move the position": ("PUT", "/api/v1/conversations/{conversation}/position", JSON, lambda v: {"read": 1}),
    "mark as unread": ("POST", "/api/v1/conversations/{conversation}/unread", JSON, lambda v: {"from": 1}),
    "pin": ("PATCH", "/api/v1/conversations/{conversation}/settings", JSON, lambda v: {"pinned": True}),
    "keep a draft": ("PUT", "/api/v1/conversations/{conversation}/draft", JSON, lambda v: {"text": "of another site"}),
    "typing": ("POST", "/api/v1/conversations/{conversation}/typing", JSON, lambda v: {}),
    "make a group": (
        "POST", "/api/v1/groups", JSON, lambda v: {"clientMessageId": secrets.token_hex(16), "name": "From another site"},
    ),
    "rename a group": ("PATCH", "/api/v1/conversations/{group}/group", JSON, lambda v: {"name": "Another name"}),
    "add to a group": (
        "POST", "/api/v1/conversations/{group}/members", JSON, lambda v: {"usernames": [v.stranger.username]},
    ),
    "remove from a group": ("DELETE", "/api/v1/conversations/{group}/members/{friend id}", JSON, lambda v: {}),
    "give a role": ("PUT", "/api/v1/conversations/{group}/members/{friend id}/role", JSON, lambda v: {"role": "admin"}),
    "invite to a group": ("POST", "/api/v1/conversations/{group}/invitations", JSON, lambda v: {}),
    "withdraw an invitation": ("DELETE", "/api/v1/conversations/{group}/invitations/{invitation}", JSON, lambda v: {}),
    "join a group": ("POST", "/api/v1/invitations/{foreign group}/{token}", JSON, lambda v: {}),
    "join form": ("POST", "/join/{foreign group}/{token}", FORM, lambda v: {}),
    "sync": ("POST", "/api/v1/sync", JSON, lambda v: {}),
    "sign-in form": ("POST", "/signin", FORM, lambda v: {"username": v.owner.username, "password": PASSWORD}),
    "sign-up form": ("POST", "/signup", FORM, lambda v: {"username": v.fresh_name, "password": PASSWORD}),
    "sign-out form": ("POST", "/logout_chat", FORM, lambda v: {}),
    "name form": ("POST", "/account", FORM, lambda v: {"displayName": "Changed by another site"}),
    "password form": (
        "POST", "/account/password", FORM,
        lambda v: {"currentPassword": PASSWORD, "newPassword": "another site chose this"},
    ),
    "appearance form": (
        "POST", "/account/appearance", FORM, lambda v: {"theme": "dark", "textSize": "large"},
    ),
    "session form": ("POST", "/account/sessions/end", FORM, lambda v: {"others": "1"}),
    "message form": (
        "POST", "/chatwithme/{friend}", FORM,
        lambda v: {"clientMessageId": secrets.token_hex(16), "text": "from another site"},
    ),
    "request form": ("POST", "/chatwithme/{friend}/request", FORM, lambda v: {"version": "0", "answer": "accepted"}),
    "read form": ("POST", "/chatwithme/{friend}/read", FORM, lambda v: {"readUpTo": "1"}),
    "edit form": (
        "POST", "/chatwithme/{friend}/messages/{seq}/edit", FORM,
        lambda v: {"text": "Changed by another site", "rev": v.seq},
    ),
    "delete form": ("POST", "/chatwithme/{friend}/messages/{seq}/delete", FORM, lambda v: {}),
    "reaction form": (
        "POST", "/chatwithme/{friend}/messages/{seq}/react", FORM, lambda v: {"emoji": OTHER_EMOJI, "wanted": "on"},
    ),
}

#: Carried out without a trace in what the victim sees of the server.
NOTHING_STORED = ("sync", "sign in", "sign-in form", "typing", "request form")

# --- What a request says of where it comes from -----------------------------------------------------------------------

#: Origins of other sites, and those that look like the server's own. ``{own}`` is its address, ``{host}`` without scheme.
FALSE_ORIGINS = [
    None, "", "null", "http://evil.example", "https://evil.example", "http://{host}.evil.example", "http://evil.example/{host}",
    "http://{host}@evil.example", "http://evil.example#{own}", "{own}/", "{own}.", "http://localhost:{port}",
    "http://127.0.0.1", "http://127.0.0.1:1", "ws://{host}", "{host}", "{own} http://evil.example",
    ["http://evil.example", "{own}"], ["{own}", "http://evil.example"],
]
#: With one of these, no origin helps.
FALSE_SITES = ["cross-site", "same-site", "none", "", "Same-Origin", "same-origin, cross-site", "same-origin;x", "true"]

FALSE_PROOFS = [(None, origin) for origin in FALSE_ORIGINS] + list(
    itertools.product(FALSE_SITES, ["{own}", "http://evil.example", None])
)
TRUE_PROOFS = [(None, "{own}"), ("same-origin", None), ("same-origin", "{own}")]


class Victim:
    """Somebody whose browser another site uses, with everything that it could change."""

    def __init__(self, address):
        self.owner = sign_up(address, "victim", display_name="As it was")
        self.friend = sign_up(address, "friend")
        self.stranger = sign_up(address, "stranger")
        self.fresh_name = unique_name("fresh")
        self.other_browser = self.owner.sign_in()
        self.conversation = self.owner.open(self.friend)
        # Until its first message a conversation exists only for who has opened it.
        assert self.friend.open(self.owner) == self.conversation
        self.friend.send(self.conversation, "the friend's only message")
        self.seq = self.owner.send(self.conversation, "the owner's only message")["seq"]
        group = {
            "clientMessageId": secrets.token_hex(16), "name": "As it was", "usernames": [self.friend.username],
        }  # fmt: skip
        self.group = self.owner.client.post("/api/v1/groups", group).json()["conversation"]
        self.invitation = self.invite(self.owner, self.group)["id"]
        group = {"clientMessageId": secrets.token_hex(16), "name": "Of the friend", "usernames": []}
        self.foreign_group = self.friend.client.post("/api/v1/groups", group).json()["conversation"]
        self.token = self.invite(self.friend, self.foreign_group)["token"]
        reaction = f"/api/v1/conversations/{self.conversation}/messages/{self.seq}/reactions/{quote(CHOSEN_EMOJI)}"
        assert self.owner.client.request("PUT", reaction).status == 200
        sessions = self.owner.client.get("/api/v1/sessions").json()["sessions"]
        self.session = next(session["id"] for session in sessions if not session["isCurrent"])
        self.before = self.state()

    @staticmethod
    def invite(person, group):
        answer = person.client.post(f"/api/v1/conversations/{group}/invitations", {})
        assert answer.status == 200, answer
        return answer.json()

    def state(self):
        """All that the routes can change, as the server says it."""
        client = Client(self.owner.client.address, cookies=self.owner.client.cookies)
        mine = client.get("/api/v1/account")
        sessions = client.get("/api/v1/sessions")
        conversations = client.get("/api/v1/conversations")
        fresh = self.friend.client.get(f"/api/v1/users/{self.fresh_name}")
        return [
            mine.status, mine.json(), sorted(each["id"] for each in sessions.json().get("sessions", [])),
            conversations.json().get("conversations"), fresh.status, client.get("/api/v1/drafts").json().get("drafts"),
            {name: value for name, value in client.cookies.items() if name.endswith("-appearance")},
        ]

    def send(self, route, proof, content_type="own", host=None):
        method, path, usual_type, make_body = ROUTES[route]
        path = self.filled_path(path, self.friend)
        fields = make_body(self)
        body = json.dumps(fields) if usual_type == JSON else urlencode(fields)
        site, origin = proof
        headers = {
            "Content-Type": usual_type if content_type == "own" else content_type,
            "Origin": self._filled(origin), "Sec-Fetch-Site": site, "Host": host or self._filled("{host}"),
        }
        return self.owner.client.request(method, path, body=body.encode(), headers=headers)

    def filled_path(self, path, friend):
        return path.format_map({
            "session": self.session, "conversation": self.conversation, "friend": friend.username, "seq": self.seq,
            "group": self.group, "foreign group": self.foreign_group, "token": self.token, "invitation": self.invitation,
            "friend id": self.friend.id, "emoji": quote(OTHER_EMOJI), "chosen emoji": quote(CHOSEN_EMOJI),
        })  # fmt: skip

    def _filled(self, value):
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        own = self.owner.client.address
        host = urlsplit(own).netloc
        return value and value.format(own=own, host=host, port=urlsplit(own).port)


def test_the_routes_are_all_that_the_api_describes_and_all_that_pages_have_forms_for(victim):
    """Otherwise a new one would not be attacked."""
    described = victim.owner.client.get("/api/v1/openapi.json").json()["paths"]
    unsafe = {
        (method.upper(), "/api/v1" + path)
        for path, methods in described.items()
        for method in methods
        if method in ("post", "put", "patch", "delete")
    }
    pages = [(Client(victim.owner.client.address), path) for path in ("/signin", "/signup")]
    pages += [
        (victim.owner.client, path)
        for path in ("/chatwith", "/account", "/logout_chat", f"/join/{victim.foreign_group}/{victim.token}")
    ]
    conversation = f"/chatwithme/{victim.friend.username}"
    pages += [
        (victim.owner.client, conversation + query)
        for query in ["", *(f"?{action}={victim.seq}" for action in ("edit", "reply", "delete", "react"))]
    ]
    for client, path in pages:
        for form in Page(client.get(path).text).forms:
            if form.get("method") == "post":
                action = form["action"].replace(victim.friend.username, "{friend}")
                action = action.replace(victim.foreign_group, "{id}").replace(victim.token, "{token}")
                unsafe.add(("POST", action.replace(f"/messages/{victim.seq}/", "/messages/{seq}/")))
    # Only below a stranger's request, which this stack has none of.
    unsafe.add(("POST", "/chatwithme/{friend}/request"))
    attacked = {
        (
            method,
            path.replace("{session}", "{id}").replace("{conversation}", "{id}").replace("{group}", "{id}")
            .replace("{foreign group}", "{id}").replace("{friend id}", "{user}").replace("{chosen ", "{"),
        )  # fmt: skip
        for method, path, _, _ in ROUTES.values()
    }
    assert unsafe == attacked


@pytest.fixture(scope="module")
def victim(address):
    return Victim(address)


def describe(proof):
    return f"{proof[0]}-{proof[1]}"


@pytest.mark.parametrize("proof", FALSE_PROOFS, ids=describe)
@pytest.mark.parametrize("route", ROUTES)
def test_an_unsafe_request_of_another_site_is_refused_and_changes_nothing(victim, route, proof):
    with_upper_case = urlsplit(victim.owner.client.address).netloc.upper()
    for content_type, host in [(each, None) for each in CONTENT_TYPES] + [("own", with_upper_case)]:
        answer = victim.send(route, proof, content_type, host)
        assert answer.status == 403, (content_type, host, answer)
        assert answer.header("set-cookie") is None
        assert answer.header("access-control-allow-origin") is None
    assert victim.state() == victim.before


@pytest.mark.parametrize("route", ROUTES)
def test_a_host_that_is_not_the_servers_own_does_not_make_its_origin_a_proof(victim, route):
    """A request says with Host where it goes; the origin of another address is none of this one."""
    for host in ["evil.example", "localhost", "127.0.0.1"]:
        assert victim.send(route, (None, "{own}"), host=host).status in (400, 403)
    assert victim.state() == victim.before


@pytest.mark.parametrize("proof", TRUE_PROOFS, ids=describe)
@pytest.mark.parametrize("route", ROUTES)
def test_the_same_request_of_the_servers_own_page_is_carried_out(address, route, proof):
    victim = Victim(address)
    answer = victim.send(route, proof)
    assert answer.status in (200, 201, 204, 303), answer
    if route not in NOTHING_STORED:
        if victim.owner.client.cookies:
            assert victim.state() != victim.before, "the attack would have changed something"


def test_a_request_without_a_session_needs_a_proof_as_well(address):
    """Otherwise another site could sign its visitors in as somebody whom it knows."""
    someone = sign_up(address)
    credentials = {"username": someone.username, "password": PASSWORD}
    stranger = Client(address)
    for headers in [{"Origin": None}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]:
        answer = stranger.post("/api/v1/session", credentials, headers=headers)
        assert answer.status == 403 and answer.header("set-cookie") is None
        answer = stranger.post("/signin", form=credentials, headers=headers)
        assert answer.status == 403 and answer.header("set-cookie") is None
    assert stranger.post("/api/v1/session", credentials).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("route", ROUTES)
def test_safe_methods_change_nothing_whatever_the_route(victim, route, method):
    _, path, _, _ = ROUTES[route]
    path = victim.filled_path(path, victim.stranger)
    for headers in [{}, {"Sec-Fetch-Site": "cross-site", "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "POST"}]:
        assert victim.owner.client.request(method, path, headers=headers).status < 500
    assert victim.state() == victim.before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X"])
@pytest.mark.parametrize("path", ["/", "/chatwith", "/api/v1/account", "/api/v1/conversations", "/logout_chat"])
def test_no_other_method_is_safe_without_a_proof(victim, method, path):
    answer = victim.owner.client.request(method, path, headers={"Origin": "http://evil.example"})
    assert answer.status in (400, 403, 404, 405), answer
    assert answer.header("access-control-allow-origin") is None and answer.header("allow") is None
    assert victim.state() == victim.before


@pytest.mark.parametrize("path", ["/", "/chatwith", "/account", "/api/v1/account", "/api/v1/openapi.json"])
def test_no_other_site_may_read_or_frame_an_answer(victim, path):
    answer = victim.owner.client.get(path, headers={"Origin": "http://evil.example"})
    assert answer.header("access-control-allow-origin") is None
    assert answer.header("cross-origin-resource-policy") == "same-origin"
    assert "frame-ancestors 'none'" in answer.header("content-security-policy")
    assert answer.header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN"])
def test_no_other_site_may_hold_a_live_stream(victim, site):
    answer = victim.owner.client.get("/api/v1/events", headers={"Sec-Fetch-Site": site})
    assert answer.status == 403
