"""Where a log that many servers share is reached."""

import msgspec


class RedisAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A Redis or Valkey server, and how to sign in there.

    Attributes:
        db: the number of the logical database.
        tls: whether the connection is encrypted; the certificate is then verified.
        ca_file: certificates to trust besides the system's (PEM), or None.
    """

    host: str = "127.0.0.1"
    port: int = 6379
    db: int = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: str | None = None

    def __str__(self) -> str:
        """For logs and errors: without who signs in."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'rediss' if self.tls else 'redis'}://{host}:{self.port}/{self.db}"

    def __repr__(self) -> str:
        """As `str`: a repr ends up in logs and tracebacks."""
        return f"RedisAddress({self})"
