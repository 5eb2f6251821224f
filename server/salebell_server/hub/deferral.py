"""Who is to hear that the log is away, or back."""

import asyncio

from salebell_server.hub.member import Member, Stage
from salebell_server.hub.tasks import Tasks

BATCH = 64
"""Members told in one turn of the event loop."""


class Deferral:
    """Whether the log is away, and the members that are not sent what it has.

    Those are told again until they are in line with it, so that nothing depends on being told at the right moment.

    Args:
        tasks: where they are told.

    Attributes:
        away: nobody is to ask the log.
    """

    def __init__(self, tasks: Tasks) -> None:
        self.away = False
        self._tasks = tasks
        self._members: dict[Member, None] = {}
        self._due = False
        self._telling = False

    def __len__(self) -> int:
        """How many members are not sent what the log has."""
        return len(self._members)

    def add(self, member: Member) -> None:
        """Take in a member that is AWAY, until it is discarded."""
        self._members[member] = None

    def discard(self, member: Member) -> None:
        """It is brought on, or has left. Harmless when it was not there."""
        self._members.pop(member, None)

    def tell(self) -> None:
        """Tell the members, a few at a time; when something has changed, and each second."""
        self._due = True
        if self._members and not self._telling:
            self._telling = True
            self._tasks.spawn(self._tell_all())

    async def _tell_all(self) -> None:
        try:
            while self._due:
                self._due = False
                members = tuple(self._members)
                for start in range(0, len(members), BATCH):
                    for member in members[start : start + BATCH]:
                        self._tell(member)
                    await asyncio.sleep(0)
        finally:
            self._telling = False

    def _tell(self, member: Member) -> None:
        if member.stage is Stage.AWAY:
            member.outlet.deferred(member.behind, member.behind_id)
        if member.stage is Stage.DEFERRED and not self.away:
            member.outlet.restored()
