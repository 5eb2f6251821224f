import importlib.util
import wave
from array import array
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from salebell_desktop.settings import Settings, Sound
from salebell_desktop.ui.notifications.heard import SOUNDS, file_of, sample_sound, sound_of
from salebell_protocol.sales import Sale, SaleStatus
from tests.desktop.ui.stage import sale

ROOT = Path(__file__).parents[4]
USUAL = Settings()


def sold(status: SaleStatus) -> Sale:
    return sale(1, status=status)


APPROVED, PENDING = sold(SaleStatus.APPROVED), sold(SaleStatus.PENDING)
SILENT_MONEY = Settings(approved_sound=Sound.NONE)
SILENT_CARTS = Settings(pending_sound=Sound.NONE)


@pytest.mark.parametrize(
    ("sales", "settings", "heard"),
    [
        ([APPROVED], USUAL, Sound.REGISTER),
        ([PENDING], USUAL, Sound.BELL),
        ([sold(SaleStatus.CANCELLED)], USUAL, Sound.BELL),
        ([PENDING, APPROVED, PENDING], USUAL, Sound.REGISTER),
        ([APPROVED], SILENT_MONEY, Sound.NONE),
        ([APPROVED, PENDING], SILENT_MONEY, Sound.BELL),
        ([PENDING], SILENT_CARTS, Sound.NONE),
        ([PENDING, APPROVED], SILENT_CARTS, Sound.REGISTER),
        ([], USUAL, Sound.NONE),
    ],
)
def test_sales_are_heard_as_one_sound(sales: list[Sale], settings: Settings, heard: Sound) -> None:
    assert sound_of(sales, settings) is heard


def test_a_test_is_heard_as_whatever_is_heard_at_all() -> None:
    assert sample_sound(USUAL) is Sound.REGISTER
    assert sample_sound(SILENT_MONEY) is Sound.BELL
    assert sample_sound(Settings(approved_sound=Sound.NONE, pending_sound=Sound.NONE)) is Sound.NONE


def test_silence_has_no_file() -> None:
    assert file_of(Sound.NONE) is None


@pytest.mark.parametrize("sound", [Sound.REGISTER, Sound.BELL])
def test_a_sound_is_short_clean_and_as_loud_as_the_others(sound: Sound) -> None:
    file = file_of(sound)
    assert file is not None
    with wave.open(str(file)) as audio:
        assert (audio.getnchannels(), audio.getsampwidth(), audio.getframerate()) == (1, 2, 44_100)
        samples = array("h", audio.readframes(audio.getnframes()))
    assert 0.5 < len(samples) / 44_100 < 1.0
    assert file.stat().st_size < 120_000
    peak = max(map(abs, samples)) / 32_767
    assert 0.7 < peak < 0.8
    assert max(map(abs, [*samples[:4], *samples[-100:]])) < 0.1 * 32_767 * peak


def test_the_script_makes_the_sounds_that_are_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = SourceFileLoader("make_sounds", str(ROOT / "scripts" / "make-sounds"))
    spec = importlib.util.spec_from_loader("make_sounds", loader)
    assert spec is not None
    script = importlib.util.module_from_spec(spec)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    loader.exec_module(script)
    monkeypatch.setattr("sys.argv", ["make-sounds", str(tmp_path)])

    script.main()

    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in SOUNDS.iterdir())
    for name in made:
        one, other = (directory / name for directory in (tmp_path, SOUNDS))
        assert one.stat().st_size == other.stat().st_size
        # Another system's sine may differ in its last bit.
        new, shipped = (array("h", path.read_bytes()[44:]) for path in (one, other))
        assert max(abs(a - b) for a, b in zip(new, shipped, strict=True)) <= 1
