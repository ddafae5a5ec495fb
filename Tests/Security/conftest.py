"""What every attack needs: a running stack, people, and a browser."""

import pytest

from chromium import chromium
from client import Client
from people import sign_up
from stack import RAISED_LIMITS, Stack

#: What is attacked here is not how often somebody may ask; tests of that have gateways of their own.
LIMITS = RAISED_LIMITS | {
    "MARTLET_LIMITS_REQUESTS_PER_SECOND": "100000",
    "MARTLET_LIMITS_SENDS_PER_SECOND": "100000",
    "MARTLET_LIMITS_SEND_BURST": "100000",
}
#: The settings of a gateway with the limits that servers have.
USUAL_LIMITS = {name: None for name in LIMITS}


@pytest.fixture(scope="session")
def stack():
    """The real stack with two gateways, once for all tests."""
    with Stack(gateways=2, environment=LIMITS) as running:
        yield running


@pytest.fixture(scope="session")
def address(stack):
    """The first gateway's address."""
    return stack.gateways[0]


@pytest.fixture(scope="session")
def elsewhere(stack):
    """The second gateway's address."""
    return stack.gateways[1]


@pytest.fixture
def person(address):
    """Makes people: ``person("ada")`` is signed up at the first gateway."""
    return lambda prefix="user", **options: sign_up(address, prefix, **options)


@pytest.fixture
def anonymous(address):
    return Client(address)


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        yield browser
