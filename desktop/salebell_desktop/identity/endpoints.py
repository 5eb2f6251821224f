"""Where Google is, and what is told when it does not help.

Compiled in: what a server says must not lead passwords elsewhere.
"""

import msgspec

UNREACHABLE = "Google cannot be reached to check the sign-in."
UNAVAILABLE = "Google cannot check the sign-in just now."
REFUSED = "Google did not accept this sign-in. Please try again."


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of Google that signing in uses.

    Attributes:
        accounts: Identity Toolkit, up to the version (cloud.google.com/identity-platform/docs/reference/rest).
        refresh: exchanges refresh tokens (firebase.google.com/docs/reference/rest/auth#section-refresh-token).
        authorize: the page where somebody chooses their Google account, for the browser.
        exchange: gives tokens for the code that comes back from there.
    """

    accounts: str
    refresh: str
    authorize: str
    exchange: str


GOOGLE = Endpoints(
    accounts="https://identitytoolkit.googleapis.com/v1",
    refresh="https://securetoken.googleapis.com/v1/token",
    authorize="https://accounts.google.com/o/oauth2/v2/auth",
    exchange="https://oauth2.googleapis.com/token",
)


def emulated(host: str) -> Endpoints:
    """With the Auth emulator at `host`, such as `127.0.0.1:9099`, in the place of Firebase."""
    return Endpoints(
        accounts=f"http://{host}/identitytoolkit.googleapis.com/v1",
        refresh=f"http://{host}/securetoken.googleapis.com/v1/token",
        authorize=GOOGLE.authorize,
        exchange=GOOGLE.exchange,
    )
