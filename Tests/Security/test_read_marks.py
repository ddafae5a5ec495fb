"""That a page was fetched says nothing about what somebody has read."""

import pytest


TEXT = "have you read this?"


@pytest.fixture
def waiting(person):
    """Somebody for whom a message waits, who sent it, and the conversation."""
    reader, writer = person("reader"), person("writer")
    conversation = writer.open(reader)
    writer.send(conversation, TEXT)
    return reader, writer, conversation


def read_position(writer, reader, conversation):
    """How far the reader has read, as the writer sees it."""
    members = writer.conversation(conversation)["members"]
    return next(member["read"] for member in members if member["user"] == reader.id)


@pytest.mark.parametrize("headers", [
    {}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-User": "?1"}, {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"},
    {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"Referer": "http://evil.example/"},
], ids=lambda headers: " ".join(headers.values()) or "plain")  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_fetching_a_conversations_page_marks_nothing_as_read(waiting, method, headers):
    reader, writer, conversation = waiting
    for suffix in ["?q=x", "?before=5", ""]:
        answer = reader.client.request(method, f"/chatwithme/{writer.username}{suffix}", headers=headers)
        assert answer.status == 200
    if method == "GET":
        assert TEXT in answer.text, "the page shows it"
    assert read_position(writer, reader, conversation) == 0
    assert reader.conversation(conversation)["unread"] == 1
    reader.has_read(conversation)
    assert read_position(writer, reader, conversation) == 1, "the control: saying so marks it"


def test_what_the_api_shows_is_not_read_by_that(waiting):
    reader, writer, conversation = waiting
    reader.history(conversation)
    reader.client.get("/api/v1/conversations")
    reader.client.get("/chatwith")
    reader.client.post("/api/v1/sync", {"cursors": {conversation: 0}})
    assert read_position(writer, reader, conversation) == 0
