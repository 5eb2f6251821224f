"""The command `salebell-server`; also `python -m salebell_server`."""

import os

from salebell_server import embedded
from salebell_server.cli.context import Commands, Context
from salebell_server.cli.main import cli
from salebell_server.settings import Settings


def main() -> None:
    """Run the command line of this process."""
    cli(obj=Context(os.environ, Commands(open_storage=embedded.for_commands, serve=_serve)))


def _serve(settings: Settings) -> None:
    # Imported here: a server takes a second to import, and the other commands do without.
    from salebell_server import app

    app.serve(settings)


if __name__ == "__main__":
    main()
