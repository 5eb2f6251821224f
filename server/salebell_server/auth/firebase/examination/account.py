"""Whether the service account may do what the server needs: sign in, look users up, and change them."""

from collections.abc import Mapping
from typing import Any

import jwt
import msgspec

from salebell_server.auth.firebase.examination.faults import project_fault
from salebell_server.auth.firebase.examination.inquiry import Answer, Endpoints, Inquiry
from salebell_server.auth.firebase.rights import NO_STORES, rights
from salebell_server.auth.project import FirebaseProject, ServiceAccount
from salebell_server.log.findings import Finding, Severity

NOBODY = "salebell-doctor"
"""The uid of no user. Whether it may be looked up or changed shows what may be done with others."""

PAGE = 1000
"""Users of one answer; Firebase gives no more."""
PAGES = 10
"""So many are looked through for admins."""
_FIELDS = "users(customAttributes,disabled),nextPageToken"
"""What is wanted of them: not their password hashes."""

_AUDIENCE = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/identitytoolkit"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_SECONDS = 3600

_ACCOUNT, _USERS = "firebase account", "firebase users"
_ROLE = "give it the role Firebase Authentication Admin (Google Cloud console, IAM)"


async def examine_account(project: FirebaseProject, asking: Inquiry, endpoints: Endpoints) -> list[Finding]:
    """Try the account, or the emulator in its place; nothing without either. Raises `Unreached`."""
    if project.emulator is not None:
        return await _use(project, asking, endpoints, "owner", findings=[])
    if project.account is None:
        return []
    answer = await _sign_in(project.account, asking, endpoints)
    if not answer.is_fine:
        return [_not_accepted(answer)]
    fine = Finding(_ACCOUNT, Severity.FINE, f"Google accepts {project.account.email}")
    return await _use(project, asking, endpoints, str(answer.body.get("access_token", "")), findings=[fine])


async def _sign_in(account: ServiceAccount, asking: Inquiry, endpoints: Endpoints) -> Answer:
    """Ask for an access token (developers.google.com/identity/protocols/oauth2/service-account)."""
    now = int(asking.now())
    claims = {"iss": account.email, "scope": _SCOPE, "aud": _AUDIENCE, "iat": now, "exp": now + _TOKEN_SECONDS}
    assertion = jwt.encode(claims, account.private_key, "RS256")
    return await asking.post_form(endpoints.token, {"grant_type": _GRANT, "assertion": assertion})


def _not_accepted(answer: Answer) -> Finding:
    """Why there is no access token. Google tells the reasons apart in words for people only."""
    if answer.is_passing:
        return Finding(_ACCOUNT, Severity.AWAY, f"Google answers {answer.status}: try again later")
    message = answer.message.lower()
    if "account not found" in message:
        detail = (
            "Google knows no service account of this address: correct FIREBASE_CLIENT_EMAIL, or make a new key if the "
            "account was deleted"
        )
    elif "timeframe" in message:
        detail = (
            "Google finds this machine's clock wrong, and takes nothing that it signs: have it follow a time server"
        )
    elif "disabled" in message:
        detail = "the service account is disabled: enable it (Google Cloud console, Service Accounts)"
    elif "signature" in message:
        detail = (
            "Google does not accept FIREBASE_PRIVATE_KEY for FIREBASE_CLIENT_EMAIL: both must be of one key file, and "
            "its key not deleted since; make a new one (Firebase console, Project settings, Service accounts)"
        )
    else:
        detail = f"Google does not accept the service account ({answer.message}): make a new key for it"
    return Finding(_ACCOUNT, Severity.FATAL, detail)


async def _use(
    project: FirebaseProject, asking: Inquiry, endpoints: Endpoints, access_token: str, *, findings: list[Finding]
) -> list[Finding]:
    """Do, on nobody, what the server does on users."""
    url = f"{endpoints.toolkit}/v1/projects/{project.project_id}"
    headers = {"Authorization": f"Bearer {access_token}"}
    looked_up = await asking.post(f"{url}/accounts:lookup", {"localId": [NOBODY]}, headers)
    if not looked_up.is_fine:
        return [*findings, _not_permitted(looked_up, project)]
    changed = await asking.post(f"{url}/accounts:update", {"localId": NOBODY}, headers)
    if changed.is_passing:
        detail = f"may be looked up; whether changed, cannot be told: Google answers {changed.status}, try again later"
        findings = [*findings, Finding(_USERS, Severity.AWAY, detail)]
    elif _is_forbidden(changed):
        detail = f"may be looked up, but not changed, so that the admins commands cannot work: {_ROLE}"
        findings = [*findings, Finding(_USERS, Severity.WARNING, detail)]
    else:
        findings = [*findings, Finding(_USERS, Severity.FINE, "may be looked up and changed")]
    return [*findings, await _admins(project, asking, url, headers)]


def _is_forbidden(answer: Answer) -> bool:
    return bool(answer.words & {"PERMISSION_DENIED", "INSUFFICIENT_PERMISSION"})


def _not_permitted(answer: Answer, project: FirebaseProject) -> Finding:
    """Why users cannot be looked up."""
    if answer.is_passing:
        return Finding(_USERS, Severity.AWAY, f"Google answers {answer.status}: try again later")
    fault = project_fault(answer, project.project_id)
    if fault is not None:
        detail = fault
    elif "USER_PROJECT_DENIED" in answer.words or _is_forbidden(answer):
        detail = (
            f"the service account may not look users up in project {project.project_id}: {_ROLE}, or correct "
            "FIREBASE_PROJECT_ID if the account is of another project"
        )
    else:
        detail = f"Google refuses to look users up ({answer.status} {answer.message})"
    return Finding(_USERS, Severity.FATAL, detail)


async def _admins(project: FirebaseProject, asking: Inquiry, url: str, headers: Mapping[str, str]) -> Finding:
    """Whether anybody has the role, among the first users."""
    subject, users, admins, token = "admins", 0, 0, ""
    for _ in range(PAGES):
        query = {"maxResults": str(PAGE), "fields": _FIELDS, **({"nextPageToken": token} if token else {})}
        page = await asking.get(f"{url}/accounts:batchGet", headers, query)
        if not page.is_fine:
            return Finding(subject, Severity.WARNING, f"cannot be counted ({page.status} {page.message})")
        found: list[Any] = page.body.get("users") or []
        users += len(found)
        admins += sum(_is_admin(user, project) for user in found)
        token = str(page.body.get("nextPageToken") or "")
        if not token or not found:
            break
    role = f"{project.role_claim} = {project.role}"
    if admins:
        return Finding(subject, Severity.FINE, f"{admins} of {'the first ' if token else ''}{users} users have {role}")
    if token:
        return Finding(subject, Severity.WARNING, f"none of the first {users} users has {role}")
    detail = f"no admin yet (none of {users} users has {role}): salebell-server admins grant"
    return Finding(subject, Severity.FATAL, detail)


def _is_admin(user: Mapping[str, Any], project: FirebaseProject) -> bool:
    """Firebase keeps a user's custom claims as text."""
    try:
        claims = msgspec.json.decode(user.get("customAttributes") or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return False
    given = rights(claims, project)
    return given.is_admin and given.stores != NO_STORES and not user.get("disabled")
