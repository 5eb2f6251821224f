import pytest

from salebell_desktop.ui.update import DOWNLOAD_PAGE, newer_version


@pytest.mark.parametrize(
    ("server", "newer"),
    [
        ("salebell/1.2.4", "1.2.4"),
        ("salebell/1.10.0", "1.10.0"),
        ("salebell/2.0.0", "2.0.0"),
        ("salebell/1.2.3", ""),
        ("salebell/1.2.2", ""),
        ("salebell/0.9.99", ""),
        ("", ""),
        ("salebell/2", ""),
        ("salebell/2.0.0 <b>", ""),
        ("other/2.0.0", ""),
        ("salebell/2.0.0-beta", ""),
        ("salebell/9999999999.0.0", ""),
    ],
)
def test_only_a_newer_version_is_news(server: str, newer: str) -> None:
    assert newer_version(server, "1.2.3") == newer


def test_no_server_says_where_programs_come_from() -> None:
    assert DOWNLOAD_PAGE.startswith("https://")
