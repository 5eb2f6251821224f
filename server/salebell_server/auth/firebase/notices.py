"""What a configuration brings with it that an operator should know: seen without asking anybody.

`serve` says it at its start, `doctor` among what it examines.
"""

from collections.abc import Iterator

from salebell_server.auth.project import FirebaseProject
from salebell_server.log.findings import Finding, Severity


def notices(project: FirebaseProject) -> tuple[Finding, ...]:
    """What should be known of `project`; empty when there is nothing."""
    return tuple(_notices(project))


def _notices(project: FirebaseProject) -> Iterator[Finding]:
    if project.emulator is not None:
        yield _warning(
            "firebase emulator",
            f"the emulator at {project.emulator} takes the place of Google, and everybody can forge an admin's token: "
            "for development only",
        )
    elif project.account is None:
        yield _warning(
            "firebase account",
            "no service account: that a role was taken away, or an account disabled or revoked, is only noticed as "
            "tokens run out, up to an hour later, and the admins commands cannot work; set FIREBASE_CLIENT_EMAIL and "
            "FIREBASE_PRIVATE_KEY",
        )
    elif (other := _project_of(project.account.email)) is not None and other != project.project_id:
        yield _warning(
            "firebase account",
            f"{project.account.email} belongs to project {other}, while admins sign in to {project.project_id}: see "
            "that both are meant",
        )
    if project.web_api_key is None:
        yield _warning(
            "web api key",
            "FIREBASE_WEB_API_KEY is not set: desktops cannot sign in; copy it from the Firebase console, Project "
            "settings, General",
        )
    if project.emulator is None and project.google_client_id is not None and project.google_client_secret is None:
        yield _warning(
            "google sign-in",
            "FIREBASE_GOOGLE_CLIENT_SECRET is not set, and Google asks a desktop's client for it: copy it from where "
            "the client's ID is",
        )


def _warning(subject: str, detail: str) -> Finding:
    return Finding(subject, Severity.WARNING, detail)


def _project_of(email: str) -> str | None:
    """The project of a service account; None where its address does not say.

    (cloud.google.com/iam/docs/service-account-types)
    """
    name, _, domain = email.partition("@")
    if domain == "appspot.gserviceaccount.com":
        return name
    if not domain.endswith(".iam.gserviceaccount.com"):
        return None
    project = domain.removesuffix(".iam.gserviceaccount.com")
    first, _, rest = project.partition(".")
    return f"{rest}:{first}" if rest else project  # the oldest projects have a domain before their id
