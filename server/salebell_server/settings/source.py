"""Variables as they are written, and what is found wrong with them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values

T = TypeVar("T")


class SettingsError(Exception):
    """The configuration cannot be used.

    Attributes:
        problems: each variable at fault with a sentence that says what to do, without values that could be secret.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {sentence}" for name, sentence in problems.items()))
        self.problems = dict(problems)


class Source:
    """Variables by name, from an environment and beneath it from the file that `SALEBELL_ENV_FILE` names."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._problems: dict[str, str] = {}
        self._values = {**self._file(environ.get("SALEBELL_ENV_FILE", "")), **environ}

    def _file(self, path: str) -> dict[str, str]:
        if not path:
            return {}
        if not Path(path).is_file():
            self.refuse("SALEBELL_ENV_FILE", f"names a file that is not there: {path}")
            return {}
        return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}

    def text(self, name: str) -> str:
        """The variable, trimmed; "" when it is not set."""
        return self._values.get(name, "").strip()

    def value(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        """The variable as `parse` reads it; the default when it is not set, or wrong (which `check` will raise)."""
        text = self.text(name)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(name, str(error))
            return default

    def refuse(self, name: str, sentence: str) -> None:
        """Note that a variable is wrong."""
        self._problems[name] = sentence

    def check(self) -> None:
        """Raise `SettingsError` if anything was refused."""
        if self._problems:
            raise SettingsError(self._problems)


def boolean(text: str) -> bool:
    """Yes or no, as people write it."""
    if text.lower() in ("true", "1", "yes", "on"):
        return True
    if text.lower() in ("false", "0", "no", "off"):
        return False
    raise ValueError("must be true or false")


def one_of(values: tuple[str, ...]) -> Callable[[str], str]:
    """A parser of words, whatever their case."""

    def parse(text: str) -> str:
        if text.lower() not in values:
            raise ValueError("must be one of: " + ", ".join(values))
        return text.lower()

    return parse


def whole(lowest: int, highest: int, sentence: str) -> Callable[[str], int]:
    """A parser of whole numbers; `sentence` is said of what is none, or out of bounds."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > len(str(highest)):
            raise ValueError(sentence)
        if not lowest <= int(text) <= highest:
            raise ValueError(sentence)
        return int(text)

    return parse


port = whole(0, 65535, "must be a port number from 0 to 65535, such as 3001")


def path(text: str) -> Path:
    """A path; `~` is the user's home."""
    return Path(text).expanduser()
