"""The keys of the log in Redis, and what lies under them. No other module spells one.

Of each store, all in the slot of its name (`{store}` is a hash tag, redis.io/docs/latest/operate/oss_and_stack/
reference/cluster-spec, "Hash tags"); instants are whole microseconds as in `log.instants`:

    meta      hash     epoch; top, the offset of the last event; last, its id; first, the lowest retained offset;
                       change, which counts what was published
    log       stream   the retained events, with the ids <offset>-0: id, previous, recorded, event (the confirmed JSON)
    ids       hash     event id → lines: offset, the id of the sale's event before it, digest. Kept with the sale
    sales     hash     sale id → lines: version, last offset, last event id, latest SALE_CREATED offset, status offset,
                       status event id, place in `created`; then the JSON of the Sale
    created   sorted   place and sale id, all with the score 0: in bytewise order, newest first and then by id
    latest    sorted   sale id by the offset of its latest SALE_CREATED: unread is a ZCOUNT above the cursor
    touched   sorted   sale id by when its last event was recorded
    cursors   hash     admin → the offset looked at

A store that has not begun has none of them. Of the whole database:

    salebell:stores    set      every store that has an event, and perhaps some that were about to get one
    salebell:probe     string   written to find out whether anything can be

    salebell:meta                   hash     id, random, made once for each database; schema; replaces, the id of the
                                             lost database whose keys and accounts were written into this one, or ""
    salebell:keys                   hash     name → SHA-256 of the ingest key
    salebell:keys:by-hash           hash     SHA-256 → JSON of the IngestKey
    salebell:accounts               hash     uid → JSON of the Account
    salebell:accounts:by-email      hash     email_key → uid
    salebell:families               hash     id (hex) → JSON of the RefreshFamily
    salebell:families:used          sorted   id by when it was used last
    salebell:families:by-account    sorted   uid, NUL and id, all with the score 0: in bytewise order
    salebell:signing-keys           list     JSON of each SigningKey, newest first

    salebell:failures:{…}           string   how often a client failed to sign in; the `limits` library's, and gone by
                                             itself two windows later. Between the braces are the kind of the limit,
                                             a hash of whom it is about, and the limit; `/-1` follows for the window
                                             before. No store is called so: names of stores follow `salebell:` at once
"""

from functools import lru_cache

import msgspec

_LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999, as in `instants`."""

PLACE_DIGITS = 18

STORES = "salebell:stores"
PROBE = "salebell:probe"

META = "salebell:meta"
KEYS = "salebell:keys"
KEYS_BY_HASH = "salebell:keys:by-hash"
ACCOUNTS = "salebell:accounts"
ACCOUNTS_BY_EMAIL = "salebell:accounts:by-email"
FAMILIES = "salebell:families"
FAMILIES_USED = "salebell:families:used"
FAMILIES_BY_ACCOUNT = "salebell:families:by-account"
SIGNING_KEYS = "salebell:signing-keys"

FAILURES = "salebell:failures"


class StoreKeys(msgspec.Struct, frozen=True):
    """The names of a store's keys."""

    meta: str
    log: str
    ids: str
    sales: str
    created: str
    latest: str
    touched: str
    cursors: str


@lru_cache(maxsize=4096)
def store_keys(store: str) -> StoreKeys:
    """The keys of a store."""
    return StoreKeys(*(f"salebell:{{{store}}}:{name}" for name in StoreKeys.__struct_fields__))


def place_of(created_at: int) -> str:
    """Where a sale is in `created`: the later, the smaller. Always `PLACE_DIGITS` long, and so in bytewise order.

    Scores are doubles, which tell no microseconds of all years apart.
    """
    return f"{_LATEST - created_at:0{PLACE_DIGITS}}"


def created_at_of(place: str | bytes) -> int:
    """The instant of a place."""
    return _LATEST - int(place)
