from collections.abc import Generator

import pytest

from tests.firebase.google import Key
from tests.server.auth.firebase.examination.stand import Google, google_services


@pytest.fixture
def services(key: Key) -> Generator[Google, None, None]:
    """Google's services, where `key` is that of the service account."""
    with google_services(key) as google:
        yield google
