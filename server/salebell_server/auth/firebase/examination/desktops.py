"""Whether desktops can sign in with what the server tells them: the web API key, passwords, Google."""

import secrets
from collections.abc import Mapping
from typing import Any

from salebell_server.auth.firebase.examination.faults import project_fault
from salebell_server.auth.firebase.examination.inquiry import Answer, Endpoints, Inquiry
from salebell_server.auth.project import FirebaseProject
from salebell_server.log.findings import Finding, Severity

NOBODY = "nobody@salebell.invalid"
"""Nobody has this address (RFC 2606, section 2); signing in with it fails, and leaves nothing behind."""

_KEY, _PASSWORDS, _GOOGLE = "web api key", "sign-in", "google sign-in"
_CREDENTIALS = "Google Cloud console, APIs & Services, Credentials"
_METHODS = "Firebase console, Authentication, Sign-in method"

_NO_DESKTOP = f"which desktops are not: set its application restrictions to None ({_CREDENTIALS})"
_KEY_FAULTS = {
    "API_KEY_SERVICE_BLOCKED": "FIREBASE_WEB_API_KEY may not be used for {api}: allow it among the key's API "
    f"restrictions ({_CREDENTIALS})",
    "API_KEY_HTTP_REFERRER_BLOCKED": f"FIREBASE_WEB_API_KEY is for web pages only, {_NO_DESKTOP}",
    "API_KEY_IP_ADDRESS_BLOCKED": "FIREBASE_WEB_API_KEY is for some addresses only, and desktops have any: set its "
    f"application restrictions to None ({_CREDENTIALS})",
    "API_KEY_ANDROID_APP_BLOCKED": f"FIREBASE_WEB_API_KEY is for Android apps only, {_NO_DESKTOP}",
    "API_KEY_IOS_APP_BLOCKED": f"FIREBASE_WEB_API_KEY is for iOS apps only, {_NO_DESKTOP}",
}
"""Reasons of Google's for refusing a key (github.com/googleapis/googleapis: google/api/error_reason.proto)."""

_PASSWORDS_OFF = frozenset(["PASSWORD_LOGIN_DISABLED", "OPERATION_NOT_ALLOWED"])
_PASSWORDS_ON = frozenset(
    ["INVALID_LOGIN_CREDENTIALS", "EMAIL_NOT_FOUND", "INVALID_PASSWORD", "INVALID_EMAIL", "TOO_MANY_ATTEMPTS_TRY_LATER"]
)


async def examine_desktops(project: FirebaseProject, asking: Inquiry, endpoints: Endpoints) -> list[Finding]:
    """Try what a desktop does to sign in, as nobody. Raises `Unreached`."""
    if project.web_api_key is None:
        return []  # `notices` says so
    headers = {"X-Goog-Api-Key": project.web_api_key}
    config: Mapping[str, Any] = {}
    found: list[Finding] = []
    if project.emulator is None:  # which takes any key
        answer = await asking.get(f"{endpoints.toolkit}/v1/projects", headers)
        refusal = _refusal(answer, project, "the Identity Toolkit API")
        if refusal is None and not answer.is_fine:
            detail = f"Google refuses FIREBASE_WEB_API_KEY ({answer.status} {answer.message})"
            refusal = Finding(_KEY, Severity.FATAL, detail)
        if refusal is not None:
            return [refusal]
        config = answer.body
        found.append(_owner(config, project))
        if found[0].severity is Severity.FATAL:
            return found
    form = {"grant_type": "refresh_token", "refresh_token": "none"}
    refreshed = await asking.post_form(f"{endpoints.secure_token}/v1/token", form, headers)
    refusal = _refusal(refreshed, project, "the Token Service API")
    if refusal is not None:
        return [refusal]
    return [*found, *await _ways(project, asking, endpoints, headers, config)]


def _refusal(answer: Answer, project: FirebaseProject, api: str) -> Finding | None:
    """What is wrong with the key, or with the project; None when the answer is about something else."""
    for word in answer.words & _KEY_FAULTS.keys():
        return Finding(_KEY, Severity.FATAL, _KEY_FAULTS[word].format(api=api))
    if "API_KEY_INVALID" in answer.words or "API key not valid" in answer.message:
        what = "has expired: renew it" if "expired" in answer.message else "is not known to Google: copy it anew"
        detail = f"FIREBASE_WEB_API_KEY {what} (Firebase console, Project settings, General)"
        return Finding(_KEY, Severity.FATAL, detail)
    fault = project_fault(answer, project.project_id)
    if fault is not None:
        return Finding(_KEY, Severity.FATAL, fault)
    if answer.is_passing:
        return Finding(_KEY, Severity.AWAY, f"Google answers {answer.status}: try again later")
    return None


def _owner(config: Mapping[str, Any], project: FirebaseProject) -> Finding:
    """Whether the key is of this project.

    Every project has the domain PROJECT.firebaseapp.com, unless somebody took it from those that may sign in.
    """
    domains = [str(domain) for domain in config.get("authorizedDomains") or ()]
    owners = [domain.removesuffix(".firebaseapp.com") for domain in domains if domain.endswith(".firebaseapp.com")]
    if project.project_id in (config.get("projectId"), *owners):
        return Finding(_KEY, Severity.FINE, f"signs in to project {project.project_id}")
    if owners:
        detail = (
            f"FIREBASE_WEB_API_KEY is of project {owners[0]}, but FIREBASE_PROJECT_ID is {project.project_id}: take "
            "both from one project"
        )
        return Finding(_KEY, Severity.FATAL, detail)
    detail = (
        f"works, but whether it is of project {project.project_id} cannot be told, as {project.project_id}"
        ".firebaseapp.com is not among the project's authorised domains"
    )
    return Finding(_KEY, Severity.WARNING, detail)


async def _ways(
    project: FirebaseProject,
    asking: Inquiry,
    endpoints: Endpoints,
    headers: Mapping[str, str],
    config: Mapping[str, Any],
) -> list[Finding]:
    """How admins may sign in. It is fatal if there is no way at all."""
    body = {"email": NOBODY, "password": secrets.token_urlsafe(), "returnSecureToken": True}
    answer = await asking.post(f"{endpoints.toolkit}/v1/accounts:signInWithPassword", body, headers)
    passwords = _passwords(answer, project)
    google: list[Finding] = []
    if project.google_client_id is not None and project.emulator is None:
        google = await _google(project, project.google_client_id, asking, endpoints, headers, config)
    ways = [passwords, *google[:1]]
    if all(way.severity is Severity.WARNING for way in ways):
        ways = [Finding(way.subject, Severity.FATAL, way.detail) for way in ways]
    found = [*ways, *google[1:]]
    if "EMAIL_NOT_FOUND" in answer.words and project.emulator is None:
        detail = (
            "strangers can find out which addresses have accounts: turn on Email enumeration protection (Firebase "
            "console, Authentication, Settings, User actions)"
        )
        found.append(Finding(_PASSWORDS, Severity.WARNING, detail))
    return found


def _passwords(answer: Answer, project: FirebaseProject) -> Finding:
    """Whether e-mail and password may be used; a warning when they may not."""
    words = answer.words
    if words & _PASSWORDS_ON:
        return Finding(_PASSWORDS, Severity.FINE, "with e-mail and password")
    if words & _PASSWORDS_OFF:
        detail = f"e-mail and password are not enabled in project {project.project_id}: enable them ({_METHODS})"
    elif any("RECAPTCHA" in word for word in words):
        detail = (
            "the project asks who signs in with a password for a reCAPTCHA, which desktops have not: turn that off "
            "(Firebase console, Authentication, Settings)"
        )
    elif "App Check" in answer.message:
        detail = (
            "the project asks who signs in for App Check, which desktops have not: unenforce it for Authentication "
            "(Firebase console, App Check)"
        )
    else:
        detail = f"with e-mail and password cannot be tried ({answer.status} {answer.message})"
    return Finding(_PASSWORDS, Severity.WARNING, detail)


async def _google(
    project: FirebaseProject,
    client_id: str,
    asking: Inquiry,
    endpoints: Endpoints,
    headers: Mapping[str, str],
    config: Mapping[str, Any],
) -> list[Finding]:
    """Whether Google may be used, and then whether with this client."""
    domain = next(iter(config.get("authorizedDomains") or ()), f"{project.project_id}.firebaseapp.com")
    body = {"providerId": "google.com", "continueUri": f"https://{domain}/__/auth/handler"}
    answer = await asking.post(f"{endpoints.toolkit}/v1/accounts:createAuthUri", body, headers)
    if "OPERATION_NOT_ALLOWED" in answer.words:
        detail = (
            f"FIREBASE_GOOGLE_CLIENT_ID is set, but Google is not enabled in project {project.project_id}: enable it "
            f"({_METHODS})"
        )
        return [Finding(_GOOGLE, Severity.WARNING, detail)]
    if not answer.is_fine:
        return [Finding(_GOOGLE, Severity.WARNING, f"cannot be tried ({answer.status} {answer.message})")]
    found = [Finding(_GOOGLE, Severity.FINE, "is enabled")]
    number, owner = str(config.get("projectId", "")), client_id.partition("-")[0]
    if number.isdigit() and owner != number:
        detail = (
            f"FIREBASE_GOOGLE_CLIENT_ID is a client of project {owner}, not of this one ({number}): take one of this "
            f"project, or add it to the Google provider's safelist of client IDs ({_METHODS})"
        )
        found.append(Finding(_GOOGLE, Severity.WARNING, detail))
    return found
