import logging
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_desktop.settings import (
    Minimum,
    Quiet,
    Settings,
    SettingsStore,
    Sound,
    ThemeChoice,
)
from salebell_desktop.settings.file import SettingsFile

ANY = st.builds(
    Settings,
    language=st.sampled_from(["", "en", "es"]),
    theme=st.sampled_from(ThemeChoice),
    notify=st.booleans(),
    minimum=st.none() | st.builds(Minimum, st.sampled_from(["0", "1500.50"]), st.just("ARS")),
    pending_sound=st.sampled_from(Sound),
    volume=st.integers(0, 100),
    quiet=st.builds(
        Quiet,
        scheduled=st.booleans(),
        start=st.integers(0, 1439),
        days=st.frozensets(st.integers(0, 6)),
        until=st.floats(0, 4e9),
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@given(settings=ANY)
def test_what_is_written_is_read(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = SettingsFile(tmp_path_factory.mktemp("settings") / "settings.json")
    file.write(settings)
    assert file.read() == settings


def test_without_a_file_the_defaults_hold(path: Path) -> None:
    assert SettingsFile(path).read() == Settings()


def test_a_wrong_value_alone_is_not_used(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text('{"volume": 900, "theme": "dark", "quiet": {"start": -1}, "of tomorrow": 1}')
    assert SettingsFile(path).read() == Settings(theme=ThemeChoice.DARK)
    assert "the setting volume cannot be used" in caplog.text
    assert "the setting quiet.start cannot be used" in caplog.text


def test_nor_takes_it_others_of_its_group_with_it(path: Path) -> None:
    path.write_text('{"quiet": {"start": -1, "end": 60, "scheduled": true, "until": null}}')
    assert SettingsFile(path).read().quiet == Quiet(scheduled=True, end=60)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_damaged_file_is_set_aside(path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(content)
    assert SettingsFile(path).read() == Settings()
    assert (path.parent / "settings.damaged.json").read_bytes() == content
    assert not path.exists()


def test_a_file_that_cannot_be_read_or_written(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    path.mkdir()
    file = SettingsFile(path)
    assert file.read() == Settings()
    file.write(Settings(volume=1))
    assert "could not be read" in caplog.text
    assert "could not be kept" in caplog.text


def test_the_store_keeps_and_tells_what_differs(path: Path) -> None:
    store = SettingsStore(SettingsFile(path))
    told: list[tuple[int, int]] = []
    end = store.observe(lambda before, now: told.append((before.volume, now.volume)))
    store.change(volume=70)
    assert not path.exists(), "that is the default"
    store.change(volume=20)
    end()
    end()
    store.change(volume=30)
    assert told == [(70, 20)]
    assert SettingsStore(SettingsFile(path)).now.volume == 30
    with pytest.raises(TypeError):
        store.change(loudness=3)


@pytest.mark.parametrize(
    "wrong", [{"volume": 101}, {"theme": "pink"}, {"quiet": Quiet(until=float("inf"))}, {"quiet": Quiet(start=-1)}]
)
def test_a_value_that_cannot_be_is_refused(path: Path, wrong: dict[str, object]) -> None:
    store = SettingsStore(SettingsFile(path))
    with pytest.raises(msgspec.ValidationError):
        store.change(**wrong)
    assert store.now == Settings()
    assert not path.exists()


def test_an_observer_that_fails_keeps_nobody_else_from_being_told() -> None:
    store = SettingsStore()
    told: list[int] = []

    def fail(_before: Settings, _now: Settings) -> None:
        raise ValueError("broken")

    store.observe(fail)
    store.observe(lambda _before, now: told.append(now.volume))
    with pytest.raises(ExceptionGroup):
        store.change(volume=3)
    assert told == [3]
