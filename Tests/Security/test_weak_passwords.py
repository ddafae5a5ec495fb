"""Passwords that somebody who guesses tries first."""

import pytest

from client import Client
from people import PASSWORD, is_signed_in, sign_up, try_sign_in, unique_name

#: ``{name}`` is the username.
WEAK = [
    "", "a", "1234567", "short-1", "\U0001f600\U0001f600", "\U0001f600" * 7, "\u00e9\u00e9\u00e9\u00e9", "        ",
    "password", "Password1", "PASSWORD123", "12345678", "123456789", "qwertyuiop", "iloveyou", "letmein123", "sunshine1",
    "password!", "password1!", "password2027", "Password99!", "qwerty2027", "letmein!!!", "dragon2026!",
    "{name}", "{name}1", "{name}12", "{name}123", "{name}!", "{name}2026", "1{name}", "{NAME}1", "my{name}", "x{name}x",
    "martlet1", "martlet123", "Martlet2026", "mymartlet!", "martletmartlet", "MARTLET-1", "!!martlet!!",
]  # fmt: skip
GOOD = [
    PASSWORD, "kT7#vq9Lm2", "blau-tasse-lampe-9", "\u043a\u043e\u0440\u043e\u0432\u0430 \u0438 \u043b\u0443\u043d\u0430",
    "\U0001f600\U0001f984\U0001f335\U0001f6f6\U0001f9ca\U0001f9f2\U0001f97e\U0001f3bb", "wobble quartz ninety",
]  # fmt: skip


def filled(template, name):
    return template.replace("{name}", name).replace("{NAME}", name.upper())


@pytest.fixture(scope="module")
def account(address):
    return sign_up(address, "tester")


@pytest.mark.parametrize("template", WEAK)
def test_a_weak_password_is_refused_at_sign_up_with_the_field_named(address, template):
    name = unique_name("weak")[:20]
    client = Client(address)
    answer = client.post("/api/v1/accounts", {"username": name, "password": filled(template, name)})
    assert answer.status == 422, answer
    assert answer.json()["code"] == "weak-password" and answer.json()["field"] == "password"
    assert client.cookies == {}
    answer = client.post("/signup", form={"username": name, "password": filled(template, name)})
    assert answer.status == 422 and client.cookies == {}


@pytest.mark.parametrize("template", WEAK)
def test_a_weak_password_is_refused_as_a_new_one_with_the_field_named(account, address, template):
    weak = filled(template, account.username)
    answer = account.client.post("/api/v1/account/password", {"currentPassword": PASSWORD, "newPassword": weak})
    if answer.status == 204:
        account.client.post("/api/v1/account/password", {"currentPassword": weak, "newPassword": PASSWORD})
    assert answer.status == 422, answer
    assert answer.json()["code"] == "weak-password" and answer.json()["field"] == "newPassword"
    assert is_signed_in(account.client)


@pytest.mark.parametrize("password", GOOD)
def test_other_passwords_are_taken(address, password):
    person = sign_up(address, password=password)
    assert try_sign_in(Client(address), person.username, password).status == 200
