"""What the API says of itself, tried with generated requests: no request makes the server fail, and every answer is of a
kind that the description has."""

import secrets
import json

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance, response_headers_conformance, response_schema_conformance, status_code_conformance,
)  # fmt: skip

from client import Client
from people import PASSWORD, sign_up
from stack import CHECKOUT

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = 25

DESCRIPTION = json.loads((CHECKOUT / "Services/Gateway/GatewayService/openapi.json").read_text())
#: All but the live stream, which does not end.
OPERATIONS = [
    (path, method)
    for path, methods in DESCRIPTION["paths"].items()
    for method in methods
    if method in ("get", "post", "put", "patch", "delete") and path != "/events"
]


def can_be_wrong(path, method):
    """Whether the description forbids anything that could be sent."""
    operation = DESCRIPTION["paths"][path][method]
    schemas = [parameter["schema"] for parameter in operation.get("parameters", [])]
    return "requestBody" in operation or any({"pattern", "minimum"} & schema.keys() for schema in schemas)


#: As the description wants them, and as it does not.
REQUESTS = [(*operation, GenerationMode.POSITIVE) for operation in OPERATIONS] + [
    (*operation, GenerationMode.NEGATIVE) for operation in OPERATIONS if can_be_wrong(*operation)
]


@pytest.fixture(scope="module")
def described(address):
    """The description that the running server gives of itself."""
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


@pytest.fixture(scope="module")
def caller(address):
    """Somebody who has a conversation, so that some generated requests meet something."""
    caller, other = sign_up(address, "caller"), sign_up(address, "other")
    caller.known = other.open(caller)
    other.send(caller.known, "hello")
    group = {"clientMessageId": secrets.token_hex(16), "name": "Group", "usernames": [other.username]}
    caller.group = caller.client.post("/api/v1/groups", group).json()["conversation"]
    caller.other = other.id
    return caller


def test_the_server_describes_what_it_is_tested_against(address):
    assert Client(address).get("/api/v1/openapi.json").json()["paths"] == DESCRIPTION["paths"]


@pytest.mark.parametrize("path, method, mode", REQUESTS, ids=lambda value: getattr(value, "value", value))
def test_every_generated_request_gets_an_answer_that_is_described(described, caller, address, path, method, mode):
    operation = described[path][method]
    statuses = []

    @hypothesis.settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def requests_fit(case):
        if path.startswith("/conversations/{id}") and len(statuses) % 2:
            is_of_group = "/members" in path or "/invitations" in path or path.endswith("/group")
            known = {"id": caller.group if is_of_group else caller.known, "seq": 1, "user": caller.other}
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        # Programs say with the origin that no other site made them send this. The cookie is the caller's own, not a
        # generated one, so that requests get past the door.
        case.cookies = {"martlet": caller.token}
        response = case.call(base_url=f"{address}/api/v1", headers={"Origin": address}, timeout=10)
        statuses.append(response.status_code)
        # Some operations end the session, and a new one begins with the next request.
        if response.status_code == 401 or method == "delete" and path == "/session":
            answer = caller.client.post("/api/v1/session", {"username": caller.username, "password": PASSWORD})
            assert answer.status == 200, answer
        if response.status_code == 414:
            # Described once for all operations.
            assert len(response.request.url) > 4_096
            return
        case.validate_response(response, checks=CHECKS)

    requests_fit()
    # Wrong credentials are refused behind the door, too.
    at_the_door = {403} if (path, method) == ("/session", "post") else {401, 403}
    assert set(statuses) - at_the_door, f"nothing got past the door: {set(statuses)}"


@pytest.mark.parametrize("path, method", OPERATIONS, ids=lambda value: value)
def test_without_a_session_and_an_origin_the_same_operations_are_refused_as_described(described, address, path, method):
    operation = described[path][method]

    @hypothesis.settings(
        max_examples=8, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy())
    def requests_are_refused(case):
        case.cookies = {}
        response = case.call(base_url=f"{address}/api/v1", timeout=10)
        case.validate_response(response, checks=CHECKS)
        if path != "/openapi.json":
            assert response.status_code == (401 if method == "get" else 403), response.text

    requests_are_refused()
