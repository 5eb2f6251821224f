"""`salebell-server doctor`: looks at everything that a server needs, one line each."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

import click
import httpx
import msgspec

from salebell_server.cli.context import Context
from salebell_server.cli.errors import Misconfigured, Refused
from salebell_server.log import LogError

FREE_BYTES = 500 * 1024 * 1024
"""Below this much free disk it is time to look: some 500,000 events."""

OPEN_FILES = 4096
"""Each connected admin takes one."""

_TIMEOUT_SECONDS = 5.0


class Finding(msgspec.Struct, frozen=True):
    """What one check found. `detail` says what to do when it is not `ok`."""

    check: str
    ok: bool
    detail: str


@click.command(epilog="\b\nExample:\n  salebell-server doctor\n  salebell-server doctor --json")
@click.option("--json", "as_json", is_flag=True, help="Print an array of {check, ok, detail}.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """Check configuration, data directory, database, accounts, keys, limits, and a server that runs on it.

    Exit status 1 if any check fails.
    """
    findings = asyncio.run(_examine(context))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(findings), indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.check}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise Refused("not everything is as it should be: see the lines above")


async def _examine(context: Context) -> list[Finding]:
    findings: list[Finding] = []
    for name, check in (
        ("configuration", _configuration),
        ("data directory", _data_directory),
        ("database", _database),
        ("open files", _open_files),
        ("server", _server),
    ):
        try:
            findings += [Finding(name, ok, detail) async for ok, detail in check(context)]
        except Misconfigured as error:
            findings.append(Finding(name, ok=False, detail=error.message.replace("\n", "; ")))
            if name == "configuration":
                break
    return findings


Found = AsyncIterator[tuple[bool, str]]
Check = Callable[[Context], Found]


async def _configuration(context: Context) -> Found:
    settings = context.settings
    yield True, f"listens on {settings.host}:{settings.port}, signs admins in with {settings.auth.value} accounts"
    if settings.host not in ("127.0.0.1", "::1", "localhost") and not settings.trusted_proxies:
        yield True, "listens beyond this machine without a trusted proxy: put TLS in front of it"


async def _data_directory(context: Context) -> Found:
    directory = context.settings.data_dir
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    yield free >= FREE_BYTES, f"{directory}, {free // 2**20:,} MiB free" + ("" if free >= FREE_BYTES else ": make room")


async def _database(context: Context) -> Found:
    async with context.open_database() as stored:
        faults = await stored.faults()
        yield not faults, f"damaged ({faults}): restore a backup" if faults else "every page is sound"
        yield await _attempt(stored.log.check, "can be written to")
        keys = await stored.keys.list()
        yield bool(keys), f"{len(keys)} ingest keys" if keys else "no ingest key yet: salebell-server keys create"
        accounts = await stored.accounts.list()
        yield bool(accounts), f"{len(accounts)} admins" if accounts else "no admin yet: salebell-server admins add"


async def _attempt(action: Callable[[], Awaitable[None]], done: str) -> tuple[bool, str]:
    try:
        await action()
    except LogError as error:
        return False, str(error)
    return True, done


async def _open_files(_context: Context) -> Found:
    if sys.platform == "win32":
        yield True, "no limit on this system"
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    enough = hard == resource.RLIM_INFINITY or hard >= OPEN_FILES
    yield enough, f"{hard} may be open" + ("" if enough else f": raise the limit (ulimit -n) to {OPEN_FILES} or more")


async def _server(context: Context) -> Found:
    url = context.settings.local_url
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            answer = await http.get(f"{url}/readyz")
    except httpx.HTTPError:
        yield True, f"none answers on {url} (start it with: salebell-server serve)"
        return
    if answer.status_code == HTTPStatus.OK:
        yield True, f"ready on {url}"
    else:
        yield False, f"{url}/readyz answers {answer.status_code}: {answer.text[:200]}"
