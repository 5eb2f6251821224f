"""What a user's custom claims make of them: an admin or not, and of which stores. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from salebell_protocol.names import StoreName
from salebell_server.auth.project import FirebaseProject

NO_STORES: frozenset[str] = frozenset()


class Rights(msgspec.Struct, frozen=True):
    """What somebody may do.

    Attributes:
        is_admin: whether they have the role.
        stores: the stores that they may open, if they are an admin; None means all.
    """

    is_admin: bool
    stores: frozenset[str] | None


def rights(claims: Mapping[str, Any], project: FirebaseProject) -> Rights:
    """The rights that claims give.

    Who has no claim of stores may open all of them. A claim that is not a list of names of stores opens none: neither
    a mistyped name nor an empty list may open more than was meant.

    Args:
        claims: of an ID token, or of a user.
        project: says which claims count, and what they have to say.
    """
    is_admin = claims.get(project.role_claim) == project.role
    if project.stores_claim not in claims:
        return Rights(is_admin, None)
    return Rights(is_admin, _stores(claims[project.stores_claim]))


def _stores(claim: object) -> frozenset[str]:
    try:
        return frozenset(msgspec.convert(claim, list[StoreName]))
    except msgspec.ValidationError:
        return NO_STORES
