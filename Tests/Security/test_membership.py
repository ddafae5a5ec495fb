"""Conversations of others: whoever is not a member gets nothing, sees nothing and changes nothing, by whatever route."""

import json
import secrets

import pytest

from client import Client
from people import direct_conversation, sign_up
from raw import exchange

TEXT = "between the two of us"

#: Every route that takes the id of a conversation, with what makes it do something.
ROUTES = {
    "conversation": ("GET", "/api/v1/conversations/{id}", lambda: None),
    "history": ("GET", "/api/v1/conversations/{id}/messages", lambda: None),
    "older history": ("GET", "/api/v1/conversations/{id}/messages?before=2&limit=1", lambda: None),
    "newer history": ("GET", "/api/v1/conversations/{id}/messages?after=0", lambda: None),
    "send": (
        "POST", "/api/v1/conversations/{id}/messages",
        lambda: {"clientMessageId": secrets.token_hex(16), "text": "from outside"},
    ),
    "reply": (
        "POST", "/api/v1/conversations/{id}/messages",
        lambda: {"clientMessageId": secrets.token_hex(16), "text": "from outside", "replyTo": 1},
    ),
    "react": ("PUT", "/api/v1/conversations/{id}/messages/2/reactions/%F0%9F%91%8D", lambda: None),
    "take a reaction back": ("DELETE", "/api/v1/conversations/{id}/messages/2/reactions/%F0%9F%91%8D", lambda: None),
    "edit": ("PATCH", "/api/v1/conversations/{id}/messages/1", lambda: {"text": "from outside", "rev": 1}),
    "delete": ("DELETE", "/api/v1/conversations/{id}/messages/1", lambda: None),
    "read position": ("PUT", "/api/v1/conversations/{id}/position", lambda: {"read": 2}),
    "mark as unread": ("POST", "/api/v1/conversations/{id}/unread", lambda: {"from": 1}),
    "settings": ("PATCH", "/api/v1/conversations/{id}/settings", lambda: {"muted": True}),
    "typing": ("POST", "/api/v1/conversations/{id}/typing", lambda: None),
    "received position": ("PUT", "/api/v1/conversations/{id}/position", lambda: {"received": 2}),
}  # fmt: skip


class Pair:
    """Two people with a conversation, and an outsider who knows its id."""

    def __init__(self, address):
        self.one = sign_up(address, "one")
        self.other = sign_up(address, "other")
        self.outsider = sign_up(address, "outsider")
        self.conversation = self.one.open(self.other)
        assert self.conversation == direct_conversation(self.one.id, self.other.id)
        self.messages = [self.one.send(self.conversation, TEXT), self.other.send(self.conversation, TEXT)]
        self.before = self.state()

    def state(self):
        view = self.one.conversation(self.conversation)
        return view, self.other.conversation(self.conversation), self.one.history(self.conversation)


@pytest.fixture(scope="module")
def pair(address):
    return Pair(address)


def ask(client, route, conversation):
    method, path, body = ROUTES[route]
    return client.request(method, path.format(id=conversation), json=body())


def without_request_id(answer):
    return {key: value for key, value in answer.json().items() if key != "requestId"}


@pytest.mark.parametrize("route", ROUTES)
def test_an_outsider_gets_what_a_conversation_that_does_not_exist_gives(pair, route):
    answer = ask(pair.outsider.client, route, pair.conversation)
    nothing = ask(pair.outsider.client, route, secrets.token_hex(16))
    assert answer.status == nothing.status == 404, (answer, nothing)
    assert without_request_id(answer) == without_request_id(nothing)
    names = [name for name, _ in answer.headers]
    assert names == [name for name, _ in nothing.headers] and len(answer.body) == len(nothing.body)
    assert pair.state() == pair.before
    assert ask(pair.one.client, route, pair.conversation).status in (200, 204), "the control: a member may"
    pair.before = pair.state()


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_session_there_is_no_answer_at_all(pair, address, route):
    assert ask(Client(address), route, pair.conversation).status == 401
    assert ask(Client(address), route, secrets.token_hex(16)).status == 401
    assert pair.state() == pair.before


def malformed(conversation):
    return [
        conversation.upper(), conversation[:-1], conversation + "0", conversation + "%00", "%20" + conversation,
        conversation + "%2f", conversation + "/..", "../" + conversation, "%2e%2e%2f" + conversation, "*", "%2a", "null",
        "undefined", "0", "-1", "%7B%22%24ne%22%3Anull%7D", "%5B%5D", conversation + ";", conversation + "?x",
        conversation + "%0d%0aX:%20y", "%ff%fe", "%c0%ae%c0%ae", "\u0660".encode().hex(), conversation + "," + conversation,
    ]  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_other_spellings_of_an_id_open_nothing(pair, route):
    for spelling in malformed(pair.conversation):
        answer = ask(pair.outsider.client, route, spelling)
        assert answer.status in (400, 401, 403, 404, 405) and TEXT.encode() not in answer.body, (spelling, answer)
    assert pair.state() == pair.before


def test_a_permalink_shows_an_outsider_what_one_to_nothing_shows(pair):
    for suffix in ("", "?at=1", "?at=99"):
        answer = pair.outsider.client.get(f"/c/{pair.conversation}{suffix}")
        nothing = pair.outsider.client.get(f"/c/{secrets.token_hex(16)}{suffix}")
        assert answer.status == nothing.status == 404 and answer.body == nothing.body
        assert pair.one.client.get(f"/c/{pair.conversation}{suffix}").status == 303, "the control: a member is led there"
    assert pair.state() == pair.before


@pytest.mark.parametrize("cursor", [0, 1, 2, 3, 500, 2**53, 2**63 - 1])
def test_sync_tells_an_outsider_nothing_at_any_cursor(pair, cursor):
    answer = pair.outsider.client.post("/api/v1/sync", {"cursors": {pair.conversation: cursor}})
    nothing = pair.outsider.client.post("/api/v1/sync", {"cursors": {secrets.token_hex(16): cursor}})
    assert answer.status == nothing.status == 200 and answer.json() == nothing.json()
    assert answer.json()["changes"] == [] and pair.conversation not in answer.text
    known = pair.one.client.post("/api/v1/sync", {"cursors": {pair.conversation: cursor}})
    assert pair.conversation in known.text, "the control: a member gets it"


def test_lists_and_searches_show_only_ones_own(pair):
    for path in ["/api/v1/conversations", "/chatwith", f"/chatwithme/{pair.one.username}", f"/chatwith?q={pair.one.username}"]:
        answer = pair.outsider.client.get(path)
        assert TEXT.encode() not in answer.body and pair.conversation.encode() not in answer.body, path
    answer = pair.one.client.get(f"/chatwithme/{pair.other.username}")
    assert TEXT.encode() in answer.body, "the control"


def test_a_sender_cannot_be_chosen(pair):
    for field in ("sender", "user", "conversation", "seq", "rev", "sentAt"):
        body = {"clientMessageId": secrets.token_hex(16), "text": "x", field: pair.other.id}
        answer = pair.one.client.post(f"/api/v1/conversations/{pair.conversation}/messages", body)
        assert answer.status == 422 and answer.json()["field"] == field
    for field in ("user", "member", "conversation"):
        body = {"read": 1, field: pair.other.id}
        answer = pair.one.client.request("PUT", f"/api/v1/conversations/{pair.conversation}/position", json=body)
        assert answer.status == 422
    assert pair.state() == pair.before


def test_the_client_message_id_of_another_conversation_shows_nothing_of_it(pair):
    """A repeat answers with the message that is stored; that must be the sender's own, of this conversation."""
    known = pair.messages[0]["clientMessageId"]
    theirs = pair.outsider.open(pair.one)
    answer = pair.outsider.client.post(
        f"/api/v1/conversations/{theirs}/messages", {"clientMessageId": known, "text": "mine"}
    )
    assert answer.status == 200 and answer.json()["text"] == "mine"
    answer = pair.other.client.post(
        f"/api/v1/conversations/{pair.conversation}/messages", {"clientMessageId": known, "text": "the other's"}
    )
    assert answer.status == 200 and answer.json()["sender"] == pair.other.id
    pair.before = pair.state()


def test_a_stream_carries_only_ones_own_conversations(pair):
    stream = pair.outsider.client.stream("/api/v1/events")
    member = pair.other.client.stream("/api/v1/events")
    for each in (stream, member):
        assert each.wait_for(lambda event: event.name == "alive", 10)
    sent = pair.one.send(pair.conversation, "not for the stream of an outsider")
    pair.one.has_read(pair.conversation)
    assert member.wait_for(lambda event: event.name == "message.sent" and sent["clientMessageId"] in event.data, 10)
    # What comes now was caused after it, so what is not there by then does not come any more.
    theirs = pair.outsider.open(pair.one)
    marker = pair.one.send(theirs, "for the outsider")
    assert stream.wait_for(lambda event: marker["clientMessageId"] in event.data, 10)
    assert not [event for event in stream.seen if pair.conversation in event.data]
    pair.before = pair.state()


@pytest.mark.parametrize("path", [
    "/api/v1/account", "/api/v1/sessions", "/api/v1/users", "/api/v1/users/somebody", "/api/v1/conversations",
    "/api/v1/events", "/chatwith", "/chatwithme/somebody", "/account", "/logout_chat",
])  # fmt: skip
def test_nothing_but_the_entrance_is_open_without_a_session(address, pair, path):
    answer = Client(address).get(path)
    assert answer.status == (401 if path.startswith("/api") else 303), answer
    if path != "/api/v1/events":
        assert pair.one.client.get(path.replace("somebody", pair.other.username)).status == 200, "the control"


# --- Files ------------------------------------------------------------------------------------------------------------

TRAVERSALS = [
    "/assets/{v}/../../../../../../etc/passwd", "/assets/{v}/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/assets/{v}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/{v}/%2e%2e%2f%2e%2e%2fopenapi.json",
    "/assets/{v}/%252e%252e%252fopenapi.json", "/assets/{v}/..%255c..%255copenapi.json",
    "/assets/{v}/..\\..\\openapi.json", "/assets/{v}/..%5c..%5copenapi.json", "/assets/{v}/....//....//openapi.json",
    "/assets/{v}/../openapi.json", "/assets/{v}/../Templates/layout.mustache", "/assets/../openapi.json",
    "/assets/../Templates/layout.mustache", "/assets/%2e%2e/Templates/layout.mustache",
    "/assets/{v}/..%2fTemplates%2flayout.mustache", "/assets/{v}/app/../../Templates/layout.mustache",
    "/assets/{v}/%c0%ae%c0%ae/openapi.json", "/assets/{v}/%e0%80%ae%e0%80%ae/openapi.json",
    "/assets/{v}/..%00/openapi.json", "/assets/{v}/martlet.svg%00.js", "/assets/{v}//etc/passwd", "/assets//etc/passwd",
    "/assets/{v}/%2fetc%2fpasswd", "/assets/{v}/file:///etc/passwd", "/assets/{v}/..;/openapi.json",
    "/assets/{v}/.%2e/openapi.json", "/assets/{v}/%2e./openapi.json", "/assets/{v}/.", "/assets/{v}/..", "/assets/{v}/",
    "/assets/{v}", "/assets/", "/assets", "/assets/{v}/app", "/assets/{v}/app/", "/assets/{v}/.git/config",
    "/assets/{v}/../../Package.swift", "/../../../../etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "/openapi.json",
    "/Templates/layout.mustache", "/api/v1/../../etc/passwd", "/chatwithme/..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/etc/passwd", "/.env", "/.git/HEAD", "/metrics", "/readyz", "/healthz",
]  # fmt: skip


@pytest.fixture(scope="module")
def version(address):
    """The folder that pages load their files from."""
    page = Client(address).get("/signin").text
    return page.split("/assets/", 1)[1].split("/", 1)[0]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_the_folder_of_assets(address, version, path):
    request = f"GET {path.format(v=version)} HTTP/1.1\r\nHost: {address[7:]}\r\n\r\n"
    result = exchange(address, request.encode("latin-1"), expected=1)
    (answer,) = result.answers
    assert answer.status in (400, 404, 303), result
    for part in (b"root:", b"{{", b'"openapi"', b"swift-tools-version", b"process_cpu", b"[core]"):
        assert part not in answer.body, result


def test_the_folder_itself_is_served(address, version):
    for file, part in [("martlet.svg", b"<svg"), ("app/main.js", b"function"), ("style/base.css", b"{")]:
        answer = Client(address).get(f"/assets/{version}/{file}")
        assert answer.status == 200 and part in answer.body
    assert json.loads(Client(address).get("/api/v1/openapi.json").body)["openapi"]
