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

async def main():
    store = KeyringCredentials(timeout=20)
    ana, bea = CredentialKey("wss://api.example.com", "u1"), CredentialKey("wss://api.example.com", "u2")
    told = []
    for step in STEPS:
        try:
            match step:
                case ["save", token]:
                    told.append(await store.save(ana, token))
                case ["load"]:
                    told.append(await store.load(ana))
                case ["load other"]:
                    told.append(await store.load(bea))
                case ["forget"]:
                    told.append(await store.forget(ana))
        except CredentialsUnavailable as unavailable:
            told.append(unavailable.problem.name)
    print(json.dumps(told))

asyncio.run(main())
"""


def steps(secret_service: Any, password: str, *steps: list[str]) -> list[str | None]:
    printed = secret_service.run(PROGRAM.replace("STEPS", json.dumps(steps)), password=password)
    told: list[str | None] = json.loads(printed)
    return told


def test_a_token_outlasts_the_session(secret_service: Any) -> None:
    assert steps(secret_service, "letmein", ["load"], ["save", "tökén-1"], ["load"], ["load other"]) == [
        None, None, "tökén-1", None,
    ]  # fmt: skip
    assert steps(secret_service, "letmein", ["load"], ["save", "token-2"], ["load"], ["forget"], ["load"]) == [
        "tökén-1", None, "token-2", None, None,
    ]  # fmt: skip
    assert steps(secret_service, "letmein", ["load"], ["forget"]) == [None, None]


def test_a_locked_keyring_says_so(secret_service: Any) -> None:
    """There is no display to ask for the password on, so that the keyring stays locked."""
    assert steps(secret_service, "letmein", ["save", "token-1"]) == [None]
    told = steps(secret_service, "", ["load"], ["save", "token-2"])
    assert told == ["LOCKED", "LOCKED"]
    assert steps(secret_service, "letmein", ["load"]) == ["token-1"]


def test_no_plain_text_on_the_disk(secret_service: Any, tmp_path: Any) -> None:
    steps(secret_service, "letmein", ["save", "a-token-in-plain-text"])
    kept = [file.read_bytes() for file in tmp_path.rglob("*.keyring")]
    assert kept
    assert not any(b"a-token-in-plain-text" in content for content in kept)
