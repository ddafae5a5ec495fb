"""What people who are not in a group learn of it: nothing, whoever they were before."""

import random
import secrets
import statistics
import time

import pytest

from people import sign_up
from test_outsiders_timing import MARGIN, SAMPLES, share

TEXT = "only for members"

ROUTES = {
    "conversation": ("GET", "", lambda: None),
    "history": ("GET", "/messages", lambda: None),
    "newer history": ("GET", "/messages?after=0", lambda: None),
    "members": ("GET", "/members", lambda: None),
    "send": ("POST", "/messages", lambda: {"clientMessageId": secrets.token_hex(16), "text": "from outside"}),
    "reply": (
        "POST", "/messages", lambda: {"clientMessageId": secrets.token_hex(16), "text": "from outside", "replyTo": 2},
    ),
    "react": ("PUT", "/messages/2/reactions/%F0%9F%91%8D", lambda: {"rev": 2}),
    "edit": ("PATCH", "/messages/2", lambda: {"text": "from outside", "rev": 2}),
    "delete": ("DELETE", "/messages/2", lambda: None),
    "position": ("PUT", "/position", lambda: {"read": 2}),
    "mark as unread": ("POST", "/unread", lambda: {"from": 2}),
    "settings": ("PATCH", "/settings", lambda: {"muted": True}),
    "typing": ("POST", "/typing", lambda: None),
    "rename": ("PATCH", "/group", lambda: {"name": "From outside"}),
    "leave": ("DELETE", "/members/{user}", lambda: None),
    "give a role": ("PUT", "/members/{user}/role", lambda: {"role": "owner"}),
    "readers": ("GET", "/messages/2/readers", lambda: None),
    "invitations": ("GET", "/invitations", lambda: None),
    "invite": ("POST", "/invitations", lambda: {"clientMessageId": secrets.token_hex(16)}),
    "withdraw an invitation": ("DELETE", "/invitations/3", lambda: None),
}  # fmt: skip


class Group:
    """A group with a member, somebody who was removed, and an outsider who knows its id."""

    def __init__(self, address):
        self.owner, self.member = sign_up(address, "owner"), sign_up(address, "member")
        self.removed, self.outsider = sign_up(address, "removed"), sign_up(address, "outsider")
        self.id = make(self.owner, [self.member, self.removed])
        self.owner.send(self.id, TEXT)
        assert TEXT in self.removed.client.get(f"/api/v1/conversations/{self.id}/messages").text, "the control"
        path = f"/api/v1/conversations/{self.id}/members/{self.removed.id}"
        assert self.owner.client.request("DELETE", path).status == 200

    def state(self):
        return self.owner.conversation(self.id), self.owner.history(self.id)


def make(owner, others):
    group = {
        "clientMessageId": secrets.token_hex(16), "name": "A group", "usernames": [each.username for each in others],
    }  # fmt: skip
    answer = owner.client.post("/api/v1/groups", group)
    assert answer.status == 200, answer
    return answer.json()["conversation"]


@pytest.fixture(scope="module")
def group(address):
    return Group(address)


def ask(person, route, conversation):
    method, path, body = ROUTES[route]
    return person.client.request(
        method, f"/api/v1/conversations/{conversation}{path.format(user=person.id)}", json=body()
    )


@pytest.mark.parametrize("who", ["removed", "outsider"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_group_looks_to_others_as_if_it_did_not_exist(group, route, who):
    person = getattr(group, who)
    before = group.state()
    answer, nothing = ask(person, route, group.id), ask(person, route, secrets.token_hex(16))
    assert answer.status == nothing.status == 404, (answer, nothing)
    told, of_nothing = answer.json(), nothing.json()
    told.pop("requestId"), of_nothing.pop("requestId")
    assert told == of_nothing
    assert [name for name, _ in answer.headers] == [name for name, _ in nothing.headers]
    assert group.state() == before


@pytest.mark.parametrize("who", ["removed", "outsider"])
def test_pages_permalinks_and_sync_show_others_nothing(group, who):
    person = getattr(group, who)
    for path in ["/g/{id}", "/g/{id}?at=2", "/c/{id}", "/c/{id}?at=2"]:
        answer = person.client.get(path.format(id=group.id))
        assert answer.status == 404 and TEXT.encode() not in answer.body, path
    for cursor in [0, 1, 2, 3, 2**53]:
        answer = person.client.post("/api/v1/sync", {"cursors": {group.id: cursor}})
        assert answer.status == 200 and group.id not in answer.text
    for path in ["/api/v1/conversations", "/chatwith", "/chatwith?q=group"]:
        assert group.id.encode() not in person.client.get(path).body, path
    assert TEXT.encode() in group.member.client.get(f"/g/{group.id}").body, "the control"


def test_the_id_of_a_group_cannot_be_chosen(group):
    body = {"clientMessageId": secrets.token_hex(16), "name": "Mine", "id": group.id, "conversation": group.id}
    assert group.outsider.client.post("/api/v1/groups", body).status == 422
    # The same client message id of somebody else is another group.
    known = secrets.token_hex(16)
    ids = {
        person.client.post("/api/v1/groups", {"clientMessageId": known, "name": "Mine"}).json()["conversation"]
        for person in (group.outsider, group.owner)
    }
    assert len(ids) == 2


@pytest.mark.parametrize("route", ["conversation", "history", "members", "send", "leave"])
def test_an_outsiders_answer_takes_as_long_for_a_group_that_exists_as_for_none(group, route):
    found = []
    # Noise does not come twice on the same side; a leak does.
    for _ in range(2):
        order = random.Random(route)
        times = {True: [], False: []}
        for _ in range(SAMPLES):
            for exists in order.sample([True, False], 2):
                begin = time.perf_counter()
                ask(group.outsider, route, group.id if exists else secrets.token_hex(16))
                times[exists].append(time.perf_counter() - begin)
        medians = [statistics.median(times[exists]) for exists in (True, False)]
        found.append((share(times[True], times[False]), *medians))
        if abs(found[-1][0] - 0.5) <= MARGIN:
            return
    pytest.fail(f"existing groups take longer in these shares of pairs, with medians in seconds: {found}")
