"""Plain text as people wrote it, made safe to show anywhere.

A producer's text ends up in labels, tooltips, notifications and logs, so it may neither break a line nor turn the
reading direction of what stands beside it (Unicode Technical Report 36, section 2.2: bidirectional text spoofing).
"""

import re

_LINE_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\ufeff\ud800-\udfff]"  # byte order mark, lone surrogates
)


def plain(text: str) -> str:
    """`text` on one line, without control and bidirectional characters, trimmed."""
    return _UNSAFE.sub("", _LINE_BREAKS.sub(" ", text)).strip()
