"""Pages as the server renders them: whatever people write is text in them, and nothing else."""

import secrets
from urllib.parse import quote, urlencode

import pytest

from client import Client
from hostile_texts import HOSTILE_TEXTS
from pages import Page, shown, written
from people import PASSWORD, sign_up, unique_name

BENIGN = "a harmless text"
#: Messages on one page.
CHUNK = 40


@pytest.fixture(scope="module")
def owner(address):
    """Somebody who writes, and is shown to others."""
    return sign_up(address, "owner", display_name=BENIGN)


@pytest.fixture(scope="module")
def friend(address, owner):
    """Somebody with whom the owner has a conversation."""
    friend = sign_up(address, "friend")
    conversation = owner.open(friend)
    messages = f"/api/v1/conversations/{conversation}/messages"
    seq = owner.send(conversation, BENIGN)["seq"]
    # The owner's name is said with a quote and with a reaction as well.
    reply = {"clientMessageId": secrets.token_hex(16), "text": BENIGN, "replyTo": seq}
    assert friend.client.post(messages, reply).status == 200
    assert owner.client.request("PUT", f"{messages}/{seq}/reactions/%F0%9F%91%8D").status == 200
    return friend


def page_of(answer):
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert answer.header("x-content-type-options") == "nosniff"
    assert "script-src 'self'" in answer.header("content-security-policy")
    return Page(answer.text)


def conversation_of(answer):
    """The part of a page that is about its conversation; who else is here is beside it."""
    page_of(answer)
    return Page(answer.text.split('<section class="conversation"', 1)[1])


def assert_same_skeleton(hostile, benign):
    assert hostile.skeleton == benign.skeleton
    assert not hostile.handlers


@pytest.mark.parametrize("start", range(0, len(HOSTILE_TEXTS), CHUNK))
def test_a_message_is_text_in_every_page_that_shows_it(person, start):
    texts = HOSTILE_TEXTS[start : start + CHUNK]
    pages = []
    for written_texts in (texts, [BENIGN] * len(texts)):
        writer, reader = person("writer"), person("reader")
        conversation = writer.open(reader)
        messages = [writer.send(conversation, text) for text in written_texts]
        # The one who wrote it sees it in other places, and with its state.
        pages.append([
            page_of(reader.client.get(f"/chatwithme/{writer.username}?q=nobody")),
            page_of(writer.client.get(f"/chatwithme/{reader.username}?q=nobody")),
        ])  # fmt: skip
        for page in pages[-1]:
            assert [written(each) for each in page.messages] == [written(shown(each)) for each in messages]
    for hostile, benign in zip(*pages):
        assert_same_skeleton(hostile, benign)


@pytest.mark.parametrize("start", range(0, len(HOSTILE_TEXTS), CHUNK))
def test_a_message_is_text_where_it_is_quoted_and_where_it_is_changed(person, start):
    texts = HOSTILE_TEXTS[start : start + CHUNK]
    pages = []
    for written_texts in (texts, [BENIGN] * len(texts)):
        writer, reader = person("writer"), person("reader")
        conversation = writer.open(reader)
        path = f"/chatwithme/{reader.username}"
        pages.append([])
        for text in written_texts:
            seq = writer.send(conversation, text)["seq"]
            reply = {"clientMessageId": secrets.token_hex(16), "text": BENIGN, "replyTo": seq}
            answer = reader.client.post(f"/api/v1/conversations/{conversation}/messages", reply)
            assert answer.json()["replyTo"]["text"]
            pages[-1] += [
                conversation_of(writer.client.get(f"{path}?{action}={seq}"))
                for action in ("edit", "reply", "delete", "react")
            ]
            # Another text than the one that it replaces: refused, and shown with both.
            refused = writer.client.post(f"{path}/messages/{seq}/edit", form={"text": text + "!", "rev": "99999"})
            assert refused.status == 409
            pages[-1].append(conversation_of(refused))
            assert written(text) in written(pages[-1][-1].text)
            refused = writer.client.post(f"{path}/messages/{seq}/react", form={"emoji": text, "wanted": text})
            assert refused.status == 422
            pages[-1].append(conversation_of(refused))
    for hostile, benign in zip(*pages):
        assert_same_skeleton(hostile, benign)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_the_preview_of_a_message_is_text(owner, friend, text):
    conversation = owner.open(friend)
    owner.send(conversation, BENIGN)
    benign = page_of(friend.client.get("/chatwith?q=nobody"))
    assert BENIGN in benign.text, "the list shows the last message"
    owner.send(conversation, text)
    assert_same_skeleton(page_of(friend.client.get("/chatwith?q=nobody")), benign)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_display_name_is_text_in_every_page_that_shows_it(owner, friend, text):
    # A name has to be short; what is longer is refused, and the form shows it again.
    name = text if len(text) <= 64 else text[:64]
    # Otherwise the count of unread messages is part of the first page and not of the next.
    friend.has_read(owner.open(friend))
    assert owner.client.request("PATCH", "/api/v1/account", json={"displayName": BENIGN}).status == 200
    places = [
        (owner, "/account"), (owner, "/logout_chat"), (owner, "/chatwith"),
        (friend, f"/chatwith?q={owner.username}"),
        (owner, f"/chatwithme/{friend.username}"), (friend, f"/chatwithme/{owner.username}"),
        (friend, f"/chatwithme/{owner.username}?reply=1"),
    ]
    benign = [page_of(who.client.get(path)).skeleton for who, path in places]
    refused = page_of(owner.client.post("/account", form={"displayName": "x" * 65}))
    answer = owner.client.post("/account", form={"displayName": name})
    if answer.status == 303:
        for (who, path), skeleton in zip(places, benign):
            shown = page_of(who.client.get(path))
            assert shown.skeleton == skeleton, path
            assert not shown.handlers
    else:
        assert answer.status == 422, answer
        assert_same_skeleton(page_of(answer), refused)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_what_a_refused_form_shows_again_is_text(owner, friend, anonymous, text):
    path = f"/chatwithme/{friend.username}"
    forms = [
        # Neither is a username, and the names are long enough to be refused in the same words.
        (anonymous, "/signup", lambda t: {"username": t, "displayName": t, "password": PASSWORD}, "a!b c"),
        # Each name once, because guessing is slowed down by name.
        (
            anonymous, "/signin",
            lambda t: {"username": f"{t}{unique_name()}", "password": "not the password", "next": t}, "a!b c",
        ),
        (owner.client, path, lambda t: {"text": t, "clientMessageId": "damaged"}, BENIGN),
        (owner.client, "/account/sessions/end", lambda t: {"id": t}, BENIGN),
    ]
    for client, path, fields, benign in forms:
        expected = client.post(path, form=fields(benign))
        answer = client.post(path, form=fields(text))
        assert (answer.status, expected.status) in ((422, 422), (401, 401)), answer
        assert_same_skeleton(page_of(answer), page_of(expected))


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_what_an_address_carries_is_text(owner, anonymous, text):
    encoded, benign = quote(text, safe=""), "nobody-of-this-name"
    for client, template in [
        # Nobody's name ends like that, and people with hostile names are not looked for here.
        (owner.client, "/chatwith?q={}-nobody"), (owner.client, "/chatwith?q=zzz&after={}"), (owner.client, "/account?saved={}"),
        (owner.client, "/chatwithme/{}"), (owner.client, "/{}"), (owner.client, "/assets/{}/x"),
        (anonymous, "/signin?next={}"), (anonymous, "/signin?next=/{}"), (anonymous, "/signin?username={}"),
        (anonymous, "/{}"),
    ]:
        answer = client.get(template.format(encoded))
        expected = client.get(template.format(benign))
        if answer.status == expected.status and answer.status != 303:
            assert_same_skeleton(page_of(answer), page_of(expected))
        else:
            # Such as a name that cannot be one; then it is not repeated either.
            assert answer.status in (400, 404, 422) and b"window.stolen" not in answer.body, (template, answer)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_what_the_api_answers_cannot_be_taken_for_a_page(owner, friend, text):
    conversation = owner.open(friend)
    answers = [
        owner.client.post("/api/v1/conversations", {"username": text}),
        owner.client.post("/api/v1/accounts", {"username": text, "password": PASSWORD}),
        owner.client.post("/api/v1/session", {text: text}),
        owner.client.post("/api/v1/sync", {"cursors": {text: 1}}),
        owner.client.get("/api/v1/" + quote(text, safe="")),
        owner.client.get("/api/v1/users?" + urlencode({"prefix": text})),
        owner.client.get(f"/api/v1/conversations/{conversation}/messages"),
    ]
    owner.send(conversation, text)
    answers.append(owner.client.get(f"/api/v1/conversations/{conversation}/messages?limit=1"))
    assert answers[-1].json()["messages"][0]["text"] == text
    for answer in answers:
        assert answer.header("content-type") in ("application/json", "application/problem+json"), answer
        assert answer.header("x-content-type-options") == "nosniff"


# --- Where a form leads to --------------------------------------------------------------------------------------------

ELSEWHERE = [
    "http://evil.example", "https://evil.example/", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "\\/evil.example", "/\t/evil.example", "\t//evil.example",
    " //evil.example", "/\n/evil.example", "/\r/evil.example", "/\u0000/evil.example", "http:evil.example",
    "http:/evil.example", "javascript:window.stolen=1", "data:text/html,x", "/%09/evil.example\t", "evil.example",
    "@evil.example", ".evil.example", ":80@evil.example", "/\u00a0/evil.example", "/\u2028/evil.example", "",
    "/x\r\nSet-Cookie: martlet=stolen", "/x\r\n\r\n<script>window.stolen=1</script>", "/\uff0fevil.example",
    "/\u0085/evil.example", "?next=//evil.example", "#//evil.example", "/" + "a" * 2_000,
]


def assert_stays_here(answer):
    location = answer.header("location")
    assert answer.status == 303 and len(answer.all("location")) == 1, answer
    assert location.startswith("/") and location[1:2] not in ("/", "\\"), location
    assert all("\x20" < character < "\x7f" and character != "\\" for character in location), location


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(owner, address, target):
    credentials = {"username": owner.username, "password": PASSWORD}
    assert_stays_here(Client(address).post("/signin", form=credentials | {"next": target}))
    # Who is signed in goes there at once.
    assert_stays_here(owner.client.get("/signin?" + urlencode({"next": target})))
    shown = Page(Client(address).get("/signin?" + urlencode({"next": target})).text)
    assert ("input", "name", "next") in shown.attributes
    values = [value for _, name, value in shown.attributes if name == "value"]
    assert target == "" or target not in values


def test_signing_in_leads_to_a_path_of_this_site(owner, address):
    credentials = {"username": owner.username, "password": PASSWORD}
    for target in ["/account", "/chatwithme/somebody?before=3#newest"]:
        answer = Client(address).post("/signin", form=credentials | {"next": target})
        assert answer.status == 303 and answer.header("location") == target


@pytest.mark.parametrize("path", [
    "/chatwithme/%0d%0aSet-Cookie:%20martlet=stolen", "/chatwithme/%0aLocation:%20http://evil.example",
    "/chatwithme/x%0d%0a%0d%0a<script>", "/chatwithme/%E2%80%A8x", "//evil.example", "//evil.example/chatwith",
    "/chatwithme/..%2f..%2f%2fevil.example", "/chatwithme//evil.example", "/chatwith?next=//evil.example",
    "/account?next=http://evil.example", "/chatwith%0d%0ax:y", "/chatwith/..//evil.example", "/\\evil.example/chatwith",
])  # fmt: skip
def test_no_address_makes_a_header_or_leads_elsewhere(owner, anonymous, path):
    for client in (anonymous, owner.client):
        answer = client.get(path)
        assert answer.header("set-cookie") is None and answer.status < 500, answer
        if answer.status == 303:
            assert_stays_here(answer)
