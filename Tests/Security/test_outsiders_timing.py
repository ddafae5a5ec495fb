"""How long an answer takes must not tell an outsider whether two people talk.

The id of a direct conversation can be computed from the public ids of two people. For every route that takes such an id,
an outsider asks for conversations that exist and for ones that do not, in turn, and the test compares how long it takes
by the ranks of the times: the share of pairs in which the existing one took longer. Without a leak it is a half.
"""

import random
import secrets
import statistics
import time

import pytest

from people import direct_conversation, sign_up

#: Samples of each kind, and how far the share may be from a half: over three standard deviations at this number.
SAMPLES, MARGIN = 40, 0.2
PAIRS = 6


class World:
    """Pairs of people who talk, and pairs who do not, as an outsider finds them in the list of people."""

    def __init__(self, address):
        people = [sign_up(address, "talks") for _ in range(PAIRS + 1)]
        self.existing, self.missing = [], []
        for one, other in zip(people, people[1:]):
            conversation = one.open(other)
            for number in range(5):
                one.send(conversation, f"message {number}")
            self.existing.append(direct_conversation(one.id, other.id))
        for one, other in zip(people, people[2:] + people[:1]):
            self.missing.append(direct_conversation(one.id, other.id))
        self.missing = self.missing[: len(self.existing)]
        assert not set(self.missing) & set(self.existing)
        self.outsider = sign_up(address, "outsider")


@pytest.fixture(scope="module")
def world(address):
    return World(address)


def message():
    return {"clientMessageId": secrets.token_hex(16), "text": "x"}


PROBES = {
    "sync above the head": ("POST", "/api/v1/sync", lambda id: {"cursors": {id: 2**40}, "recent": 0}),
    "sync at the head": ("POST", "/api/v1/sync", lambda id: {"cursors": {id: 5}, "recent": 0}),
    "sync from the beginning": ("POST", "/api/v1/sync", lambda id: {"cursors": {id: 0}, "recent": 0}),
    "conversation": ("GET", "/api/v1/conversations/{id}", lambda id: None),
    "history": ("GET", "/api/v1/conversations/{id}/messages", lambda id: None),
    "history before": ("GET", "/api/v1/conversations/{id}/messages?before=3", lambda id: None),
    "send": ("POST", "/api/v1/conversations/{id}/messages", lambda id: message()),
    "edit": ("PATCH", "/api/v1/conversations/{id}/messages/1", lambda id: {"text": "x", "rev": 1}),
    "delete": ("DELETE", "/api/v1/conversations/{id}/messages/1", lambda id: None),
    "react": ("PUT", "/api/v1/conversations/{id}/messages/1/reactions/%F0%9F%91%8D", lambda id: None),
    "position": ("PUT", "/api/v1/conversations/{id}/position", lambda id: {"read": 1, "received": 5}),
    "mark as unread": ("POST", "/api/v1/conversations/{id}/unread", lambda id: {"from": 1}),
    "settings": ("PATCH", "/api/v1/conversations/{id}/settings", lambda id: {"muted": True}),
    "typing": ("POST", "/api/v1/conversations/{id}/typing", lambda id: None),
    "readers": ("GET", "/api/v1/conversations/{id}/messages/1/readers", lambda id: None),
    "invite": ("POST", "/api/v1/conversations/{id}/invitations", lambda id: {}),
    "invitations": ("GET", "/api/v1/conversations/{id}/invitations", lambda id: None),
    "look at an invitation": ("GET", f"/api/v1/invitations/{{id}}/{secrets.token_hex(16)}", lambda id: None),
    "join": ("POST", f"/api/v1/invitations/{{id}}/{secrets.token_hex(16)}", lambda id: {}),
}


def probe(client, name, conversation):
    """Seconds, and what the answer says."""
    method, path, body = PROBES[name]
    begin = time.perf_counter()
    answer = client.request(method, path.format(id=conversation), json=body(conversation))
    elapsed = time.perf_counter() - begin
    content = answer.json()
    content.pop("requestId", None)
    return elapsed, (answer.status, content, [header for header, _ in answer.headers])


def share(existing, missing):
    """Of all pairs, those in which the existing conversation took longer; ties count half."""
    longer = sum((one > other) + 0.5 * (one == other) for one in existing for other in missing)
    return longer / (len(existing) * len(missing))


def measure(world, name):
    order = random.Random(name)
    times = {True: [], False: []}
    contents = {True: [], False: []}
    for _ in range(SAMPLES):
        for exists in order.sample([True, False], 2):
            conversation = order.choice(world.existing if exists else world.missing)
            elapsed, content = probe(world.outsider.client, name, conversation)
            times[exists].append(elapsed)
            contents[exists].append(content)
    first = contents[False][0]
    assert all(content == first for content in contents[True] + contents[False]), "the contents differ"
    return share(times[True], times[False]), statistics.median(times[True]), statistics.median(times[False])


def test_the_measure_finds_a_difference_and_none_where_there_is_none():
    numbers = random.Random(1)
    quick = [numbers.gauss(5, 1) for _ in range(SAMPLES)]
    assert abs(share(quick, [numbers.gauss(5, 1) for _ in range(SAMPLES)]) - 0.5) < MARGIN
    assert abs(share(quick, [numbers.gauss(6.5, 1) for _ in range(SAMPLES)]) - 0.5) > MARGIN


@pytest.mark.parametrize("name", PROBES)
def test_an_outsiders_answer_takes_as_long_for_a_conversation_that_exists_as_for_none(world, name):
    found = []
    # Noise does not come twice on the same side; a leak does.
    for _ in range(2):
        found.append(measure(world, name))
        if abs(found[-1][0] - 0.5) <= MARGIN:
            return
    pytest.fail(f"existing conversations take longer in these shares of pairs, with medians in seconds: {found}")
