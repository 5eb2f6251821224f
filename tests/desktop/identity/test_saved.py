import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from salebell_desktop.credentials import CredentialKey
from salebell_desktop.identity.saved import Pin, SavedAccount, SavedSignIns
from salebell_protocol.http import ClientConfig, FirebaseConfig, Provider

LOCAL = Pin(provider=Provider.LOCAL)
FIREBASE = FirebaseConfig(project_id="shop-1", api_key="key-1", google_client_id="id-1", google_client_secret="s-1")
PROJECT = Pin(provider=Provider.FIREBASE, firebase=FIREBASE)

ANA = SavedAccount(
    server="wss://api.example.com", provider=Provider.LOCAL, uid="u1", email="ana@example.com", name="Ana"
)
EVA = replace(ANA, uid="u3", email="eva@example.com", name="Eva")
BEA = SavedAccount(
    server="ws://localhost:3001", provider=Provider.FIREBASE, uid="u2", email="bea@example.com", name="Bea"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sign-in.json"


@pytest.fixture
def three(path: Path) -> SavedSignIns:
    """Ana, Eva and Bea signed in, in this order."""
    saved = SavedSignIns(path)
    saved.signed_in(ANA, LOCAL)
    saved.signed_in(EVA, LOCAL)
    saved.signed_in(BEA, PROJECT)
    return saved


def test_nobody_at_first(path: Path) -> None:
    saved = SavedSignIns(path)
    assert saved.accounts == ()
    assert saved.active is None
    assert saved.pin(ANA.server) is None
    assert saved.leftovers == ()
    saved.signed_out(ANA.key)
    saved.use(ANA.key)
    assert not path.exists()


class TestAccounts:
    def test_the_one_used_last_is_first_in_the_next_run(self, three: SavedSignIns, path: Path) -> None:
        again = SavedSignIns(path)
        assert again.accounts == (BEA, EVA, ANA)
        assert again.active == BEA
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_using_one(self, three: SavedSignIns, path: Path) -> None:
        three.use(ANA.key)
        assert SavedSignIns(path).accounts == (ANA, BEA, EVA)
        assert SavedSignIns(path).active == ANA

    def test_signing_in_again_takes_the_place_of_the_entry_before(self, three: SavedSignIns, path: Path) -> None:
        three.signed_out(ANA.key)
        renamed = replace(ANA, name="Ana María")
        three.signed_in(renamed, LOCAL)
        assert SavedSignIns(path).accounts == (renamed, BEA, EVA)
        assert three.leftovers == ()

    def test_one_server_and_two_admins_are_two_accounts(self, three: SavedSignIns) -> None:
        assert three.find(ANA.key) == ANA
        assert three.find(EVA.key) == EVA
        assert three.find(CredentialKey(BEA.server, ANA.uid)) is None

    def test_a_session_that_is_over_leaves_the_account(self, three: SavedSignIns, path: Path) -> None:
        three.signed_out(BEA.key)
        three.signed_out(BEA.key)
        again = SavedSignIns(path)
        assert again.accounts == (replace(BEA, signed_in=False), EVA, ANA)
        assert again.active is not None
        assert not again.active.signed_in
        assert again.leftovers == (BEA.key,)

    def test_another_name(self, three: SavedSignIns, path: Path) -> None:
        three.rename(EVA.key, email="eva.m@example.com", name="Eva M.")
        assert SavedSignIns(path).accounts[1] == replace(EVA, email="eva.m@example.com", name="Eva M.")


class TestForgetting:
    def test_nothing_of_the_account_is_left_and_nobody_takes_its_place(self, three: SavedSignIns, path: Path) -> None:
        three.forget(BEA.key)
        again = SavedSignIns(path)
        assert again.accounts == (EVA, ANA)
        assert again.active is None
        assert BEA.email not in path.read_text()
        assert BEA.name not in path.read_text()

    def test_one_that_is_not_active_changes_nothing_for_the_one_that_is(self, three: SavedSignIns) -> None:
        three.forget(ANA.key)
        assert three.active == BEA
        assert three.accounts == (BEA, EVA)

    def test_a_file_that_was_set_aside_goes_too(self, path: Path) -> None:
        path.write_text("ana@example.com")
        saved = SavedSignIns(path)
        saved.signed_in(ANA, LOCAL)
        saved.forget(ANA.key)
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_a_token_that_could_not_be_deleted_is_remembered(self, three: SavedSignIns, path: Path) -> None:
        three.forget(BEA.key)
        three.signed_out(ANA.key)
        assert SavedSignIns(path).leftovers == (BEA.key, ANA.key)
        three.swept(BEA.key)
        assert SavedSignIns(path).leftovers == (ANA.key,)
        three.signed_in(ANA, LOCAL)
        assert SavedSignIns(path).leftovers == (), "that token is wanted again"


class TestPins:
    def test_each_server_has_its_own(self, three: SavedSignIns, path: Path) -> None:
        again = SavedSignIns(path)
        assert again.pin(ANA.server) == LOCAL
        assert again.pin(BEA.server) == PROJECT

    def test_they_outlast_the_last_account(self, three: SavedSignIns, path: Path) -> None:
        for account in (ANA, EVA, BEA):
            three.forget(account.key)
        again = SavedSignIns(path)
        assert again.accounts == ()
        assert again.pin(ANA.server) == LOCAL
        assert again.pin(BEA.server) == PROJECT

    @pytest.mark.parametrize(
        ("pinned", "other", "admitted"),
        [
            (LOCAL, LOCAL, True),
            (LOCAL, PROJECT, False),
            (PROJECT, LOCAL, False),
            (PROJECT, PROJECT, True),
            (PROJECT, Pin(provider=Provider.FIREBASE, firebase=replace(FIREBASE, api_key="key-2")), True),
            (PROJECT, Pin(provider=Provider.FIREBASE, firebase=replace(FIREBASE, google_client_id=None)), True),
            (PROJECT, Pin(provider=Provider.FIREBASE, firebase=replace(FIREBASE, project_id="shop-2")), False),
            (PROJECT, Pin(provider=Provider.FIREBASE), False),
            (Pin(provider=Provider.FIREBASE), PROJECT, True),
        ],
    )
    def test_the_project_must_stay_and_the_rest_may_change(self, pinned: Pin, other: Pin, admitted: bool) -> None:
        assert pinned.admits(other) is admitted

    def test_of_what_a_server_says(self) -> None:
        config = ClientConfig(provider=Provider.FIREBASE, server="salebell/1.0.0", firebase=FIREBASE)
        assert Pin.of(config) == PROJECT
        assert Pin.of(replace(config, provider=Provider.LOCAL)) == LOCAL

    def test_other_settings_of_the_same_place(self, three: SavedSignIns, path: Path) -> None:
        other = Pin(provider=Provider.FIREBASE, firebase=replace(FIREBASE, api_key="key-2"))
        three.repin(BEA.server, other)
        assert SavedSignIns(path).pin(BEA.server) == other
        three.repin(BEA.server, LOCAL)
        assert three.pin(BEA.server) == other
        three.repin("wss://unknown.example", LOCAL)
        assert three.pin("wss://unknown.example") is None


class TestTheFileOfBefore:
    """One account, and providers without a project."""

    @pytest.fixture
    def before(self, path: Path) -> Path:
        account = {"server": ANA.server, "provider": "local", "uid": "u1", "email": ANA.email, "name": "Ana"}
        providers = {ANA.server: "local", BEA.server: "firebase"}
        path.write_text(json.dumps({"account": {**account, "signed_in": True}, "providers": providers}))
        return path

    def test_it_is_carried_over(self, before: Path) -> None:
        saved = SavedSignIns(before)
        assert saved.accounts == (ANA,)
        assert saved.active == ANA
        assert saved.pin(ANA.server) == LOCAL
        assert saved.pin(BEA.server) == Pin(provider=Provider.FIREBASE)

    def test_and_written_as_it_is_now(self, before: Path) -> None:
        SavedSignIns(before).signed_in(BEA, PROJECT)
        content: dict[str, Any] = json.loads(before.read_text())
        assert set(content) == {"accounts", "pins"}
        again = SavedSignIns(before)
        assert again.accounts == (BEA, ANA)
        assert again.pin(ANA.server) == LOCAL

    def test_nobody_in_it(self, path: Path) -> None:
        path.write_text('{"account": null, "providers": {}}')
        assert SavedSignIns(path).accounts == ()


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"\xff\xfe", b'{"accounts": [{"server": 5}]}', b'{"x": ' + b"[" * 100_000]
)
def test_a_file_that_cannot_be_understood_is_set_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    saved = SavedSignIns(path)
    assert saved.active is None
    assert path.with_name("sign-in.json.broken").read_bytes() == content
    saved.signed_in(ANA, LOCAL)
    assert SavedSignIns(path).active == ANA


def test_one_that_cannot_even_be_set_aside_is_ignored(path: Path) -> None:
    path.mkdir()
    path.with_name("sign-in.json.broken").write_text("there already")
    assert SavedSignIns(path).active is None


def test_what_cannot_be_written_is_told_and_holds_meanwhile(tmp_path: Path) -> None:
    saved = SavedSignIns(tmp_path / "missing" / "sign-in.json")
    with pytest.raises(OSError, match="No such file"):
        saved.signed_in(ANA, LOCAL)
    assert saved.active == ANA
    with pytest.raises(OSError, match="No such file"):
        saved.forget(ANA.key)
    assert saved.accounts == ()
