import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import miniaudio
import psutil
import pytest

from salebell_desktop.platform.sound import RETRY_SECONDS, MiniaudioSound, NullSound
from salebell_desktop.settings import Sound
from salebell_desktop.ui.notifications.heard import file_of
from tests.desktop.conftest import Until

NOWHERE = [miniaudio.Backend.NULL]
"""A loudspeaker that takes its time as any other does, and is not to be heard."""


def sounding() -> int:
    """How many sounds are being played."""
    return sum(thread.name == "sound" for thread in threading.enumerate())


@pytest.fixture
def ring() -> Path:
    file = file_of(Sound.BELL)
    assert file is not None
    return file


@pytest.fixture
def player() -> Iterator[MiniaudioSound]:
    made = MiniaudioSound("Salebell", NOWHERE)
    yield made
    made.close()


async def test_a_sound_is_played_and_everything_let_go_of(
    player: MiniaudioSound, ring: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    player.play(ring, 70)
    await until(lambda: not sounding())
    process = psutil.Process()
    files, threads = process.num_fds(), process.num_threads()

    for _ in range(2):
        player.play(ring, 70)
        assert sounding() == 1
        await until(lambda: not sounding())

    assert (process.num_fds(), caplog.records) == (files, [])
    await until(lambda: process.num_threads() <= threads)


async def test_two_sounds_are_never_heard_at_once(player: MiniaudioSound, ring: Path) -> None:
    for _ in range(10):
        player.play(ring, 70)

    assert sounding() == 1


def test_closing_ends_a_sound_and_all_that_would_follow(player: MiniaudioSound, ring: Path) -> None:
    player.play(ring, 70)

    player.close()
    assert not sounding()
    player.play(ring, 70)
    assert not sounding()


def test_a_volume_of_nothing_plays_nothing(player: MiniaudioSound, ring: Path) -> None:
    player.play(ring, 0)

    assert not sounding()


async def test_what_cannot_be_played_is_logged_once_and_left_alone_for_a_while(
    ring: Path, tmp_path: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    now = [50.0]
    player = MiniaudioSound("Salebell", NOWHERE, lambda: now[0])
    (tmp_path / "no sound.wav").write_text("no sound")
    with caplog.at_level(logging.WARNING):
        player.play(tmp_path / "missing.wav", 70)
        await until(lambda: not sounding())
        player.play(ring, 70)
        assert not sounding()

        now[0] += RETRY_SECONDS
        player.play(tmp_path / "no sound.wav", 70)
        await until(lambda: not sounding())

        now[0] += RETRY_SECONDS
        player.play(ring, 70)
        assert sounding()

    assert len(caplog.records) == 1
    player.close()


def test_a_computer_without_a_thread_left_is_silent(
    player: MiniaudioSound, ring: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    player.play(ring, 70)

    assert len(caplog.records) == 1


def test_the_null_player_plays_nothing(ring: Path) -> None:
    player = NullSound()

    player.play(ring, 70)
    player.close()

    assert not sounding()
