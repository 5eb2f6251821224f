"""A Firebase project's place, for what the whole client does with one."""

import asyncio

from salebell_desktop.identity import Means
from salebell_desktop.identity.errors import IdentityError, SignInRefused
from salebell_protocol.http import FirebaseConfig, Provider, Tokens
from tests.desktop.client.shop import Shop


class Project:
    """An `IdentityProvider` in the place of a Firebase project: it signs in whoever the shop's server is for.

    Attributes:
        made: the settings that it was used by, in order.
        failure: raised by every call until it is None again.
        bad_keys: API keys that do not work.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.made: list[FirebaseConfig] = []
        self.failure: IdentityError | None = None
        self.bad_keys: dict[str, IdentityError] = {}
        self.asked: list[str] = []
        self.browser = asyncio.Event()

    def provider(self, config: FirebaseConfig) -> "ProjectAccounts":
        self.made.append(config)
        return ProjectAccounts(self, config)

    def tokens(self, config: FirebaseConfig) -> Tokens:
        for failure in (self.failure, self.bad_keys.get(config.api_key)):
            if failure is not None:
                raise failure
        return self._shop.next_tokens()


class ProjectAccounts:
    """Of a project, by some settings of it."""

    def __init__(self, project: Project, config: FirebaseConfig) -> None:
        self._project = project
        self._config = config

    @property
    def kind(self) -> Provider:
        return Provider.FIREBASE

    @property
    def means(self) -> frozenset[Means]:
        return frozenset({Means.PASSWORD, Means.RESET, Means.GOOGLE})

    async def sign_in(self, email: str, password: str) -> Tokens:
        self._project.asked.append(f"sign in {email}")
        if password != "correct":
            raise SignInRefused("E-mail or password is wrong.")
        return self._project.tokens(self._config)

    async def sign_in_with_google(self) -> Tokens:
        self._project.asked.append("google")
        await self._project.browser.wait()
        return self._project.tokens(self._config)

    async def reset_password(self, email: str) -> None:
        self._project.asked.append(f"reset {email}")

    async def refresh(self, refresh_token: str) -> Tokens:
        self._project.asked.append(f"refresh {refresh_token}")
        return self._project.tokens(self._config)

    async def sign_out(self, refresh_token: str) -> None:
        self._project.asked.append(f"sign out {refresh_token}")
