"""Where Redis is, as variables say it, and what is told to somebody who mistypes it."""

from pathlib import Path

import pytest

from salebell_server.log.address import RedisAddress
from salebell_server.settings import Settings, SettingsError
from tests.server.settings.stand import SECRET, problems


def redis_of(**variables: str) -> RedisAddress:
    redis = Settings.from_environ({"ENABLE_REDIS": "true", **variables}).redis
    assert redis is not None
    return redis


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, RedisAddress()),
        ({"REDIS_HOST": "Redis.example.com"}, RedisAddress(host="redis.example.com")),
        ({"REDIS_HOST": "::1", "REDIS_PORT": "6380"}, RedisAddress(host="::1", port=6380)),
        ({"REDIS_HOST": "[::1]"}, RedisAddress(host="::1")),
        ({"REDIS_HOST": "redis_1", "REDIS_DB": "3"}, RedisAddress(host="redis_1", db=3)),
        ({"REDIS_PASSWORD": SECRET}, RedisAddress(password=SECRET)),
        ({"REDIS_USERNAME": "shop", "REDIS_PASSWORD": SECRET}, RedisAddress(username="shop", password=SECRET)),
        ({"REDIS_URL": "redis://cache"}, RedisAddress(host="cache")),
        ({"REDIS_URL": "redis://cache/"}, RedisAddress(host="cache")),
        ({"REDIS_URL": "REDIS://10.0.0.5:7000/2"}, RedisAddress(host="10.0.0.5", port=7000, db=2)),
        ({"REDIS_URL": "redis://[2001:db8::1]:7000"}, RedisAddress(host="2001:db8::1", port=7000)),
        ({"REDIS_URL": "rediss://cache"}, RedisAddress(host="cache", tls=True)),
        ({"REDIS_URL": f"redis://:{SECRET}@cache"}, RedisAddress(host="cache", password=SECRET)),
        ({"REDIS_URL": f"redis://shop:{SECRET}@cache"}, RedisAddress(host="cache", username="shop", password=SECRET)),
        (
            {"REDIS_URL": "redis://sh%40p:%3A%2F%3F%23%40%25%C3%A9@cache/1"},
            RedisAddress(host="cache", username="sh@p", password=":/?#@%é", db=1),
        ),
        ({"REDIS_URL": "redis://:a@b@cache"}, RedisAddress(host="cache", password="a@b")),
    ],
)
def test_an_address_of_redis(variables: dict[str, str], address: RedisAddress) -> None:
    assert redis_of(**variables) == address


def test_variables_say_what_the_url_leaves_out() -> None:
    address = redis_of(REDIS_URL="rediss://cache", REDIS_PASSWORD=SECRET, REDIS_DB="4", REDIS_PORT="7000")
    assert address == RedisAddress(host="cache", port=7000, db=4, password=SECRET, tls=True)


def test_what_is_said_twice_alike_is_fine() -> None:
    variables = {"REDIS_HOST": "cache", "REDIS_PORT": "7000", "REDIS_DB": "1", "REDIS_PASSWORD": SECRET}
    address = redis_of(REDIS_URL=f"redis://:{SECRET}@cache:7000/1", **variables)
    assert address == RedisAddress(host="cache", port=7000, db=1, password=SECRET)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_HOST", "other"),
        ("REDIS_PORT", "7001"),
        ("REDIS_DB", "2"),
        ("REDIS_USERNAME", "clerk"),
        ("REDIS_PASSWORD", SECRET),
    ],
)
def test_what_is_said_twice_and_differs_names_both(name: str, value: str) -> None:
    found = problems({"ENABLE_REDIS": "true", "REDIS_URL": "redis://shop:0th3r@cache:7000/1", name: value})
    assert list(found) == [name]
    assert "REDIS_URL" in found[name]
    assert SECRET not in found[name]
    assert "0th3r" not in found[name]


def test_certificates_to_trust(tmp_path: Path) -> None:
    file = tmp_path / "my ca.pem"
    file.write_text("")
    trusted = RedisAddress(host="cache", tls=True, ca_file=str(file))
    assert redis_of(REDIS_URL="rediss://cache", REDIS_CA_FILE=str(file)) == trusted
    assert redis_of(REDIS_URL=f"rediss://cache?ssl_ca_certs={str(file).replace(' ', '%20')}") == trusted
    for variables in ({"REDIS_HOST": "cache"}, {"REDIS_URL": "redis://cache"}):
        found = problems({"ENABLE_REDIS": "true", "REDIS_CA_FILE": str(file), **variables})
        assert list(found) == ["REDIS_CA_FILE"]
        assert "rediss://" in found["REDIS_CA_FILE"]
    found = problems({"ENABLE_REDIS": "true", "REDIS_URL": f"redis://cache?ssl_ca_certs={file}"})
    assert "rediss://" in found["REDIS_URL"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_HOST", "redis://cache"),
        ("REDIS_HOST", "cache:6379"),
        ("REDIS_HOST", "the cache"),
        ("REDIS_HOST", "redis..example.com"),
        ("REDIS_HOST", "r" * 64),
        ("REDIS_HOST", f"shop:{SECRET}@cache"),
        ("REDIS_PORT", "0"),
        ("REDIS_PORT", "65536"),
        ("REDIS_PORT", "redis"),
        ("REDIS_DB", "-1"),
        ("REDIS_DB", "main"),
        ("REDIS_DB", "9" * 5000),
        ("REDIS_CA_FILE", "/nowhere/ca.pem"),
        ("REDIS_URL", "cache"),
        ("REDIS_URL", "cache:6379"),
        ("REDIS_URL", f"http://:{SECRET}@cache"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", f"redis://:{SECRET}@"),
        ("REDIS_URL", f"redis://:{SECRET}@cache:port"),
        ("REDIS_URL", f"redis://:{SECRET}@cache:0"),
        ("REDIS_URL", f"redis://:{SECRET}@cache:65536"),
        ("REDIS_URL", f"redis://:{SECRET}@cache/main"),
        ("REDIS_URL", f"redis://:{SECRET}@cache/0/1"),
        ("REDIS_URL", f"redis://:{SECRET}#@cache"),
        ("REDIS_URL", f"redis://:{SECRET}/x@cache"),
        ("REDIS_URL", f"redis://:{SECRET}?x@cache"),
        ("REDIS_URL", f"redis://:{SECRET}[x@cache"),
        ("REDIS_URL", f"redis://:{SECRET}\N{FULLWIDTH COLON}x@ca\N{FULLWIDTH SOLIDUS}che"),
        ("REDIS_URL", f"redis://:{SECRET}%FF@cache"),
        ("REDIS_URL", f"rediss://:{SECRET}@cache?ssl_cert_reqs=none"),
        ("REDIS_URL", f"rediss://:{SECRET}@cache?ssl_ca_certs=/nowhere/ca.pem"),
        ("REDIS_URL", f"redis://cache?password={SECRET}"),
        ("REDIS_URL", f"redis://cache#{SECRET}"),
    ],
)
def test_a_mistyped_address_names_its_variable_and_tells_no_secret(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environ({"ENABLE_REDIS": "true", name: value})
    assert name in raised.value.problems
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_every_mistake_of_an_address_is_told_at_once() -> None:
    found = problems({"ENABLE_REDIS": "true", "REDIS_URL": "x", "REDIS_PORT": "y", "REDIS_DB": "z"})
    assert set(found) == {"REDIS_URL", "REDIS_PORT", "REDIS_DB"}


def test_without_redis_its_variables_are_ignored_and_named() -> None:
    settings = Settings.from_environ({"REDIS_HOST": "cache", "REDIS_PORT": "not a port", "REDIS_PASSWORD": SECRET})
    assert settings.redis is None
    [ignored] = settings.ignored
    assert ignored.variables == ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD")
    assert "ENABLE_REDIS" in ignored.reason


def test_settings_show_no_password() -> None:
    settings = Settings.from_environ({"ENABLE_REDIS": "true", "REDIS_URL": f"redis://shop:{SECRET}@cache"})
    assert "redis://cache:6379/0" in repr(settings)
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)
