"""The group `salebell-server`, with all its commands."""

import click

from salebell_server import __version__
from salebell_server.cli.admins import admins
from salebell_server.cli.doctor import doctor
from salebell_server.cli.emit import emit
from salebell_server.cli.keys import keys
from salebell_server.cli.serve import serve


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExample:\n  salebell-server keys create --store main --name website\n  salebell-server serve",
)
@click.version_option(__version__, prog_name="salebell-server")
def cli() -> None:
    """Salebell's server: takes a shop's sales in and pushes them to its admins within milliseconds."""


for _command in (serve, keys, admins, emit, doctor):
    cli.add_command(_command)
