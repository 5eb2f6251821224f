"""What claims make of somebody; above all, what they do not."""

import pytest

from salebell_server.auth.firebase.rights import Rights, rights
from salebell_server.auth.project import FirebaseProject

PROJECT = FirebaseProject(project_id="demo", web_api_key="key")
OTHER = FirebaseProject(
    project_id="demo", web_api_key="key", role_claim="shop_role", role="owner", stores_claim="shops"
)
NONE: frozenset[str] = frozenset()


def test_an_admin_without_a_list_may_open_all_stores() -> None:
    assert rights({"role": "ADMIN"}, PROJECT) == Rights(is_admin=True, stores=None)


def test_an_admin_with_a_list_may_open_those() -> None:
    assert rights({"role": "ADMIN", "stores": ["main", "outlet-2", "main"]}, PROJECT) == Rights(
        is_admin=True, stores=frozenset({"main", "outlet-2"})
    )


@pytest.mark.parametrize("role", [None, "", "admin", "ADMIN ", "ADMINISTRATOR", True, 1, ["ADMIN"], {"ADMIN": True}])
def test_another_role_is_none(role: object) -> None:
    assert not rights({"role": role}, PROJECT).is_admin
    assert not rights({}, PROJECT).is_admin


@pytest.mark.parametrize(
    "stores",
    [
        None,
        [],
        "main",
        "*",
        True,
        7,
        {"main": True},
        ["main", "Outlet"],
        ["main", ""],
        ["main", None],
        ["main", 7],
        [["main"]],
        ["main\n"],
        ["-main"],
        ["m" * 64],
        ["\ud800"],
    ],
)
def test_anything_else_opens_no_store(stores: object) -> None:
    assert rights({"role": "ADMIN", "stores": stores}, PROJECT) == Rights(is_admin=True, stores=NONE)


def test_the_project_says_which_claims_count() -> None:
    claims = {"role": "ADMIN", "stores": ["main"], "shop_role": "owner", "shops": ["outlet"]}
    assert rights(claims, OTHER) == Rights(is_admin=True, stores=frozenset({"outlet"}))
    assert rights({"role": "ADMIN", "shop_role": "ADMIN", "stores": ["main"]}, OTHER) == Rights(
        is_admin=False, stores=None
    )
