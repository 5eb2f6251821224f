"""Whatever producers and admins send, the answer is an acknowledgement, a page or a problem: never a 500."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.api.stand import Service

IDS = st.sampled_from(["s1", "s2"]) | st.sampled_from(
    ["s3", "a:b", "%00", "a%20b", "é", "paid:s1", "s" * 100, "s" * 101]
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["", "\ud800", "\x00", "1e400", "NaN", "9" * 400])
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
)

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "id": st.sampled_from(["s1", "s2", "a:b", "s" * 100]),
    "total": st.decimals(0, 10**14, places=2).map(str),
    "currency": st.sampled_from(["ARS", "EUR", "KWD", "XXX"]),
    "status": st.sampled_from(["pending", "approved", "cancelled", "refunded"]),
    "number": st.text(max_size=120),
    "channel": st.text(max_size=60),
    "customer": st.none()
    | st.fixed_dictionaries({}, optional={"name": st.text(max_size=9), "email": st.text(max_size=9)}),
    "items": st.lists(
        st.fixed_dictionaries(
            {"name": st.text(max_size=9), "quantity": st.integers(0, 10**6 + 1), "unit_price": st.just("1.5")}
        ),
        max_size=3,
    ),
    "created_at": st.datetimes().map(lambda time: time.isoformat() + "Z"),
    "updated_at": st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z"]),
    "url": st.none() | st.sampled_from(["https://shop.example.com/1", "http://x", "https://", "https://\ud800"]),
}
EVENT_IDS = st.sampled_from(["e1", "e2", "created:s1", "paid:s1", "cancelled:s1", "e" * 128])

GOOD_SALES = st.fixed_dictionaries(
    {"id": st.sampled_from(["s1", "s2"]), "total": FIELDS["total"], "currency": st.sampled_from(["ARS", "KWD"])},
    optional={"number": st.text(max_size=50), "created_at": FIELDS["created_at"]},
)
SALES = st.fixed_dictionaries({}, optional={name: good | good | ANYTHING for name, good in FIELDS.items()})

GOOD_BODIES = st.fixed_dictionaries({"sale": GOOD_SALES}, optional={"event_id": EVENT_IDS})
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "event_id": EVENT_IDS | ANYTHING,
        "sale": SALES | GOOD_SALES | ANYTHING,
        "paid_at": FIELDS["created_at"] | ANYTHING,
        "reference": st.text(max_size=20) | ANYTHING,
    },
)
CONTENTS = (GOOD_BODIES | BODIES | ANYTHING).map(lambda body: json.dumps(body).encode()) | st.binary(max_size=100)

CREATIONS = [("POST", "/v1/sales"), ("POST", "/v1/checkouts")]
CHANGES = [("PATCH", ""), ("POST", "/payment"), ("POST", "/cancel")]
COMMANDS = st.sampled_from(CREATIONS) | st.tuples(st.sampled_from(CHANGES), IDS).map(
    lambda drawn: (drawn[0][0], f"/v1/sales/{drawn[1]}{drawn[0][1]}")
)

QUERIES = st.dictionaries(
    st.sampled_from(["store", "limit", "before", "status", "channel", "q", "since", "until", "tz"])
    | st.text(max_size=5),
    st.text(max_size=20) | st.sampled_from(["main", "1", "approved", "2026-11-24T12:00:00Z", "UTC", "\x00", "-1"]),
    max_size=4,
)

KEYS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E) | st.characters(min_codepoint=0xA1, max_codepoint=0xFF)
)
"""What HTTP lets through in a header; uvicorn answers anything else by itself."""

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(SETTINGS, max_examples=200)
@given(command=COMMANDS, body=CONTENTS, key=st.none() | EVENT_IDS | KEYS)
async def test_commands(api: Service, command: tuple[str, str], body: bytes, key: str | None) -> None:
    method, path = command
    headers = [(b"Authorization", b"Bearer " + api.key.encode())]
    if key is not None:
        headers.append((b"Idempotency-Key", key.encode("latin-1")))
    answer = await api.http.request(method, path, content=body, headers=headers)
    assert answer.status_code in (201, 400, 404, 409), (command, body, answer.text)
    if answer.status_code == 201:
        assert answer.json().keys() == {"event_id", "offset", "duplicate"}
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@settings(SETTINGS, max_examples=50)
@given(path=st.sampled_from(["", "/s1", "/s1/events", "/%FF", "/a%00"]), query=QUERIES)
async def test_queries(api: Service, path: str, query: dict[str, str]) -> None:
    await api.create("s1")
    for url in (f"/v1/sales{path}", "/v1/stats"):
        answer = await api.get(
            url, **{"q": "", **{name.encode(errors="replace").decode(): query[name] for name in query}}
        )
        assert answer.status_code in (200, 400, 404), (url, query, answer.text)
