"""`salebell-server doctor`: looks at everything that a server needs, one line each."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from statistics import median

import click

from salebell_server.cli.context import Context, Stored
from salebell_server.cli.errors import Misconfigured, Refused
from salebell_server.log import LogError
from salebell_server.log.findings import Finding, Severity
from salebell_server.settings import Fallback

FREE_BYTES = 500 * 1024 * 1024
"""Below this much free disk it is time to look: some 500,000 events."""

OPEN_FILES = 4096
"""Each connected admin takes one."""

WRITES = 9
"""So many are timed."""

_TIMEOUT_SECONDS = 5.0

_MARKS = {
    Severity.FINE: "ok  ",
    Severity.WARNING: "warn",
    Severity.WEAK: "FAIL",
    Severity.AWAY: "FAIL",
    Severity.FATAL: "FAIL",
}


@click.command(epilog="\b\nExample:\n  salebell-server doctor\n  salebell-server doctor --json")
@click.option("--json", "as_json", is_flag=True, help="Print an array of {check, ok, severity, detail}.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """Check configuration, data directory, the log, accounts, keys, limits, and a server that runs on it.

    With Firebase: also the project, its service account, its keys and how admins sign in, as far as Google tells.

    Makes and changes nothing. Exit status 1 if any check fails.
    """
    findings = asyncio.run(_examine(context))
    if as_json:
        click.echo(json.dumps([_told(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.severity]}  {finding.subject}: {finding.detail}")
    if not all(map(_is_ok, findings)):
        raise Refused("not everything is as it should be: see the lines above")


def _is_ok(finding: Finding) -> bool:
    return finding.severity in (Severity.FINE, Severity.WARNING)


def _told(finding: Finding) -> dict[str, object]:
    severity = finding.severity.value
    return {"check": finding.subject, "ok": _is_ok(finding), "severity": severity, "detail": finding.detail}


Found = AsyncIterator[Finding]


async def _examine(context: Context) -> list[Finding]:
    findings: list[Finding] = []
    checks: tuple[tuple[str, Callable[[Context], Found]], ...] = (
        ("configuration", _configuration),
        ("data directory", _data_directory),
        ("database", _storage),
        ("firebase", _firebase),
        ("open files", _open_files),
        ("server", _server),
    )
    for subject, check in checks:
        try:
            findings += [finding async for finding in check(context)]
        except Misconfigured as error:
            findings.append(Finding(subject, Severity.FATAL, error.message.replace("\n", "; ")))
            if check is _configuration:
                break
    return findings


async def _configuration(context: Context) -> Found:
    subject, settings = "configuration", context.settings
    who = "local accounts" if settings.firebase is None else f"Firebase, project {settings.firebase.project_id}"
    where = f"listens on {settings.host}:{settings.port}, signs admins in with {who}"
    yield Finding(subject, Severity.FINE, where)
    if settings.host not in ("127.0.0.1", "::1", "localhost") and not settings.trusted_proxies:
        detail = "listens beyond this machine without a trusted proxy: put TLS in front of it"
        yield Finding(subject, Severity.WARNING, detail)
    for ignored in settings.ignored:
        detail = f"{', '.join(ignored.variables)}: ignored, because {ignored.reason}"
        yield Finding(subject, Severity.WARNING, detail)
    if settings.redis is not None:
        keeps = settings.fallback is Fallback.OUTBOX
        does = "keeps new sales on this machine's disk" if keeps else "refuses new sales"
        detail = f"keeps its log in {settings.redis}, and {does} while that is away"
        yield Finding(subject, Severity.FINE, detail)


async def _data_directory(context: Context) -> Found:
    subject, directory = "data directory", context.settings.data_dir
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{directory}, {free // 2**20:,} MiB free"
    if free < FREE_BYTES:
        yield Finding(subject, Severity.FATAL, f"{detail}: make room")
    else:
        yield Finding(subject, Severity.FINE, detail)


async def _storage(context: Context) -> Found:
    """The log, and what lies beside it."""
    settings = context.settings
    subject = "database" if settings.redis is None else "redis"
    async with context.open_storage(create=False) as stored:
        try:
            findings = (await stored.examine()).findings
            for finding in findings:
                if finding.severity is Severity.WEAK and settings.allow_weak_redis:
                    allowed = f"{finding.detail} (allowed by SALEBELL_ALLOW_WEAK_REDIS)"
                    yield Finding(finding.subject, Severity.WARNING, allowed)
                else:
                    yield finding
            if any(finding.severity in (Severity.AWAY, Severity.FATAL) for finding in findings):
                return
            milliseconds = await _median_write(stored) * 1000
            detail = f"can be written to; a write takes {milliseconds:.1f} ms (median of {WRITES})"
            yield Finding(subject, Severity.FINE, detail)
            keys, accounts = await stored.keys.list(), await stored.accounts.list()
        except LogError as error:
            yield Finding(subject, Severity.AWAY, str(error))
            return
    if keys:
        yield Finding(subject, Severity.FINE, f"{len(keys)} ingest keys")
    else:
        yield Finding(subject, Severity.FATAL, "no ingest key yet: salebell-server keys create")
    if settings.firebase is not None:
        return  # its users are no accounts of the server's own
    if accounts:
        yield Finding(subject, Severity.FINE, f"{len(accounts)} admins")
    else:
        yield Finding(subject, Severity.FATAL, "no admin yet: salebell-server admins add")


async def _firebase(context: Context) -> Found:
    """The project that signs admins in."""
    project = context.settings.firebase
    if project is None:
        return
    # Imported here: it takes as long as the rest of the commands together.
    from salebell_server.auth.firebase.examination import examine

    for finding in (await examine(project, time.time)).findings:
        yield finding


async def _median_write(stored: Stored) -> float:
    """Seconds that a durable write takes."""
    took: list[float] = []
    for _ in range(WRITES):
        start = time.perf_counter()
        await stored.log.check()
        took.append(time.perf_counter() - start)
    return median(took)


async def _open_files(_context: Context) -> Found:
    subject = "open files"
    if sys.platform == "win32":
        yield Finding(subject, Severity.FINE, "no limit on this system")
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY or hard >= OPEN_FILES:
        yield Finding(subject, Severity.FINE, f"{hard} may be open")
    else:
        detail = f"{hard} may be open: raise the limit (ulimit -n) to {OPEN_FILES} or more"
        yield Finding(subject, Severity.FATAL, detail)


async def _server(context: Context) -> Found:
    # Imported here: it takes as long as the rest of the commands together.
    import httpx

    url = context.settings.local_url
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            answer = await http.get(f"{url}/readyz")
    except httpx.HTTPError:
        yield Finding("server", Severity.FINE, f"none answers on {url} (start it with: salebell-server serve)")
        return
    if answer.status_code == HTTPStatus.OK:
        yield Finding("server", Severity.FINE, f"ready on {url}")
    else:
        detail = f"{url}/readyz answers {answer.status_code}: {answer.text[:200]}"
        yield Finding("server", Severity.FATAL, detail)
