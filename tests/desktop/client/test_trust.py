"""Choosing certificate authorities. What TLS makes of the choice is in `test_tls`."""

import os
import ssl
import stat
from pathlib import Path

import pytest

from salebell_desktop.client.trust import LONGEST, Trust, TrustRefused, system_trust

pytest.importorskip("cryptography")
from cryptography.hazmat.primitives import serialization

from tests.desktop.client.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    settings = tmp_path / "settings"
    settings.mkdir()
    return settings


def known(context: ssl.SSLContext) -> set[str]:
    """The names of the authorities that were read so far, but for the system's."""
    names = {str(certificate["subject"]) for certificate in context.get_ca_certs()}
    return names - {str(certificate["subject"]) for certificate in ssl.create_default_context().get_ca_certs()}


def names(*authorities: str) -> set[str]:
    return {str(((("commonName", name),),)) for name in authorities}


def test_nothing_chosen(settings: Path) -> None:
    trust = Trust(settings)
    assert not trust.chosen
    assert trust.context() is system_trust()
    assert trust.context().verify_mode is ssl.CERT_REQUIRED
    assert list(settings.iterdir()) == []


def test_a_choice(settings: Path, authority: Authority) -> None:
    trust = Trust(settings)
    before = trust.context()
    trust.choose(authority.file)
    assert trust.chosen
    context = trust.context()
    assert context is not before
    assert context is trust.context()
    assert known(context) == names("Shop CA")
    assert known(before) == set()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_choice_outlasts_the_program_and_the_file(settings: Path, authority: Authority) -> None:
    Trust(settings).choose(authority.file)
    authority.file.unlink()
    assert known(Trust(settings).context()) == names("Shop CA")


def test_a_choice_takes_the_place_of_the_one_before(settings: Path, authority: Authority, tmp_path: Path) -> None:
    trust = Trust(settings)
    trust.choose(authority.file)
    trust.choose(Authority(tmp_path, "Other CA").file)
    assert known(trust.context()) == names("Other CA")


def test_several_in_one_file(settings: Path, authority: Authority, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(
        b"The shop's:\r\n" + authority.file.read_bytes() + Authority(tmp_path, "Other CA").file.read_bytes()
    )
    trust = Trust(settings)
    trust.choose(both)
    assert known(trust.context()) == names("Shop CA", "Other CA")


def test_only_certificates_are_copied(settings: Path, authority: Authority) -> None:
    """Whoever takes the server's own file must not spread its key."""
    Trust(settings).choose(authority.issue())
    (copy,) = settings.iterdir()
    assert b"CERTIFICATE" in copy.read_bytes()
    assert b"PRIVATE" not in copy.read_bytes()


def test_one_that_is_not_in_pem(settings: Path, authority: Authority, tmp_path: Path) -> None:
    exported = tmp_path / "shop.cer"
    exported.write_bytes(authority.certificate.public_bytes(serialization.Encoding.DER))
    trust = Trust(settings)
    trust.choose(exported)
    assert known(trust.context()) == names("Shop CA")


PADDED = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no certificate in this file"),
        (b"\xef\xbb\xbfhello", "no certificate in this file"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "no certificate in this file"),
        (PADDED, "cannot be read"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "cannot be read"),
        (PADDED.replace(b"MIIB", b"M\xc3\xa9B"), "cannot be read"),
        (b"\x30\x82\x01", "cannot be read"),
        (b" " * LONGEST + PADDED, "too large"),
    ],
)
def test_files_that_are_none(
    settings: Path, authority: Authority, tmp_path: Path, content: bytes, sentence: str
) -> None:
    trust = Trust(settings)
    trust.choose(authority.file)
    other = tmp_path / "other.pem"
    other.write_bytes(content)
    with pytest.raises(TrustRefused, match=sentence):
        trust.choose(other)
    assert known(trust.context()) == names("Shop CA"), "nothing has changed"
    assert known(Trust(settings).context()) == names("Shop CA")


def test_a_damaged_one_among_good_ones(settings: Path, authority: Authority, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authority.file.read_bytes() + PADDED)
    with pytest.raises(TrustRefused, match="cannot be read"):
        Trust(settings).choose(other)


@pytest.mark.parametrize("name", ["missing.pem", "."])
def test_no_file(settings: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(TrustRefused, match=r"^This file cannot be read\.$"):
        Trust(settings).choose(tmp_path / name)


def test_nowhere_to_keep_it(settings: Path, authority: Authority) -> None:
    settings.rmdir()
    trust = Trust(settings)
    with pytest.raises(TrustRefused, match="could not be saved"):
        trust.choose(authority.file)
    assert trust.context() is system_trust()


@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX")
def test_the_copy_is_for_nobody_else(settings: Path, authority: Authority) -> None:
    """Also where one was left behind that everybody may write: whoever writes it decides whom this program trusts."""
    beside = settings / "authorities.pem.new"
    beside.touch()
    beside.chmod(0o666)
    Trust(settings).choose(authority.file)
    (copy,) = settings.iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_something_that_is_in_the_way(settings: Path, authority: Authority) -> None:
    (settings / "authorities.pem.new").mkdir()
    trust = Trust(settings)
    with pytest.raises(TrustRefused, match="could not be saved"):
        trust.choose(authority.file)
    assert not trust.chosen


def test_a_copy_that_is_in_the_way(settings: Path, authority: Authority) -> None:
    (settings / "authorities.pem").mkdir()
    trust = Trust(settings)
    with pytest.raises(TrustRefused, match="could not be saved"):
        trust.choose(authority.file)
    assert [entry.name for entry in settings.iterdir()] == ["authorities.pem"]


def test_a_copy_that_was_damaged(settings: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The program starts all the same, and trusts nobody more than the system does."""
    (settings / "authorities.pem").write_bytes(PADDED)
    assert Trust(settings).context() is system_trust()
    assert "are not used" in caplog.text
