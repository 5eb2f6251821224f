# What Salebell uses of miniaudio, which has no annotations of its own that a type checker finds.

from array import array
from collections.abc import Generator
from enum import Enum
from typing import Protocol

class Backend(Enum):
    NULL = ...

class MiniaudioError(Exception): ...

class DecodedSoundFile:
    samples: array[int]

def decode(data: bytes, *, nchannels: int = ..., sample_rate: int = ...) -> DecodedSoundFile: ...

class PlaybackDevice:
    backend: str
    def __init__(
        self,
        *,
        nchannels: int = ...,
        sample_rate: int = ...,
        buffersize_msec: int = ...,
        backends: list[Backend] | None = ...,
        app_name: str = ...,
    ) -> None: ...
    def start(self, callback_generator: Generator[bytes, int]) -> None: ...
    def close(self) -> None: ...

class _Library(Protocol):
    def ma_context_uninit(self, context: object) -> int: ...

lib: _Library
