"""Which Firebase project signs admins in, and what this server may do there."""

import msgspec

EMULATOR_VARIABLE = "FIREBASE_AUTH_EMULATOR_HOST"
"""firebase-admin reads it at every call, and where it is set believes every token, whoever made it."""


class ServiceAccount(msgspec.Struct, frozen=True):
    """Lets a server look up and change the users of a project.

    Attributes:
        email: the account's address (`client_email` in the key file).
        private_key: in PEM (`private_key` in the key file).
    """

    email: str
    private_key: str

    def __repr__(self) -> str:
        """Without the key."""
        return f"ServiceAccount(email={self.email!r})"


class FirebaseProject(msgspec.Struct, frozen=True, kw_only=True):
    """A Firebase project.

    Attributes:
        project_id: who tokens must be for.
        web_api_key: what desktops sign in with; names the project, and is no secret. Without it they cannot, but tokens
            that others got are good.
        google_client_id: of the OAuth client for desktops, where admins may sign in with Google.
        google_client_secret: what goes with it; Google does not take that of a desktop's client for a secret.
        account: None when the server has none: it can verify tokens then, but look nobody up.
        emulator: host and port of an Auth emulator, which takes the place of Google; None for Google.
        role_claim: the custom claim that says what somebody is.
        role: its value for an admin.
        stores_claim: the custom claim with the list of an admin's stores; absent means all, anything else none.
    """

    project_id: str
    web_api_key: str | None
    google_client_id: str | None = None
    google_client_secret: str | None = None
    account: ServiceAccount | None = None
    emulator: str | None = None
    role_claim: str = "role"
    role: str = "ADMIN"
    stores_claim: str = "stores"

    @property
    def can_look_up(self) -> bool:
        """Whether the server can find out what is true of an account now."""
        return self.account is not None or self.emulator is not None
