"""Playing a short sound: what it takes is loaded for the first one, and let go of after each.

SoundPlayer       the interface
NullSound         plays nothing: for who has no ears
MiniaudioSound    Windows, macOS and Linux, through miniaudio
"""

import logging
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miniaudio import Backend

LOUDEST = 100
"""The volume at which a sound is played as it was recorded."""
RATE = 44_100
"""Samples a second."""
_SAMPLE = 2
"""Bytes of one."""
_BUFFER_MS = 60
_TAIL_SECONDS = 0.3
"""What the system still holds back when it has taken the last sample: so much silence is played after a sound."""
_PATIENCE_SECONDS = 5.0
"""A device that has not taken a sound so long after its end never will."""
_CLOSE_SECONDS = 1.0
RETRY_SECONDS = 60.0
"""A computer that could not play a sound is not asked again before this."""

_log = logging.getLogger(__name__)


class SoundPlayer(ABC):
    """Plays sounds, one at a time."""

    @abstractmethod
    def play(self, sound: Path, volume: int) -> None:
        """Begin to play a file. Neither waits nor raises; while another sound is to be heard, nothing happens.

        Args:
            sound: a WAV, FLAC, MP3 or Ogg Vorbis file.
            volume: 0 (silent) to `LOUDEST`.
        """

    @abstractmethod
    def close(self) -> None:
        """Be silent from now on."""


class NullSound(SoundPlayer):
    """Plays nothing."""

    def play(self, sound: Path, volume: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing is played."""


class MiniaudioSound(SoundPlayer):
    """Each sound has a thread of its own, and in it a playback device that is closed at its end.

    A computer without sound is silent: the first failure is logged, the others are not.

    Args:
        name: the application's, as the system's mixer shows it.
        backends: of miniaudio; None: the best one that the system has.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(
        self, name: str, backends: "Sequence[Backend] | None" = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._name = name
        self._backends = None if backends is None else list(backends)
        self._clock = clock
        self._playing = Lock()
        self._closed = Event()
        self._failed_at: float | None = None
        self._thread: Thread | None = None
        self._prepared: tuple[Path, int, bytes] | None = None

    def play(self, sound: Path, volume: int) -> None:
        """Begin to play `sound`."""
        if volume <= 0 or self._closed.is_set() or self._failed_lately or not self._playing.acquire(blocking=False):
            return
        self._thread = Thread(target=self._run, args=(sound, volume), name="sound", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # the system has no thread left
            self._thread = None
            self._fail(error)
            self._playing.release()

    def close(self) -> None:
        """End what is being played."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)

    def _run(self, sound: Path, volume: int) -> None:
        try:
            self._play(self._samples(sound, volume))
        except Exception as error:  # noqa: BLE001 - a shop without a loudspeaker sells as well
            self._fail(error)
        finally:
            self._playing.release()

    def _samples(self, sound: Path, volume: int) -> bytes:
        """What to send to the device; of the last sound it is kept."""
        if self._prepared is not None and self._prepared[:2] == (sound, volume):
            return self._prepared[2]
        import miniaudio

        # Read here: miniaudio opens no path that the system writes in wide characters.
        decoded = miniaudio.decode(sound.read_bytes(), nchannels=1, sample_rate=RATE)
        loudness = (min(volume, LOUDEST) / LOUDEST) ** 2  # half of the way is half as loud to the ear, not to the meter
        samples = array("h", [int(sample * loudness) for sample in decoded.samples])
        samples.frombytes(bytes(int(_TAIL_SECONDS * RATE) * _SAMPLE))
        self._prepared = (sound, volume, samples.tobytes())
        return self._prepared[2]

    def _play(self, samples: bytes) -> None:
        import miniaudio

        over = Event()
        stream = _stream(samples, over, self._closed)
        next(stream)
        device = miniaudio.PlaybackDevice(
            nchannels=1, sample_rate=RATE, buffersize_msec=_BUFFER_MS, backends=self._backends, app_name=self._name
        )
        try:
            device.start(stream)
            over.wait(len(samples) / _SAMPLE / RATE + _PATIENCE_SECONDS)
        finally:
            device.close()
            # The library leaves it open, and with it, on Linux, a connection to the sound server for each sound.
            miniaudio.lib.ma_context_uninit(vars(device)["_context"])

    @property
    def _failed_lately(self) -> bool:
        return self._failed_at is not None and self._clock() - self._failed_at < RETRY_SECONDS

    def _fail(self, error: Exception) -> None:
        if self._failed_at is None:
            _log.warning("no sound can be played: %s", error)
        self._failed_at = self._clock()


def _stream(samples: bytes, over: Event, closed: Event) -> Generator[bytes, int, None]:
    """Give the device what it asks for, in frames, from the thread of its own that it calls from."""
    wanted = yield b""
    begin = 0
    while begin < len(samples) and not closed.is_set():
        end = begin + wanted * _SAMPLE
        wanted = yield samples[begin:end]
        begin = end
    over.set()
    while True:
        yield b""
