"""Qt and asyncio in one test session: `async def` tests run on a qasync loop, as the application does.

Mark a test `plain_asyncio` to run it on asyncio's own loop. A warning of Qt fails the test that caused it.
"""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QApplication

HERE = Path(__file__).parent
COLLECT_AFTER = 100_000
"""Objects made since the last collection."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "plain_asyncio: run on asyncio's own loop, without Qt")

    # Here too no thread but Qt's may collect garbage: see `platform.garbage`.
    gc.disable()


def pytest_runtest_teardown() -> None:
    if gc.get_count()[0] > COLLECT_AFTER:
        gc.collect()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            # What Qt's platform without a screen says of windows that it has no manager for.
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


def _qasync_loop() -> asyncio.AbstractEventLoop:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)  # closing a window must not stop the loop in the middle of a test
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(application)
    return loop


def pytest_asyncio_loop_factories(
    config: pytest.Config,
    item: pytest.Item,
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("plain_asyncio"):
        return {"asyncio": asyncio.SelectorEventLoop}
    return {"qasync": _qasync_loop}


@pytest.fixture(autouse=True)
def _application_first(qapp: QApplication) -> QApplication:
    """pytest-qt's application exists before any loop is made for it."""
    return qapp


Until = Callable[[Callable[[], object]], Awaitable[None]]
Emitted = Callable[[SignalInstance], Awaitable[tuple[Any, ...]]]


@pytest.fixture
def until() -> Until:
    """`await until(lambda: condition)`: for async tests, where `qtbot.waitUntil` would block the loop."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def emitted() -> Emitted:
    """`await emitted(widget.signal)`: the arguments of the next emission."""

    async def wait(signal: SignalInstance) -> tuple[Any, ...]:
        arrived: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

        def receive(*arguments: Any) -> None:
            if not arrived.done():
                arrived.set_result(arguments)

        signal.connect(receive)
        try:
            return await asyncio.wait_for(arrived, 10)
        finally:
            signal.disconnect(receive)

    return wait
