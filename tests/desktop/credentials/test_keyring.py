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
        self.refused = ""
        self.threads: set[threading.Thread] = set()
        self._gates: dict[str, threading.Event] = {}

    def hang_at(self, password: str) -> threading.Event:
        """Let whoever sets `password` wait until the answer is set."""
        return self._gates.setdefault(password, threading.Event())

    def _use(self) -> None:
        self.threads.add(threading.current_thread())
        if self.failure is not None:
            raise self.failure

    def get_password(self, service: str, username: str) -> str | None:
        self._use()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._use()
        if password in self._gates:
            self._gates[password].wait(10)
        if password == self.refused:
            raise keyring.errors.PasswordSetError(password)
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


async def test_forgetting_one_leaves_the_others(store: KeyringCredentials, ring: Ring) -> None:
    for key, token in ((ANA, "one"), (BEA, "two"), (ELSEWHERE, "three")):
        await store.save(key, token)
    await store.forget(ANA)
    assert [await store.load(key) for key in (ANA, BEA, ELSEWHERE)] == [None, "two", "three"]
    assert sorted(ring.kept.values()) == ["three", "two"]


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


class TestWhatTheKeyringDoesNotTake:
    """It holds until the program ends."""

    @pytest.fixture
    def locked(self, ring: Ring) -> Ring:
        ring.failure = keyring.errors.KeyringLocked("no")
        return ring

    async def test_tokens_of_several_accounts(self, store: KeyringCredentials, locked: Ring) -> None:
        for key, token in ((ANA, "one"), (BEA, "two")):
            with pytest.raises(CredentialsUnavailable):
                await store.save(key, token)
        assert await store.load(ANA) == "one"
        assert await store.load(BEA) == "two"
        with pytest.raises(CredentialsUnavailable):
            await store.load(ELSEWHERE)
        with pytest.raises(CredentialsUnavailable):
            await KeyringCredentials(lambda: locked).load(ANA)

    async def test_it_is_kept_as_soon_as_the_keyring_opens(self, store: KeyringCredentials, locked: Ring) -> None:
        with pytest.raises(CredentialsUnavailable):
            await store.save(ANA, "one")
        locked.failure = None
        await store.save(BEA, "two")
        assert sorted(locked.kept.values()) == ["one", "two"]
        assert await store.load(ANA) == "one"

    async def test_reading_is_an_occasion_too(self, store: KeyringCredentials, locked: Ring) -> None:
        with pytest.raises(CredentialsUnavailable):
            await store.save(ANA, "one")
        locked.failure = None
        assert await store.load(BEA) is None
        assert list(locked.kept.values()) == ["one"]

    async def test_what_was_to_be_deleted_is_not_given_out(self, store: KeyringCredentials, ring: Ring) -> None:
        await store.save(ANA, "one")
        ring.failure = keyring.errors.KeyringLocked("no")
        with pytest.raises(CredentialsUnavailable):
            await store.forget(ANA)
        assert await store.load(ANA) is None
        ring.failure = None
        await store.load(BEA)
        assert ring.kept == {}

    async def test_one_that_is_not_taken_again_spoils_nothing(self, store: KeyringCredentials, ring: Ring) -> None:
        ring.failure = OSError("no")
        with pytest.raises(CredentialsUnavailable):
            await store.save(ANA, "one")
        ring.failure = None
        ring.refused = "one"
        await store.save(BEA, "two")
        assert list(ring.kept.values()) == ["two"]
        assert await store.load(ANA) == "one"

    async def test_nothing_of_it_is_in_a_repr(self, store: KeyringCredentials, locked: Ring) -> None:
        with pytest.raises(CredentialsUnavailable):
            await store.save(ANA, "one-secret")
        assert "one-secret" not in repr(vars(store))


@pytest.mark.parametrize("later", ["two", None])
async def test_a_call_that_comes_back_late_does_not_undo_a_later_one(ring: Ring, later: str | None) -> None:
    """The keyring asks for its password, nobody answers in time; then somebody does."""
    store = KeyringCredentials(lambda: ring, timeout=0.05)
    answered = ring.hang_at("one")
    with pytest.raises(CredentialsUnavailable):
        await store.save(ANA, "one")
    await (store.forget(ANA) if later is None else store.save(ANA, later))
    answered.set()
    for thread in ring.threads:
        await asyncio.to_thread(thread.join, 10)
    assert list(ring.kept.values()) == ([] if later is None else [later])
    assert await store.load(ANA) == later


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
