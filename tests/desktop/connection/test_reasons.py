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


def test_what_4403_means_depends_on_the_word_before_it() -> None:
    store = reasons.closed(4403, AuthErrorCode.STORE_FORBIDDEN)
    role = reasons.closed(4403, AuthErrorCode.NOT_ADMIN)
    assert role == reasons.ROLE_GONE
    assert len({store, role, reasons.closed(4403)}) == 3
