"""How a command fails: one clear line on stderr, and an exit status.

click's own `UsageError` covers wrong arguments, with status 2.
"""

import click


class Refused(click.ClickException):
    """What was asked for cannot be done, or was not: exit status 1."""

    exit_code = 1


class Misconfigured(click.ClickException):
    """The configuration or the machine must be changed first: exit status 2."""

    exit_code = 2
