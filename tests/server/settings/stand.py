"""Settings that are refused."""

import pytest

from salebell_server.settings import Settings, SettingsError

SECRET = "s3cret"


def problems(environ: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environ(environ)
    return raised.value.problems
