"""Whether there is a newer Salebell. There is no feed to ask: a server that is newer is the sign. Pure."""

import re

DOWNLOAD_PAGE = "https://salebell.example/download"
"""Compiled in: no server says where programs come from."""

_NAMED = re.compile(r"salebell/(\d{1,9}\.\d{1,9}\.\d{1,9})\Z")


def newer_version(server: str, own: str) -> str:
    """The version of a server that calls itself `server`, if that is newer than `own`; else "".

    What names no version of three numbers says nothing.
    """
    named = _NAMED.match(server)
    if named is None:
        return ""
    return named[1] if _numbers(named[1]) > _numbers(own) else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
