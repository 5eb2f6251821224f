"""What a look at the place where the log lies has shown: for a server that starts, and for `doctor`."""

from enum import Enum

import msgspec


class Severity(Enum):
    """What a finding means for a server."""

    FINE = "fine"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    WEAK = "weak"
    """It works, but what was acknowledged may be lost."""
    AWAY = "away"
    """It cannot be used now. That may change by itself, so a server starts without it."""
    FATAL = "fatal"
    """It cannot be used before somebody changes the configuration."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        subject: what it was, in a word or two.
        severity: how it is.
        detail: what was found, and what to do about it; names no secret.
    """

    subject: str
    severity: Severity
    detail: str


class Report(msgspec.Struct, frozen=True):
    """Everything that was looked at, in that order."""

    findings: tuple[Finding, ...]

    def refusal(self, *, allow_weak: bool) -> str | None:
        """Why a server must not start on it; None when it may.

        Args:
            allow_weak: whether it may on what may lose what was acknowledged.
        """
        refused = {Severity.FATAL} if allow_weak else {Severity.FATAL, Severity.WEAK}
        told = (f"{finding.subject}: {finding.detail}" for finding in self.findings if finding.severity in refused)
        return "; ".join(told) or None
