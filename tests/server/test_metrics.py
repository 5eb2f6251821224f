"""What Prometheus is told by one process; what several add up to is in `test_workers`."""

import os
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from salebell_protocol.events import EventType
from salebell_server.gateway.metrics import GatewayMetrics, SocketState
from salebell_server.metrics import Metrics, forget, share


def figures(metrics: Metrics) -> dict[frozenset[str], float]:
    """Each sample by its name and what its labels say, without the times at which they were made."""
    return {
        frozenset((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def of(*name_and_labels: str) -> frozenset[str]:
    return frozenset(name_and_labels)


def test_what_the_gateway_counts() -> None:
    metrics = Metrics()
    gateway: GatewayMetrics = metrics
    gateway.connections(SocketState.SIGNING_IN, 1)
    gateway.connections(SocketState.SIGNING_IN, -1)
    gateway.connections(SocketState.OPEN, 1)
    gateway.signed_in("success")
    gateway.signed_in("token_expired")
    gateway.closed(4413)
    gateway.delivered(3)
    gateway.delivered(2)
    found = figures(metrics)
    assert [found[of("salebell_sockets", state)] for state in SocketState] == [0, 1, 0]
    assert found[of("salebell_socket_sign_ins_total", "success")] == 1
    assert found[of("salebell_socket_sign_ins_total", "token_expired")] == 1
    assert found[of("salebell_socket_closes_total", "4413")] == 1
    assert found[of("salebell_deliveries_total")] == 5


def test_events_are_there_from_the_start() -> None:
    metrics = Metrics()
    metrics.appended(EventType.SALE_UPDATED)
    found = figures(metrics)
    assert [found[of("salebell_events_appended_total", event_type)] for event_type in EventType] == [0, 1, 0]


def test_what_the_fallback_counts() -> None:
    metrics = Metrics()
    for conflict in (False, True, False):
        metrics.drained(conflict=conflict)
    found = figures(metrics)
    assert found[of("salebell_outbox_drained_total", "no")] == 2
    assert found[of("salebell_outbox_drained_total", "yes")] == 1


def test_a_single_process_keeps_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    metrics = Metrics()
    metrics.appended(EventType.SALE_CREATED)
    assert figures(metrics)[of("salebell_events_appended_total", "SALE_CREATED")] == 1
    assert not list(tmp_path.iterdir())


def test_figures_are_shared_in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # and so it is put back afterwards
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "counter_1.db").write_bytes(b"of an earlier run")
    share(tmp_path / "figures")
    assert not list((tmp_path / "figures").iterdir())
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path / "figures")


def test_what_a_dead_process_had_open_is_forgotten(tmp_path: Path) -> None:
    for name in ("gauge_livesum_12.db", "gauge_livemax_12.db", "gauge_livesum_112.db", "counter_12.db"):
        (tmp_path / name).touch()
    forget(tmp_path, 12)
    forget(tmp_path, 12)
    assert {file.name for file in tmp_path.iterdir()} == {"gauge_livesum_112.db", "counter_12.db"}


def test_a_gauge_is_read_when_somebody_asks() -> None:
    metrics, size = Metrics(), [1.0]
    metrics.gauge("queue_size", "Commands that wait.", lambda: size[0])
    size[0] = 7.0
    assert figures(metrics)[of("salebell_queue_size")] == 7


@pytest.mark.parametrize(("method", "label"), [("GET", "GET"), ("BREW", "other"), ("get", "other")])
def test_methods_are_few(method: str, label: str) -> None:
    metrics = Metrics()
    metrics.answered(method, "/v1/sales", 200, 0.004)
    found = figures(metrics)
    assert found[of("salebell_http_requests_total", label, "/v1/sales", "200")] == 1
    assert found[of("salebell_http_request_seconds_bucket", label, "/v1/sales", "0.0025")] == 0
    assert found[of("salebell_http_request_seconds_bucket", label, "/v1/sales", "0.005")] == 1


def test_servers_do_not_share_figures() -> None:
    one, other = Metrics(), Metrics()
    one.appended(EventType.SALE_CREATED)
    assert figures(other)[of("salebell_events_appended_total", "SALE_CREATED")] == 0
