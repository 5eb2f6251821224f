"""What can go wrong with the server's HTTP, and with signing in. Every text is a sentence for people.

HttpFailure
├── ServerProblem        the server refused, and said why
└── ServerUnreachable    no answer, or none that makes sense
IdentityError
├── SignInRefused        e-mail or password is wrong, the account is disabled, too many attempts
├── SessionEnded         the session is over for good: sign in again
└── IdentityUnavailable  worth another try; says nothing about the session
"""


class HttpFailure(Exception):
    """A request over HTTP failed.

    Attributes:
        untrusted: the certificate is not trusted; knowing one more certificate authority may help.
    """

    untrusted = False


class ServerProblem(HttpFailure):
    """The server refused (`application/problem+json`, RFC 9457).

    Attributes:
        status: of HTTP.
        code: for programs; "" when the answer was no problem of ours, such as a proxy's error page.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class ServerUnreachable(HttpFailure):
    """No answer, or none that makes sense."""

    def __init__(self, message: str, *, untrusted: bool = False) -> None:
        super().__init__(message)
        self.untrusted = untrusted


class IdentityError(Exception):
    """Signing in, or staying signed in, failed."""


class SignInRefused(IdentityError):
    """The sign-in was refused."""


class SessionEnded(IdentityError):
    """The session is over for good."""


class IdentityUnavailable(IdentityError):
    """It could not be found out whether the session or the password is good.

    Attributes:
        untrusted: as of `HttpFailure`.
    """

    def __init__(self, message: str, *, untrusted: bool = False) -> None:
        super().__init__(message)
        self.untrusted = untrusted
