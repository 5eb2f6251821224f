"""How a desktop signs in: `/v1/client-config`, and `/v1/auth/…` for the server's own accounts."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from salebell_protocol.http import ClientConfig, Refresh, SignIn, Tokens
from salebell_server.api.description import BODY_PROBLEMS, problems
from salebell_server.api.identity import address_of
from salebell_server.api.problems import Refusal, answer, challenge
from salebell_server.auth.sign_in import SignInRefused, SignInService

TAG = "Signing in"

_LOCAL_ONLY = "Only where the server keeps the accounts itself. "
_ALWAYS = {
    "s400": "The request is wrong; `field` says where.",
    **BODY_PROBLEMS,
    "s429": "`rate_limited`: too many failures from this address; `Retry-After` says how long to wait.",
    "s503": "`auth_unavailable`: it cannot be found out now; says nothing about what was sent.",
}
_SIGN_IN = problems(
    **_ALWAYS,
    s401="`invalid_credentials`: no such account, or not its password.",
    s403="`account_disabled` or `not_admin`: told only when the password is right.",
)
_REFRESH = problems(
    **_ALWAYS,
    s401="The session is over: `token_invalid` (not a refresh token of this server), `token_expired` (not used for 90 "
    "days) or `revoked` (ended by somebody, or because an older token of it came back).",
)
_SIGN_OUT = problems(**_ALWAYS)


def auth_router(config: ClientConfig, service: SignInService | None) -> Router:
    """The routes.

    Args:
        config: what the desktop is told before it signs in.
        service: signs admins in to local accounts; None when somebody else does.
    """
    handlers: list[ControllerRouterHandler] = [_client_config(config)]
    if service is not None:
        handlers += [_sign_in(service), _refresh(service), _sign_out(service)]
    return Router("/v1", route_handlers=handlers, exception_handlers={SignInRefused: _refused}, tags=[TAG])


def _client_config(config: ClientConfig) -> ControllerRouterHandler:
    @get("/client-config", operation_id="clientConfig", summary="How to sign in to this server")
    async def client_config() -> ClientConfig:
        """Who signs admins in here, and what a desktop needs for it. None of it is secret."""
        return config

    return client_config


def _sign_in(service: SignInService) -> ControllerRouterHandler:
    @post(
        "/auth/sign-in",
        status_code=HTTPStatus.OK,
        operation_id="signIn",
        summary="Sign in with e-mail and password",
        description=_LOCAL_ONLY + "Failures are counted by address, and by address and account; successes never are.",
        responses=_SIGN_IN,
    )
    async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> Tokens:
        return await service.sign_in(data.email, data.password, address_of(request))

    return sign_in


def _refresh(service: SignInService) -> ControllerRouterHandler:
    @post(
        "/auth/refresh",
        status_code=HTTPStatus.OK,
        operation_id="refresh",
        summary="Continue a session",
        description=_LOCAL_ONLY
        + "Gives a fresh ID token, and the refresh token to use next time. A refresh token works again until the one "
        "that it gave is used, so a lost answer is simply asked for again. An older one ends the session.",
        responses=_REFRESH,
    )
    async def refresh(request: Request[Any, Any, Any], data: JSONBody[Refresh]) -> Tokens:
        return await service.refresh(data.refresh_token, address_of(request))

    return refresh


def _sign_out(service: SignInService) -> ControllerRouterHandler:
    @post(
        "/auth/sign-out",
        status_code=HTTPStatus.NO_CONTENT,
        operation_id="signOut",
        summary="End a session",
        description=_LOCAL_ONLY + "Ends the session of this refresh token. Harmless when it has ended.",
        responses=_SIGN_OUT,
    )
    async def sign_out(request: Request[Any, Any, Any], data: JSONBody[Refresh]) -> None:
        await service.sign_out(data.refresh_token, address_of(request))

    return sign_out


def _refused(request: Request[Any, Any, Any], refusal: SignInRefused) -> Response[bytes]:
    headers = challenge() if refusal.status == HTTPStatus.UNAUTHORIZED else {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return answer(request, Refusal(HTTPStatus(refusal.status), refusal.code, str(refusal), headers=headers))
