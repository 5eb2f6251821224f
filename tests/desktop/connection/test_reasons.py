import pytest

from salebell_desktop.connection import reasons
from salebell_protocol.close_codes import CloseCode
from salebell_protocol.messages import AuthErrorCode


@pytest.mark.parametrize("code", list(CloseCode))
def test_every_close_code_has_a_sentence_of_its_own(code: CloseCode) -> None:
    assert reasons.closed(code) != reasons.LOST


@pytest.mark.parametrize("code", [None, 1000, 1006, 3000])
def test_any_other_end_is_a_lost_connection(code: int | None) -> None:
    assert reasons.closed(code) == reasons.LOST


def test_a_store_that_is_not_theirs_is_told_from_an_admin_who_is_none() -> None:
    store = reasons.closed(4403, AuthErrorCode.STORE_FORBIDDEN)
    admin = reasons.closed(4403, AuthErrorCode.NOT_ADMIN)
    assert store != admin
    assert admin == reasons.closed(4403)
