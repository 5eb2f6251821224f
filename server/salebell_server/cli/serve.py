"""`salebell-server serve`."""

import sys

import click
import msgspec

from salebell_server.cli.context import Context
from salebell_server.cli.errors import Misconfigured


@click.command(
    epilog="\b\nExample:\n  salebell-server serve --port 3001\n\nSettings come from SALEBELL_* variables, or a file "
    "that SALEBELL_ENV_FILE names."
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on; default: SALEBELL_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default: SALEBELL_PORT, else 3001. 0: any free one.")
@click.option(
    "--workers", type=click.IntRange(1), default=1, help="Processes that share the port; default: 1. More need Redis."
)
@click.pass_obj
def serve(context: Context, host: str | None, port: int | None, workers: int) -> None:
    """Run the server until SIGTERM or Ctrl-C. It is ready when /readyz answers 200."""
    settings = context.settings
    if workers > 1 and settings.redis is None:
        raise Misconfigured(
            "--workers: the embedded log has one writer, so one process is all that it can use; set ENABLE_REDIS=true "
            "and REDIS_URL for more"
        )
    if workers > 1 and sys.platform == "win32":
        raise Misconfigured("--workers: on Windows, processes cannot share a port as they would have to: leave it out")
    if host is not None:
        settings = msgspec.structs.replace(settings, host=host)
    if port is not None:
        settings = msgspec.structs.replace(settings, port=port)
    context.serve(settings, workers)
