"""What the system's keyring may do to us, with back ends of keyring's own kind."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from salebell_desktop.credentials import CredentialKey, CredentialsUnavailable, Problem
from salebell_desktop.credentials.keyring import SERVICE, KeyringCredentials, system_backend

pytestmark = pytest.mark.plain_asyncio

ANA = CredentialKey("wss://api.example.com", "u1")
BEA = CredentialKey("wss://api.example.com", "u2")
ELSEWHERE = CredentialKey("ws://localhost:3001", "u1")


class Ring(KeyringBackend):
    """A keyring in memory, that can be made to fail."""

    # keyring declares a property of the class here, and lets back ends give a number
    priority = 1  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's has no types
        self.kept: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None
        self.threads: set[threading.Thread] = set()

    def _use(self) -> None:
        self.threads.add(threading.current_thread())
        if self.failure is not None:
            raise self.failure

    def get_password(self, service: str, username: str) -> str | None:
        self._use()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._use()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._use()
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("No such password!")
        del self.kept[service, username]


async def _load(store: KeyringCredentials) -> object:
    return await store.load(ANA)


async def _save(store: KeyringCredentials) -> object:
    return await store.save(ANA, "secret-token")


async def _forget(store: KeyringCredentials) -> object:
    return await store.forget(ANA)


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def store(ring: Ring) -> KeyringCredentials:
    return KeyringCredentials(lambda: ring)


async def test_tokens_are_kept_by_server_and_admin(store: KeyringCredentials, ring: Ring) -> None:
    await store.save(ANA, "one")
    await store.save(ELSEWHERE, "two")
    assert await store.load(ANA) == "one"
    assert await store.load(ELSEWHERE) == "two"
    assert await store.load(BEA) is None
    await store.save(ANA, "three")
    assert await store.load(ANA) == "three"
    assert {service for service, _ in ring.kept} == {SERVICE}
    assert store.lasting


async def test_forgetting(store: KeyringCredentials, ring: Ring) -> None:
    await store.save(ANA, "one")
    await store.forget(ANA)
    await store.forget(ANA)
    assert ring.kept == {}


async def test_the_loop_never_waits_for_a_keyring(store: KeyringCredentials, ring: Ring) -> None:
    await store.save(ANA, "one")
    assert threading.main_thread() not in ring.threads
    assert all(thread.daemon for thread in ring.threads)


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        (keyring.errors.NoKeyringError("No recommended backend was available."), Problem.MISSING),
        (keyring.errors.InitError("Failed to create the collection"), Problem.MISSING),
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), Problem.LOCKED),
        (keyring.errors.PasswordSetError("secret-token"), Problem.BROKEN),
        (keyring.errors.KeyringError("secret-token"), Problem.BROKEN),
        (OSError("secret-token"), Problem.BROKEN),
    ],
)
@pytest.mark.parametrize("use", [_load, _save, _forget])
async def test_every_failure_has_a_name_and_shows_no_token(
    store: KeyringCredentials,
    ring: Ring,
    use: Callable[[KeyringCredentials], Awaitable[object]],
    failure: Exception,
    problem: Problem,
) -> None:
    ring.failure = failure
    with pytest.raises(CredentialsUnavailable) as caught:
        await use(store)
    assert caught.value.problem is problem
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "token" not in str(caught.value)


async def test_a_keyring_that_never_answers_is_left_alone() -> None:
    answer = threading.Event()

    def hang() -> Ring:
        answer.wait()
        return Ring()

    store = KeyringCredentials(hang, timeout=0.05)
    with pytest.raises(CredentialsUnavailable) as caught:
        await store.load(ANA)
    assert caught.value.problem is Problem.SILENT
    answer.set()


async def test_one_call_at_a_time(ring: Ring) -> None:
    """A token that is deleted after it was saved stays deleted."""
    store = KeyringCredentials(lambda: ring)
    await asyncio.gather(store.save(ANA, "one"), store.forget(ANA), store.save(BEA, "two"), store.forget(BEA))
    assert ring.kept == {}


def test_only_keyrings_that_encrypt_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    try:
        backend = system_backend()
    except keyring.errors.NoKeyringError:
        return
    assert type(backend).__module__.rpartition(".")[2] in ("macOS", "Windows")
