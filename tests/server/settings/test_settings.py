"""Settings: what the environment says, and what is told to somebody who mistypes it."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from salebell_protocol.http import Provider
from salebell_server.settings import Fallback, Settings
from tests.server.settings.stand import problems


def test_nothing_set_is_a_server_for_this_machine_alone() -> None:
    settings = Settings.from_environ({})
    assert (settings.host, settings.port) == ("127.0.0.1", 3001)
    assert settings.auth is Provider.LOCAL
    assert settings.trusted_proxies == ()
    assert (settings.log_level, settings.log_format) == ("info", "console")
    assert settings.data_dir.is_absolute()
    assert (settings.redis, settings.firebase, settings.ignored) == (None, None, ())
    assert (settings.fallback, settings.allow_weak_redis) == (Fallback.OUTBOX, False)


def test_everything_set() -> None:
    settings = Settings.from_environ(
        {
            "SALEBELL_HOST": "0.0.0.0",
            "SALEBELL_PORT": "8080",
            "SALEBELL_DATA_DIR": "/srv/salebell",
            "SALEBELL_AUTH": "local",
            "SALEBELL_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,::1",
            "SALEBELL_ALLOWED_ORIGINS": "https://Admin.example.com/",
            "SALEBELL_EVENT_DAYS": "30",
            "SALEBELL_LOG_LEVEL": "DEBUG",
            "SALEBELL_LOG_FORMAT": "json",
            "ENABLE_REDIS": "false",
        }
    )
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert settings.data_dir == Path("/srv/salebell")
    assert settings.trusted_proxies == (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.allowed_origins == ("https://admin.example.com",)
    assert settings.retention.event_days == 30
    assert (settings.log_level, settings.log_format) == ("debug", "json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALEBELL_PORT", "http"),
        ("SALEBELL_PORT", "65536"),
        ("SALEBELL_PORT", "-1"),
        ("SALEBELL_PORT", "3001.0"),
        ("SALEBELL_AUTH", "ldap"),
        ("SALEBELL_TRUSTED_PROXIES", "proxy.example.com"),
        ("SALEBELL_ALLOWED_ORIGINS", "admin.example.com"),
        ("SALEBELL_ALLOWED_ORIGINS", "https://admin.example.com/path"),
        ("SALEBELL_EVENT_DAYS", "0"),
        ("SALEBELL_EVENTS_PER_STORE", "many"),
        ("SALEBELL_SALE_DAYS", "-3"),
        ("SALEBELL_LOG_LEVEL", "loud"),
        ("SALEBELL_LOG_FORMAT", "xml"),
        ("ENABLE_REDIS", "maybe"),
        ("SALEBELL_FALLBACK", "memory"),
        ("SALEBELL_ALLOW_WEAK_REDIS", "perhaps"),
        ("SALEBELL_ENV_FILE", "/nowhere/server.env"),
    ],
)
def test_a_mistake_names_its_variable(name: str, value: str) -> None:
    assert list(problems({name: value})) == [name]


def test_all_mistakes_are_told_at_once() -> None:
    found = problems({"SALEBELL_PORT": "x", "SALEBELL_LOG_LEVEL": "y", "ENABLE_REDIS": "z"})
    assert set(found) == {"SALEBELL_PORT", "SALEBELL_LOG_LEVEL", "ENABLE_REDIS"}


def test_a_file_fills_in_what_the_environment_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "server.env"
    file.write_text('# ours\nSALEBELL_PORT=4000\nSALEBELL_HOST="0.0.0.0"\nSALEBELL_DATA_DIR=${HOME}/x\n')
    settings = Settings.from_environ({"SALEBELL_ENV_FILE": str(file), "SALEBELL_PORT": "5000"})
    assert (settings.host, settings.port) == ("0.0.0.0", 5000)
    assert settings.data_dir == Path("${HOME}/x"), "values are taken as they are written"


def test_the_fallback() -> None:
    settings = Settings.from_environ({"SALEBELL_FALLBACK": "Reject", "SALEBELL_ALLOW_WEAK_REDIS": "1"})
    assert (settings.fallback, settings.allow_weak_redis) == (Fallback.REJECT, True)
