"""The real Secret Service: the same store in several sessions of one user."""

import json
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")

PROGRAM = """
import asyncio, json, sys
from salebell_desktop.credentials import CredentialKey, CredentialsUnavailable
from salebell_desktop.credentials.keyring import KeyringCredentials

ACCOUNTS = {
    "ana": CredentialKey("wss://api.example.com", "u1"),
    "bea": CredentialKey("wss://api.example.com", "u2"),
    "ana elsewhere": CredentialKey("ws://localhost:3001", "u1"),
}

def items():
    # The names of all that is in the keyring, whoever put it there.
    import secretstorage
    bus = secretstorage.dbus_init()
    collection = secretstorage.get_default_collection(bus)
    names = sorted(item.get_attributes().get("username", "?") for item in collection.get_all_items())
    bus.close()
    return names

async def main():
    store = KeyringCredentials(timeout=20)
    told = []
    for step in STEPS:
        try:
            match step:
                case ["save", who, token]:
                    told.append(await store.save(ACCOUNTS[who], token))
                case ["load", who]:
                    told.append(await store.load(ACCOUNTS[who]))
                case ["forget", who]:
                    told.append(await store.forget(ACCOUNTS[who]))
                case ["items"]:
                    told.append(items())
        except CredentialsUnavailable as unavailable:
            told.append(unavailable.problem.name)
    print(json.dumps(told))

asyncio.run(main())
"""


def steps(secret_service: Any, password: str, *steps: list[str]) -> list[Any]:
    printed = secret_service.run(PROGRAM.replace("STEPS", json.dumps(steps)), password=password)
    told: list[Any] = json.loads(printed)
    return told


def test_a_token_outlasts_the_session(secret_service: Any) -> None:
    assert steps(
        secret_service, "letmein", ["load", "ana"], ["save", "ana", "tökén-1"], ["load", "ana"], ["load", "bea"]
    ) == [None, None, "tökén-1", None]
    assert steps(
        secret_service, "letmein", ["load", "ana"], ["save", "ana", "token-2"], ["load", "ana"], ["forget", "ana"],
        ["load", "ana"],
    ) == ["tökén-1", None, "token-2", None, None]  # fmt: skip
    assert steps(secret_service, "letmein", ["load", "ana"], ["forget", "ana"]) == [None, None]


def test_several_accounts_have_an_entry_each_and_a_forgotten_one_has_none(secret_service: Any) -> None:
    told = steps(
        secret_service, "letmein", ["save", "ana", "one"], ["save", "bea", "two"], ["save", "ana elsewhere", "three"],
        ["save", "ana", "four"], ["items"],
    )  # fmt: skip
    ana, bea, elsewhere = "u1 at wss://api.example.com", "u2 at wss://api.example.com", "u1 at ws://localhost:3001"
    assert told[-1] == sorted([ana, bea, elsewhere])
    told = steps(secret_service, "letmein", ["load", "ana"], ["forget", "ana"], ["items"], ["load", "bea"])
    assert told == ["four", None, sorted([bea, elsewhere]), "two"]
    told = steps(secret_service, "letmein", ["forget", "bea"], ["forget", "ana elsewhere"], ["items"])
    assert told[-1] == []
    assert steps(secret_service, "letmein", ["items"]) == [[]]


def test_a_locked_keyring_says_so(secret_service: Any) -> None:
    """There is no display to ask for the password on, so that the keyring stays locked."""
    assert steps(secret_service, "letmein", ["save", "ana", "token-1"]) == [None]
    told = steps(secret_service, "", ["load", "ana"], ["save", "ana", "token-2"], ["load", "ana"])
    assert told == ["LOCKED", "LOCKED", "token-2"], "that run goes on with what it has"
    assert steps(secret_service, "letmein", ["load", "ana"]) == ["token-1"]


def test_no_plain_text_on_the_disk(secret_service: Any, tmp_path: Any) -> None:
    steps(secret_service, "letmein", ["save", "ana", "a-token-in-plain-text"])
    kept = [file.read_bytes() for file in tmp_path.rglob("*.keyring")]
    assert kept
    assert not any(b"a-token-in-plain-text" in content for content in kept)
