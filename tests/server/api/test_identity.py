"""Who may do what, and that nobody reaches into another store."""

from pathlib import Path

import httpx
import pytest
from limits import RateLimitItemPerHour

from salebell_protocol.messages import AuthErrorCode
from salebell_server.auth.counting import FailureCounts
from salebell_server.auth.rate import BURST
from salebell_server.log.keys import new_key
from tests.server.api.stand import Service, accepted, problem, sale_body, serving

INGEST = [
    ("POST", "/v1/sales", {"sale": sale_body()}),
    ("POST", "/v1/checkouts", {"sale": sale_body()}),
    ("POST", "/v1/sales/s1/payment", None),
    ("PATCH", "/v1/sales/s1", {"sale": {"total": "1"}}),
    ("POST", "/v1/sales/s1/cancel", None),
]
READING = ["/v1/sales", "/v1/sales/s1", "/v1/sales/s1/events", "/v1/stats"]


def challenged(answer: httpx.Response, code: str) -> None:
    problem(answer, 401, code)
    assert answer.headers["www-authenticate"].startswith('Bearer realm="salebell"')


def wrong_key(answer: httpx.Response) -> None:
    challenged(answer, "key_invalid")


def limited(answer: httpx.Response) -> str:
    told = problem(answer, 429, "rate_limited")
    assert int(answer.headers["retry-after"]) == 61  # the clock stands still, a window begins after a minute
    return str(told["detail"])


class TestProducers:
    async def test_without_a_key(self, api: Service) -> None:
        for method, path, body in INGEST:
            challenged(await api.http.request(method, path, json=body), "unauthenticated")

    async def test_with_a_wrong_key(self, api: Service) -> None:
        for method, path, body in INGEST:
            challenged(await api.send(method, path, body, key=new_key()), "key_invalid")

    async def test_with_an_admins_token(self, api: Service) -> None:
        for method, path, body in INGEST:
            challenged(await api.send(method, path, body, key="ana"), "key_invalid")

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer{key}", "Bearer {key}x", "Bearer x {key}"]
    )
    async def test_with_a_wrong_header(self, api: Service, header: str) -> None:
        answer = await api.http.post(
            "/v1/sales", json={"sale": sale_body()}, headers={"Authorization": header.format(key=api.key).strip()}
        )
        assert answer.status_code == 401

    async def test_the_scheme_is_read_in_any_case(self, api: Service) -> None:
        answer = await api.http.post(
            "/v1/sales", json={"sale": sale_body()}, headers={"Authorization": f"bEARER  {api.key}"}
        )
        accepted(answer, "created:s1", 1)

    async def test_a_revoked_key(self, api: Service) -> None:
        accepted(await api.create("s1"), "created:s1", 1)
        await api.keys.revoke("website")
        challenged(await api.create("s2"), "key_invalid")

    async def test_a_stranger_learns_nothing_about_a_wrong_body(self, api: Service) -> None:
        answer = await api.http.post("/v1/sales", content=b"{")
        challenged(answer, "unauthenticated")

    async def test_a_key_is_in_no_answer(self, api: Service) -> None:
        key = new_key()
        answer = await api.create("s1", key=key)
        assert key not in answer.text + str(answer.headers)


class TestAdmins:
    async def test_without_a_token(self, api: Service) -> None:
        for path in READING:
            challenged(await api.http.get(path), "unauthenticated")

    async def test_with_an_ingest_key(self, api: Service) -> None:
        for path in READING:
            challenged(await api.get(path, token=api.key), "token_invalid")

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (AuthErrorCode.TOKEN_INVALID, 401),
            (AuthErrorCode.TOKEN_EXPIRED, 401),
            (AuthErrorCode.REVOKED, 401),
            (AuthErrorCode.NOT_ADMIN, 403),
            (AuthErrorCode.AUTH_UNAVAILABLE, 503),
        ],
    )
    async def test_with_a_token_that_is_refused(self, api: Service, code: AuthErrorCode, status: int) -> None:
        api.verifier.refuses("bad", code)
        for path in READING:
            answer = await api.get(path, token="bad")
            problem(answer, status, code)
            assert ("www-authenticate" in answer.headers) == (status != 503)
            assert ("retry-after" in answer.headers) == (status == 503)

    async def test_of_another_store(self, api: Service) -> None:
        await api.create("s1")
        api.verifier.admits("bob", "other")
        for path in READING:
            problem(await api.get(path, token="bob", store="main"), 403, "store_forbidden")

    async def test_of_no_store(self, api: Service) -> None:
        api.verifier.admits("eve")
        for path in READING:
            problem(await api.get(path, token="eve"), 403, "store_forbidden")

    async def test_a_store_that_is_none(self, api: Service) -> None:
        for path in READING:
            for store in ("", "Main", "a b", "-", "s" * 64, "main\n"):
                problem(await api.get(path, store=store), 400, "invalid_request", "store")

    @pytest.mark.parametrize(
        ("stores", "everywhere", "default"),
        [((), True, "main"), (("main", "alpha"), False, "main"), (("zoo", "outlet"), False, "outlet")],
    )
    async def test_the_default_store(
        self, api: Service, stores: tuple[str, ...], everywhere: bool, default: str
    ) -> None:
        api.verifier.admits("bob", *stores, everywhere=everywhere)
        for store in ("main", "alpha", "zoo", "outlet"):
            await api.create("s1", key=await api.new_key(store), number=store)
        assert (await api.get("/v1/sales/s1", token="bob")).json()["number"] == default
        assert (await api.get("/v1/stats", token="bob")).json()["store"] == default


class TestTooManyFailures:
    """Of an address: what fails is counted and told to wait; what is good is neither."""

    async def test_wrong_keys(self, api: Service) -> None:
        for _ in range(BURST):
            challenged(await api.create("s1", key=new_key()), "key_invalid")
        for method, path, body in INGEST:
            limited(await api.send(method, path, body, key=new_key()))
        accepted(await api.create("s1"), "created:s1", 1)

    async def test_wrong_tokens(self, api: Service) -> None:
        for _ in range(BURST):
            challenged(await api.get("/v1/stats", token="wrong"), "token_invalid")
        for path in READING:
            limited(await api.get(path, token="wrong"))
        limited(await api.get("/v1/stats", token=api.key))
        assert (await api.get("/v1/stats")).status_code == 200

    @pytest.mark.parametrize(
        ("code", "counts"),
        [
            (AuthErrorCode.REVOKED, True),
            (AuthErrorCode.NOT_ADMIN, True),
            (AuthErrorCode.TOKEN_EXPIRED, False),
            (AuthErrorCode.AUTH_UNAVAILABLE, False),
        ],
    )
    async def test_what_was_a_good_token_does_not_count(self, api: Service, code: AuthErrorCode, counts: bool) -> None:
        api.verifier.refuses("bad", code)
        for _ in range(BURST):
            assert (await api.get("/v1/stats", token="bad")).json()["code"] == code
        last = await api.get("/v1/stats", token="bad")
        assert last.json()["code"] == ("rate_limited" if counts else code)

    async def test_a_refused_token_is_counted_at_its_account_too(self, tmp_path: Path) -> None:
        few = FailureCounts(lambda: 0.0, per_account=RateLimitItemPerHour(3))
        async with serving(tmp_path / "data", failures=few) as api:
            for token, uid in (("old", "ana"), ("older", "ana"), ("other", "eva"), ("nobodys", "")):
                api.verifier.refuses(token, AuthErrorCode.REVOKED, uid)
            for token in ("old", "older", "old"):
                problem(await api.get("/v1/stats", token=token), 401, "revoked")
            for token in ("old", "older"):
                answer = await api.get("/v1/stats", token=token)
                problem(answer, 429, "rate_limited")
                assert int(answer.headers["retry-after"]) == 3601
            for token in ("other", "nobodys"):
                problem(await api.get("/v1/stats", token=token), 401, "revoked")
            elsewhere = {"Authorization": "Bearer old", "X-Forwarded-For": "192.0.2.8"}
            problem(await api.http.get("/v1/stats", headers=elsewhere), 401, "revoked")
            assert (await api.get("/v1/stats")).status_code == 200

    async def test_keys_and_tokens_count_together_and_no_answer_tells_one_from_the_other(self, api: Service) -> None:
        for _ in range(BURST // 2):
            challenged(await api.create("s1", key=new_key()), "key_invalid")
            challenged(await api.get("/v1/stats", token="wrong"), "token_invalid")
        assert limited(await api.create("s1", key=new_key())) == limited(await api.get("/v1/stats", token="wrong"))

    async def test_successes_and_requests_without_any_do_not_count(self, api: Service) -> None:
        for _ in range(BURST + 5):
            assert (await api.get("/v1/stats")).status_code == 200
            challenged(await api.http.get("/v1/stats"), "unauthenticated")
            challenged(await api.http.post("/v1/sales"), "unauthenticated")
        challenged(await api.get("/v1/stats", token="wrong"), "token_invalid")

    async def test_addresses_behind_a_trusted_proxy_are_counted_apart(self, api: Service) -> None:
        """The stand trusts 127.0.0.1, and so believes it."""
        for _ in range(BURST):
            await api.send("POST", "/v1/sales", key=new_key(), headers={"X-Forwarded-For": "192.0.2.7"})
        for address, refuse in (("192.0.2.7", limited), ("192.0.2.8", wrong_key)):
            refuse(await api.send("POST", "/v1/sales", key=new_key(), headers={"X-Forwarded-For": address}))


class TestStores:
    async def test_the_same_ids_are_other_sales_elsewhere(self, api: Service) -> None:
        keys = {"main": api.key, "other": await api.new_key("other")}
        for store, key in keys.items():
            api.verifier.admits(store, store)
            accepted(await api.create("s1", key=key, number=store), "created:s1", 1)
            accepted(await api.post("/v1/sales/s1/payment", key=key), "paid:s1", 2)
            accepted(await api.create(f"only-{store}", key=key, number=store), f"created:only-{store}", 3)

        for store, other in (("main", "other"), ("other", "main")):
            page = (await api.get("/v1/sales", token=store)).json()
            assert {sale["number"] for sale in page["sales"]} == {store}
            assert page["position"]["offset"] == 3
            assert [sale["id"] for sale in (await api.get("/v1/sales", token=store, q=other)).json()["sales"]] == []
            problem(await api.get(f"/v1/sales/only-{other}", token=store), 404, "unknown_sale")
            problem(await api.get(f"/v1/sales/only-{other}/events", token=store), 404, "unknown_sale")
            events = (await api.get("/v1/sales/s1/events", token=store)).json()["events"]
            assert {(event["store"], event["sale"]["number"]) for event in events} == {(store, store)}
            stats = (await api.get("/v1/stats", token=store)).json()
            assert sum(day["sales"] for day in stats["days"]) == 2

    async def test_a_key_changes_nothing_elsewhere(self, api: Service) -> None:
        await api.create("s1")
        other = await api.new_key("other")
        for method, path, body in INGEST[2:]:
            problem(await api.send(method, path, body, key=other), 404, "unknown_sale")
        accepted(
            await api.post("/v1/sales", {"event_id": "created:s1", "sale": sale_body("s9")}, key=other), "created:s1", 1
        )
        assert (await api.get("/v1/sales/s1")).json()["status"] == "pending"
