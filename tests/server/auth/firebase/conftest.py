import os
from collections.abc import Generator

import pytest

from salebell_server.auth.project import EMULATOR_VARIABLE
from tests.firebase.google import CertificateServer, Key, certificate_server
from tests.server.auth.firebase.stand import Now


@pytest.fixture
def no_emulator() -> None:
    """Signatures count."""
    assert os.environ.get(EMULATOR_VARIABLE) is None


@pytest.fixture(scope="session")
def key() -> Key:
    return Key("key-1")


@pytest.fixture(scope="session")
def next_key() -> Key:
    return Key("key-2")


@pytest.fixture
def google(key: Key, no_emulator: None) -> Generator[CertificateServer, None, None]:
    """Has the certificate of `key`."""
    with certificate_server(key) as server:
        yield server


@pytest.fixture
def now() -> Now:
    return Now()
