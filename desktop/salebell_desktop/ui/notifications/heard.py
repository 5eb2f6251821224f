"""What is heard of sales: which sound, and where it is. Pure."""

from collections.abc import Collection
from pathlib import Path

from salebell_desktop.settings import Settings, Sound
from salebell_protocol.sales import Sale, SaleStatus

SOUNDS = Path(__file__).parent / "sounds"
"""`SOUND.wav`, made by `scripts/make-sounds`."""


def sound_of(sales: Collection[Sale], settings: Settings) -> Sound:
    """The one sound of sales that are told together: that of a sale with money in it comes first."""
    heard = Sound.NONE
    if any(sale.status is SaleStatus.APPROVED for sale in sales):
        heard = settings.approved_sound
    if heard is Sound.NONE and any(sale.status is not SaleStatus.APPROVED for sale in sales):
        heard = settings.pending_sound
    return heard


def sample_sound(settings: Settings) -> Sound:
    """What a test is heard as."""
    return settings.pending_sound if settings.approved_sound is Sound.NONE else settings.approved_sound


def file_of(sound: Sound) -> Path | None:
    """The file of a sound; None: there is nothing to be heard."""
    return None if sound is Sound.NONE else SOUNDS / f"{sound}.wav"
