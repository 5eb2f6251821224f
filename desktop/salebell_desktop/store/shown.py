"""The ids of the events that this device has announced."""

from collections.abc import Iterable, Iterator

REMEMBERED = 20_000
"""How many ids are kept: twice what a server replays at most (`MAX_REPLAY_EVENTS`)."""


class ShownEvents:
    """A set of event ids that forgets the oldest beyond `limit`."""

    def __init__(self, ids: Iterable[str] = (), limit: int = REMEMBERED) -> None:
        self._ids: dict[str, None] = dict.fromkeys(ids)
        self._limit = limit
        self._trim()

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        """The oldest first."""
        return iter(self._ids)

    def add(self, event_id: str) -> bool:
        """Remember `event_id`; False when it was known already."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        self._trim()
        return True

    def _trim(self) -> None:
        while len(self._ids) > self._limit:
            del self._ids[next(iter(self._ids))]
