"""The command `salebell-server`; also `python -m salebell_server`."""

import os
import sys
from contextlib import AbstractAsyncContextManager
from typing import TextIO

from salebell_server.stopping import Stop


def main() -> None:
    """Run the command line of this process."""
    stop = Stop()
    if sys.argv[1:2] == ["serve"]:
        stop.watch()  # before what takes time to import: a server that is told to stop while it starts ends well
    from salebell_server.cli.context import Commands, Context, Stored
    from salebell_server.cli.main import cli
    from salebell_server.settings import Settings

    def open_storage(settings: Settings, *, create: bool) -> AbstractAsyncContextManager[Stored]:
        if settings.redis is None:
            from salebell_server import embedded

            return embedded.for_commands(settings, create=create)
        from salebell_server import shared

        return shared.for_commands(settings, settings.redis)

    def serve(settings: Settings, workers: int) -> None:
        # Imported here: a server takes a second to import, and the other commands do without.
        from salebell_server import app

        app.serve(settings, stop, workers)

    try:
        cli(obj=Context(os.environ, Commands(open_storage=open_storage, serve=serve)))
    finally:
        give_up_unread(sys.stderr)


def give_up_unread(stream: TextIO) -> None:
    """Let go of what `stream` still holds when nobody reads it any more.

    The interpreter would try again as it ends, and make that failure its status (docs.python.org, `sys.exit`).
    """
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    main()
