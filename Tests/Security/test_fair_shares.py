"""Nobody can make the chat slow for others by asking for a lot."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from client import Client
from people import sign_up

ATTACKERS, CONVERSATIONS, REQUESTS_EACH, SECONDS = 3, 60, 8, 5
#: A message has to be there within this, whoever else asks for what.
LIMIT = 1.0


def test_catching_up_from_cursors_that_cannot_be_does_not_starve_others(address, elsewhere):
    """The answer to a cursor above the head is expensive, because the server wants to be sure."""
    one, other = sign_up(elsewhere, "one"), sign_up(elsewhere, "other")
    conversation = one.open(other)
    one.send(conversation, "hello")
    attackers = [sign_up(address, "attacker") for _ in range(ATTACKERS)]

    def prepare(attacker):
        own = [attacker.open(friend) for friend in friends]
        for each in own:
            attacker.send(each, "x")
        # Ids of conversations of others count as well.
        return {each: 2**40 for each in own} | {conversation: 2**40}

    with ThreadPoolExecutor(4) as threads:
        friends = list(threads.map(lambda _: sign_up(address, "friend"), range(CONVERSATIONS)))
        cursors = list(threads.map(prepare, attackers))

    ended = threading.Event()
    answers = []

    def attack(attacker, cursors):
        client = Client(address, cookies=attacker.client.cookies, timeout=30)
        while not ended.is_set():
            answers.append(client.post("/api/v1/sync", {"cursors": cursors}).status)

    threads = [
        threading.Thread(target=attack, args=(attacker, own), daemon=True)
        for attacker, own in zip(attackers, cursors)
        for _ in range(REQUESTS_EACH)
    ]
    for thread in threads:
        thread.start()
    observed = []
    try:
        # What came first has to be in the way by now.
        time.sleep(0.5)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for path in [
                f"/chatwithme/{other.username}", f"/api/v1/conversations/{conversation}/messages",
                f"/api/v1/conversations/{conversation}", "/api/v1/conversations",
            ]:  # fmt: skip
                begin = time.monotonic()
                answer = one.client.get(path)
                observed.append((time.monotonic() - begin, answer.status, path))
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)
    slowest = sorted(observed)[-3:]
    assert {status for _, status, _ in observed} == {200}, (slowest, len(observed))
    assert slowest[-1][0] < LIMIT, (slowest, statistics.median(each[0] for each in observed))
    assert answers, "the attack was carried out"
