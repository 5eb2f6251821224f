"""Hypothesis strategies for everything that the protocol can say."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from salebell_protocol import messages
from salebell_protocol.currencies import MINOR_UNITS
from salebell_protocol.events import Event, EventType, Position
from salebell_protocol.sales import Customer, Item, Sale, SaleStatus
from salebell_protocol.text import plain

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
IDS = LETTERS + LETTERS.upper() + DIGITS + "._:-"

offsets = st.integers(1, 2**53 - 1)
uptos = st.integers(0, 2**53 - 1)
sale_ids = st.text(IDS, min_size=1, max_size=100)
event_ids = st.text(IDS, min_size=1, max_size=128)
stores = st.builds(str.__add__, st.sampled_from(LETTERS + DIGITS), st.text(LETTERS + DIGITS + "-", max_size=62))
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
currencies = st.sampled_from(sorted(MINOR_UNITS))


def texts(longest: int) -> st.SearchStrategy[str]:
    """Texts as they are after cleaning."""
    return st.text(max_size=longest).map(plain)


@st.composite
def _amounts(draw: st.DrawFn) -> str:
    whole = str(draw(st.integers(0, 10**15 - 1)))
    decimals = draw(st.text(DIGITS, max_size=6))
    return f"{whole}.{decimals}" if decimals else whole


amounts = _amounts()
urls = st.builds("https://{}.example/{}".format, st.text(LETTERS, min_size=1), st.text(LETTERS + DIGITS + "/?=&#%"))
customers = st.builds(Customer, texts(200), texts(320))
items = st.builds(Item, texts(500), st.integers(1, 1_000_000), amounts)
sales = st.builds(
    Sale,
    id=sale_ids,
    number=texts(100),
    status=st.sampled_from(SaleStatus),
    total=amounts,
    currency=currencies,
    channel=texts(50),
    customer=st.none() | customers,
    items=st.lists(items, max_size=4).map(tuple),
    created_at=instants,
    updated_at=instants,
    url=st.none() | urls,
)
provisional_events = st.builds(
    Event, id=event_ids, type=st.sampled_from(EventType), store=stores, occurred_at=instants, sale=sales
)


@st.composite
def _confirmed_events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(EventType))
    offset = draw(offsets)
    return Event(
        id=draw(event_ids),
        type=kind,
        store=draw(stores),
        occurred_at=draw(instants),
        sale=draw(sales),
        offset=offset,
        previous="" if offset == 1 else draw(event_ids),
        created_before=draw(st.integers(0, offset - 1)) if kind is EventType.SALE_CREATED else None,
    )


confirmed_events = _confirmed_events()
events = provisional_events | confirmed_events
epochs = st.text(IDS, min_size=1, max_size=64)
positions = st.builds(Position, epochs, offsets, event_ids) | st.builds(Position, epochs, st.just(0), st.just(""))
ping_ids = st.none() | st.text(max_size=100) | st.integers(-(2**53), 2**53)
identities = st.builds(messages.AdminIdentity, uid=st.text(), email=st.text(), name=st.text())


@st.composite
def _auth_successes(draw: st.DrawFn) -> messages.AuthSuccess:
    recovery = draw(st.sampled_from(messages.Recovery))
    deferred = recovery is messages.Recovery.DEFERRED
    return messages.AuthSuccess(
        admin=draw(identities),
        store=draw(stores),
        stores=tuple(draw(st.lists(stores, max_size=5))),
        position=None if deferred else draw(positions),
        unread=None if deferred else draw(uptos),
        seen=None if deferred else draw(uptos),
        expires_at=draw(uptos),
        server_time=draw(uptos),
        recovery=recovery,
    )


server_messages: st.SearchStrategy[messages.ServerMessage] = st.one_of(
    st.builds(messages.Welcome, protocol=uptos, server=st.text(), heartbeat=uptos, auth_timeout=uptos),
    _auth_successes(),
    st.builds(messages.AuthExpiring, expires_at=uptos),
    st.builds(messages.AuthError, code=st.sampled_from(messages.AuthErrorCode), message=st.text()),
    st.builds(messages.EventMessage, event=events),
    st.builds(messages.Unread, count=uptos, seen=uptos, as_of=uptos),
    st.builds(messages.Pong, id=ping_ids),
    st.builds(messages.ErrorMessage, code=st.sampled_from(messages.ErrorCode), message=st.text()),
)
client_messages: st.SearchStrategy[messages.ClientMessage] = st.one_of(
    st.builds(
        messages.Auth,
        token=st.text(min_size=1, max_size=50),
        store=st.none() | stores,
        resume=st.none() | positions,
        device=st.none() | st.text(max_size=100),
    ),
    st.builds(messages.Ping, id=ping_ids),
    st.builds(messages.Seen, epoch=st.none() | epochs, offset=st.none() | uptos),
)
