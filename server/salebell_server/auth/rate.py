"""How often an address may fail to prove who it is: the contract. `auth/counting` fulfils it."""

import ipaddress
from functools import lru_cache
from typing import Protocol

BURST = 60
"""Failures that an address may make at once. In each minute, half as many never make it wait: an office behind one
address may mistype now and then."""

ACCOUNT_BURST = 60
"""Failures for one account from one address, in an hour; one that goes on gets one a minute in the long run."""


class FailureLimit(Protocol):
    """Counts failures by address; those at an account by address and account besides.

    Guarantees:
        - Only what `failed` is told counts. Whoever asks it only about what was refused never hinders who is good,
          whatever others at that address did.
        - An address that has been quiet may fail `BURST` times at once. One that fails at most `BURST / 2` times in
          each minute never has to wait. None fails more than `2 * BURST` times in any minute.
        - At one account, an address may fail `ACCOUNT_BURST` times in an hour, and once that is over about one time a
          minute. Accounts are never counted by themselves, since any stranger could then lock their owners out: who is
          elsewhere is not concerned.
        - What goes beyond the limit is not counted: it lengthens no wait.
        - All addresses of a customer's `network` are one.
        - What is remembered is bounded, whatever a stranger sends, and tells neither addresses nor accounts.
        - It never raises. Where several servers count together and cannot, each goes on alone.
    """

    async def retry_after(self, address: str, subject: str = "") -> int:
        """Whole seconds after which the client may try again; 0 when it may now. Asking changes nothing.

        Args:
            address: of the client.
            subject: the account that it tries, however it is called; "" when that is not known.
        """
        ...

    async def failed(self, address: str, subject: str = "") -> int:
        """Note a failure: at the address, and with a subject at the account as well.

        Of many that fail at once, no more are noted than may fail: the answer decides what the client is told.

        Returns:
            0; or whole seconds after which the client may try again, when it had failed too often before.
        """
        ...


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """The part of a client's address that one customer of a provider holds.

    That is the whole of an IPv4 address, and the /64 of an IPv6 one (RFC 6177): otherwise one machine has 2**64.
    Anything that is no address is taken as it is.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(parsed) >> 64 << 64)) + "/64"
