"""Close codes are part of the contract: their numbers never change."""

from salebell_protocol.close_codes import CloseCode


def test_the_numbers_of_the_contract() -> None:
    assert {int(code) for code in CloseCode} == {
        1001, 1009, 1012, 4400, 4401, 4403, 4408, 4413, 4419, 4423, 4429, 4503,
    }  # fmt: skip
