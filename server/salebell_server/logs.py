"""Logging: structlog for ours and the libraries' records alike, on stderr, for people (console) or programs (json)."""

import logging
import sys
import traceback
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRETS = ("token", "password", "authorization", "secret", "key")
"""A field whose name contains one of these never reaches the log, whoever put it there."""


def configure(level: str, style: str, stream: TextIO | None = None, *, worker: int | None = None) -> None:
    """Set up logging for the whole process.

    Args:
        level: one of `settings.LOG_LEVELS`.
        style: `console` or `json`, one line a record.
        stream: default: stderr, so that stdout stays free for what a command prints.
        worker: the number of this process among several, which every record then has.
    """
    output = sys.stderr if stream is None else stream
    # Tracebacks without local variables: those may hold a token.
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    if worker is not None:
        shared.append(_numbered(worker))
    if style == "json":
        finish: list[Processor] = [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    else:
        plain = structlog.dev.plain_traceback
        finish = [structlog.dev.ConsoleRenderer(colors=output.isatty(), exception_formatter=plain)]
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # uvicorn tells of each start and stop in five lines; ours says it in one.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def traceback_of(error: BaseException) -> str:
    """A traceback for a record of the log, without local variables, whatever renders it: one of them may be a token."""
    return "".join(traceback.format_exception(error))


def _numbered(worker: int) -> Processor:
    """A structlog processor: says which worker it was."""

    def say(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["worker"] = worker
        return event

    return say


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: replaces the values of fields that are named like secrets."""
    for name in event:
        if any(secret in name.lower() for secret in _SECRETS):
            event[name] = "[hidden]"
    return event
