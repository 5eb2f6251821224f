"""The settings in a file of their own."""

import json
import logging
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from salebell_desktop.settings.model import Settings
from salebell_desktop.whole_file import write_whole

S = TypeVar("S", bound=msgspec.Struct)

LONGEST = 100_000
"""Bytes; what is longer was not written by us."""

_logger = logging.getLogger(__name__)


class SettingsFile:
    """A `Keeper`: one JSON object, written whole or not at all.

    What cannot be read is as good as the default: of a file with one wrong value that one alone, and all of them when
    it is no JSON; such a file is set aside, for whoever wants to know what was in it.

    Args:
        path: of the file; its directory exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Settings:
        """See `Keeper.read`."""
        try:
            with self._path.open("rb") as file:
                content = file.read(LONGEST)
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            _logger.warning("the settings could not be read: %s", error.strerror)
            return Settings()
        try:
            kept = json.loads(content)
        except ValueError:
            kept = None
        if not isinstance(kept, dict):
            self._set_aside()
            return Settings()
        return _usable(cast("dict[str, Any]", kept), Settings())

    def write(self, settings: Settings) -> None:
        """See `Keeper.write`."""
        try:
            write_whole(self._path, msgspec.json.format(msgspec.json.encode(settings)))
        except OSError as error:
            _logger.warning("the settings could not be kept: %s", error.strerror)

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{self._path.stem}.damaged{self._path.suffix}")
        _logger.warning("the settings are damaged; they were set aside as %s", aside)
        try:
            self._path.replace(aside)
        except OSError as error:
            _logger.warning("they could not be set aside: %s", error.strerror)


def _usable(kept: dict[str, Any], default: S, within: str = "") -> S:
    """What a file says, each value that cannot be used replaced by that of `default`: by itself, not with its group."""
    good: dict[str, Any] = {}
    for field in msgspec.structs.fields(default):
        if field.name not in kept:
            continue
        value, usual = kept[field.name], getattr(default, field.name)
        name = f"{within}{field.name}"
        if isinstance(value, dict) and isinstance(usual, msgspec.Struct):
            good[field.name] = _usable(cast("dict[str, Any]", value), usual, f"{name}.")
            continue
        try:
            good[field.name] = msgspec.convert(value, field.type, strict=True)
        except msgspec.ValidationError:
            _logger.warning("the setting %s cannot be used; its default is", name)
    return msgspec.structs.replace(default, **good)
