from pathlib import Path

import pytest

from salebell_desktop.identity.saved import SavedAccount, SavedSignIns
from salebell_protocol.http import Provider

ANA = SavedAccount(
    server="wss://api.example.com", provider=Provider.LOCAL, uid="u1", email="ana@example.com", name="Ana"
)
BEA = SavedAccount(
    server="ws://localhost:3001", provider=Provider.FIREBASE, uid="u2", email="bea@example.com", name="Bea"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sign-in.json"


def test_nobody_at_first(path: Path) -> None:
    saved = SavedSignIns(path)
    assert saved.account is None
    assert saved.provider(ANA.server) is None
    saved.signed_out()
    assert not path.exists()


def test_who_signed_in_last_is_there_in_the_next_run(path: Path) -> None:
    saved = SavedSignIns(path)
    saved.signed_in(ANA)
    saved.signed_in(BEA)
    again = SavedSignIns(path)
    assert again.account == BEA
    assert again.provider(ANA.server) is Provider.LOCAL
    assert again.provider(BEA.server) is Provider.FIREBASE
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_after_signing_out_the_provider_stays_pinned(path: Path) -> None:
    saved = SavedSignIns(path)
    saved.signed_in(ANA)
    saved.signed_out()
    saved.signed_out()
    again = SavedSignIns(path)
    assert again.account is not None
    assert not again.account.signed_in
    assert again.account.email == ANA.email
    assert again.provider(ANA.server) is Provider.LOCAL
    again.unpin(ANA.server)
    assert SavedSignIns(path).provider(ANA.server) is None


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"\xff\xfe", b'{"account": {"server": 5}}', b'{"x": ' + b"[" * 100_000]
)
def test_a_file_that_cannot_be_understood_is_set_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    saved = SavedSignIns(path)
    assert saved.account is None
    assert path.with_name("sign-in.json.broken").read_bytes() == content
    saved.signed_in(ANA)
    assert SavedSignIns(path).account == ANA


def test_one_that_cannot_even_be_set_aside_is_ignored(path: Path) -> None:
    path.mkdir()
    path.with_name("sign-in.json.broken").write_text("there already")
    assert SavedSignIns(path).account is None


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    saved = SavedSignIns(tmp_path / "missing" / "sign-in.json")
    with pytest.raises(OSError, match="No such file"):
        saved.signed_in(ANA)
