"""Whether a Firebase project can be used as it is configured: tried, for `doctor`, without changing anything.

Every way of failing that can be told from the others has a sentence of its own, which says what to do.

    account     the service account, and what it may do
    desktops    the web API key, and how admins sign in with it
    faults      what refusals say of the project itself
    inquiry     asking over HTTP
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from salebell_server.auth.firebase.examination.account import examine_account
from salebell_server.auth.firebase.examination.desktops import examine_desktops
from salebell_server.auth.firebase.examination.inquiry import GOOGLE, Endpoints, Inquiry, Unreached, emulated, inquiry
from salebell_server.auth.firebase.notices import notices
from salebell_server.auth.project import FirebaseProject
from salebell_server.log.findings import Finding, Report, Severity

SKEW_SECONDS = 10.0
"""Tokens are allowed to be as much from the future, and no more."""

_Check = Callable[[FirebaseProject, Inquiry, Endpoints], Awaitable[list[Finding]]]


async def examine(project: FirebaseProject, unix: Callable[[], float], endpoints: Endpoints = GOOGLE) -> Report:
    """Try the project: its certificates, its service account, the key of its desktops, and how they sign in.

    Args:
        project: how it is configured. One with an emulator is tried there, whatever `endpoints` says.
        unix: the time of day here, in unix seconds.
        endpoints: where Google's services are.

    Returns:
        The findings, fine ones among them; none of what makes no sense any more after others.
    """
    if project.emulator is not None:
        endpoints = emulated(project.emulator)
    checks: tuple[_Check, ...] = (_certificates, examine_account, examine_desktops)
    async with inquiry(unix) as asking:
        told = await asyncio.gather(*(check(project, asking, endpoints) for check in checks), return_exceptions=True)
    findings = list(notices(project))
    findings += _unreached(project, [result for result in told if isinstance(result, Unreached)])
    if project.emulator is None and asking.skew is not None:
        findings.append(_clock(asking.skew))
    for result in told:
        if isinstance(result, list):
            # What is wrong with the project is found by whoever asks, and told once.
            findings += [finding for finding in result if finding.detail not in {known.detail for known in findings}]
        elif not isinstance(result, Unreached):
            raise result
    return Report(tuple(findings))


async def _certificates(project: FirebaseProject, asking: Inquiry, endpoints: Endpoints) -> list[Finding]:
    """What ID tokens are verified with."""
    del project
    if endpoints.certificates is None:
        return []
    subject, answer = "google certificates", await asking.get(endpoints.certificates)
    if not answer.is_fine or not answer.body:
        detail = f"Google gives none out (status {answer.status}): try again later; new sign-ins may have to wait"
        return [Finding(subject, Severity.AWAY, detail)]
    return [Finding(subject, Severity.FINE, f"{len(answer.body)} to verify sign-ins with")]


def _unreached(project: FirebaseProject, failures: list[Unreached]) -> list[Finding]:
    """One finding for all that could not be reached for the same reason."""
    if failures and project.emulator is not None:
        detail = (
            f"the emulator at {project.emulator} does not answer: start it, or take FIREBASE_AUTH_EMULATOR_HOST out"
        )
        return [Finding("firebase emulator", Severity.AWAY, detail)]
    hosts: dict[str, list[str]] = defaultdict(list)
    for failure in failures:
        hosts[failure.sentence].append(failure.host)
    return [Finding("google", Severity.AWAY, f"{', '.join(those)} {why}") for why, those in hosts.items()]


def _clock(skew: float) -> Finding:
    if abs(skew) <= SKEW_SECONDS:
        return Finding("google clock", Severity.FINE, f"within {max(abs(skew), 1):.0f} s of this machine's")
    way = "ahead of" if skew > 0 else "behind"
    detail = (
        f"this machine's clock is {abs(skew):.0f} s {way} Google's, so that good tokens are refused: have it follow a "
        "time server"
    )
    return Finding("google clock", Severity.WARNING, detail)
