"""What Salebell's server and desktop say to each other: facts, messages and their codec.

Pure: no I/O, no clock, no randomness. `docs/protocol.md` describes the same in prose.
"""

PROTOCOL_VERSION = 1
"""The number in `welcome.protocol`. It changes only when an older client could misread a message."""

HEARTBEAT_SECONDS = 30
"""How often the client sends `ping`; two silent intervals are a dead link."""

SILENCE_SECONDS = 75
"""The server drops a connection from which nothing came for this long."""

AUTH_TIMEOUT_SECONDS = 10
"""How long a connection may take to send its first `auth`."""

MAX_CLIENT_FRAME_BYTES = 16 * 1024
"""A larger frame from a client is closed with 1009 (RFC 6455, section 7.4.1)."""

MAX_REPLAY_EVENTS = 10_000
"""A client further behind than this is told `reset` and reloads its list over HTTP."""
