"""The invariants of the log and of every device, checked on the sets: what was promised, kept, shown and counted."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from salebell_protocol.events import Event, EventType
from tests.e2e.devices import Device
from tests.e2e.town import Shop


class Kept(msgspec.Struct, frozen=True):
    """What the logs hold in the end.

    Attributes:
        events: of each store, in order.
        seen: the cursor of each admin, by address and store.
    """

    events: Mapping[str, Sequence[Event]]
    seen: Mapping[tuple[str, str], int]

    def unread(self, email: str, store: str) -> int:
        """The count of an admin by its definition."""
        latest = {event.sale.id: event.offset or 0 for event in self.events[store] if rings(event)}
        return sum(offset > self.seen[email, store] for offset in latest.values())


class Verdict(msgspec.Struct):
    """Everything that is not as it must be, in words. All of it empty is the only good one.

    Attributes:
        lost: never acknowledged; or acknowledged and not in the log; or in the log and not shown.
        doubled: in the log twice, or shown twice.
        disordered: gaps, wrong predecessors, offsets other than promised, events shown out of order.
        foreign: events of a store that is not the shop's, or not the admin's.
        miscounted: badges and lists other than what the log says.
    """

    lost: list[str] = msgspec.field(default_factory=list[str])
    doubled: list[str] = msgspec.field(default_factory=list[str])
    disordered: list[str] = msgspec.field(default_factory=list[str])
    foreign: list[str] = msgspec.field(default_factory=list[str])
    miscounted: list[str] = msgspec.field(default_factory=list[str])

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not any(msgspec.structs.astuple(self))


def rings(event: Event) -> bool:
    """Whether it is shown as a sale."""
    return event.type is EventType.SALE_CREATED


def judge(kept: Kept, shops: Sequence[Shop], devices: Sequence[Device], stores: Mapping[str, Sequence[str]]) -> Verdict:
    """Check invariants 1 to 5.

    Args:
        kept: read from the database itself.
        shops: with what they were promised.
        devices: connected, and up to date as far as they know.
        stores: of each admin, by address.
    """
    verdict = Verdict()
    for store, log in kept.events.items():
        _judge_log(verdict, store, log, [shop for shop in shops if shop.store == store])
    for device in devices:
        _judge_device(verdict, device, kept, stores[device.email])
    return verdict


def _judge_log(verdict: Verdict, store: str, log: Sequence[Event], shops: Sequence[Shop]) -> None:
    if [event.offset for event in log] != list(range(1, len(log) + 1)):
        verdict.disordered.append(f"the offsets of {store} have gaps")
    if [event.previous for event in log] != ["", *(event.id for event in log)][: len(log)]:
        verdict.disordered.append(f"the events of {store} do not name the ones before them")
    verdict.doubled += _repeated(f"in the log of {store}", [event.id for event in log])
    offsets = {event.id: event.offset for event in log}
    for shop in shops:
        verdict.lost += [f"{event_id} was never acknowledged" for event_id in shop.given_up]
        for event_id, promised in shop.acknowledged.items():
            if event_id not in offsets:
                verdict.lost.append(f"{event_id} was acknowledged and is not in {store}")
            elif promised is not None and promised != offsets[event_id]:
                verdict.disordered.append(f"{event_id} was promised {promised} and has {offsets[event_id]}")
    ours = {shop.number for shop in shops}
    verdict.foreign += [
        f"{event.id} came into {store}"
        for event in log
        if event.store != store or int(event.sale.id.split("-")[0]) not in ours
    ]


def _judge_device(verdict: Verdict, device: Device, kept: Kept, stores: Sequence[str]) -> None:
    name = device.name
    if {store.name for store in device.desk.stores} != set(stores):
        verdict.foreign.append(f"{name} has other stores than {stores}")
    verdict.foreign += [f"{name} was shown {a.event.id} of {a.store}" for a in device.shown if a.store not in stores]
    for store in device.desk.stores:
        log = kept.events[store.name]
        shown = [announcement.event for announcement in device.shown if announcement.store == store.name]
        verdict.doubled += _repeated(f"shown by {name}", [event.id for event in shown])
        rung = {event.id for event in log if rings(event)}
        verdict.lost += [f"{each} was not shown by {name}" for each in rung - {event.id for event in shown}]
        known = {event.id for event in log}
        # What was provisional may have come into the log as the update of a sale that was there already.
        verdict.lost += [
            f"{event.id} was shown by {name} and is not in {store.name}" for event in shown if event.id not in known
        ]
        offsets = [event.offset for event in shown if event.offset is not None]
        if offsets != sorted(offsets):
            verdict.disordered.append(f"{name} was shown events of {store.name} out of order")
        _judge_figures(verdict, device, kept, store.name)


def _judge_figures(verdict: Verdict, device: Device, kept: Kept, name: str) -> None:
    store = next(store for store in device.desk.stores if store.name == name)
    unread = kept.unread(device.email, name)
    if store.badge != unread:
        verdict.miscounted.append(f"{device.name} counts {store.badge} in {name}, the log has {unread}")
    last = {event.sale.id: event.sale for event in kept.events[name]}
    wrong = [sale.id for sale in store.sales.newest(50) if last.get(sale.id) != sale]
    if wrong:
        verdict.miscounted.append(f"{device.name} lists other sales in {name} than the log: {wrong}")


def _repeated(where: str, ids: Sequence[str]) -> list[str]:
    return [f"{event_id} is {where} {times} times" for event_id, times in Counter(ids).items() if times > 1]
