"""The JSON in which keys and accounts lie in Redis, see `keyspace`."""

from typing import Generic, TypeVar

import msgspec

from salebell_server.log.redis.errors import Cause, RedisUnavailable

T = TypeVar("T")


class Values(Generic[T]):
    """Writes and reads the values of one type. The same value always becomes the same bytes."""

    def __init__(self, kind: type[T]) -> None:
        self._encoder = msgspec.json.Encoder(order="deterministic")
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, value: T) -> bytes:
        """To be stored."""
        return self._encoder.encode(value)

    def decode(self, stored: bytes) -> T:
        """What was stored.

        Raises:
            RedisUnavailable: it was not written by `encode`.
        """
        try:
            return self._decoder.decode(stored)
        except (msgspec.DecodeError, UnicodeError):
            # The decoder's own words may quote what is secret.
            raise RedisUnavailable(Cause.DAMAGED) from None
