"""A conversation exists for the other person from its first message on, not from being looked at."""

import json

import pytest

from people import direct_conversation


def ways_to_open(one, other):
    return {
        "by the API": lambda: one.open(other),
        "by its page": lambda: one.client.get(f"/chatwithme/{other.username}"),
        "by a form that is refused": lambda: one.client.post(
            f"/chatwithme/{other.username}", form={"text": " ", "clientMessageId": "0" * 32}
        ),
    }


@pytest.mark.parametrize("way", ["by the API", "by its page", "by a form that is refused"])
def test_an_opened_conversation_without_a_message_is_hidden_from_the_other_person(person, way):
    one, other, third = person("one"), person("other"), person("third")
    conversation = direct_conversation(one.id, other.id)
    stream = other.client.stream("/api/v1/events")
    assert stream.wait_for(lambda event: event.name == "alive", 10)
    ways_to_open(one, other)[way]()

    # What comes now comes after whatever that caused.
    marker = third.send(third.open(other), "a message of somebody else")
    assert stream.wait_for(lambda event: marker["clientMessageId"] in event.data, 10)
    assert not [event for event in stream.seen if conversation in event.data or one.id in event.data], stream.seen

    for answer in [
        other.client.get("/api/v1/conversations"), other.client.post("/api/v1/sync", {}),
        other.client.post("/api/v1/sync", {"cursors": {conversation: 0}}), other.client.get("/chatwith?q=nobody-at-all"),
    ]:  # fmt: skip
        assert answer.status == 200
        assert conversation not in answer.text and one.id not in answer.text and one.username not in answer.text
    answer = other.client.get(f"/api/v1/conversations/{conversation}")
    nothing = other.client.get(f"/api/v1/conversations/{'0' * 32}")
    assert answer.status == nothing.status == 404, answer

    # The control: with its first message it is there, on all these ways.
    if way == "by the API":
        sent = one.send(conversation, "the first message")
        assert stream.wait_for(lambda event: sent["clientMessageId"] in event.data, 10)
        assert conversation in other.client.get("/api/v1/conversations").text
        assert conversation in other.client.post("/api/v1/sync", {}).text
        assert other.client.get(f"/api/v1/conversations/{conversation}").status == 200
        assert one.username in other.client.get("/chatwith?q=nobody-at-all").text


def test_who_opened_it_can_go_on_with_it(person):
    one, other = person("one"), person("other")
    conversation = one.open(other)
    assert one.open(other) == conversation
    assert one.conversation(conversation)["head"] == 0
    assert one.history(conversation) == []
    assert one.client.post("/api/v1/sync", {"cursors": {conversation: 0}}).status == 200


def test_when_both_open_it_there_still_is_one(person):
    one, other = person("one"), person("other")
    assert one.open(other) == other.open(one)
    sent = other.send(other.open(one), "hello")
    assert [message["seq"] for message in one.history(one.open(other))] == [sent["seq"]]
    listed = json.loads(one.client.get("/api/v1/conversations").body)["conversations"]
    assert len(listed) == 1
