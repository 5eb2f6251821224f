"""What Google's refusals say of a project, whoever asked.

The words are those of cloud.google.com/apis/design/errors and cloud.google.com/identity-platform/docs/error-codes.
"""

from salebell_server.auth.firebase.examination.inquiry import Answer

_NO_PROJECT = frozenset(["PROJECT_NOT_FOUND", "INVALID_PROJECT_ID", "CONSUMER_INVALID", "RESOURCE_PROJECT_INVALID"])
_SUSPENDED = frozenset(["CONSUMER_SUSPENDED", "BILLING_DISABLED", "PROJECT_DISABLED"])


def project_fault(answer: Answer, project_id: str) -> str | None:
    """What is wrong with the project itself, and what to do; None when the answer does not say so."""
    words = answer.words
    if "CONFIGURATION_NOT_FOUND" in words:
        return (
            f"Authentication was never set up in project {project_id}: open it in the Firebase console, and press Get "
            "started"
        )
    if words & _NO_PROJECT:
        return f"Google knows no project {project_id}: correct FIREBASE_PROJECT_ID"
    if "SERVICE_DISABLED" in words:
        return (
            f"the Identity Toolkit API is not enabled in project {project_id}: enable it (Google Cloud console, APIs & "
            "Services)"
        )
    if words & _SUSPENDED:
        return f"project {project_id} is suspended, or lacks billing where it needs it: see the Google Cloud console"
    return None
