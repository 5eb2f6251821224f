"""The scripts of the log, and of what lies beside it; each file in `lua` says what it does, takes and gives.

They run on Redis 6.2 and later, write only when nothing speaks against it any more, and touch no key but their KEYS.
"""

from importlib.resources import files

from salebell_server.log.redis.client import Script


def _script(*names: str) -> Script:
    folder = files("salebell_server.log.redis") / "lua"
    return Script("\n".join((folder / f"{name}.lua").read_text("utf-8") for name in names))


APPEND = _script("begin", "append")
ENTRIES = _script("entries")
HISTORY = _script("history")
LISTING = _script("begin", "listing")
LOOKUP = _script("lookup")
OPEN = _script("begin", "open")
POSITION = _script("begin", "position")
PROBE_SCRIPT = _script("probe")
SEE = _script("see")
TRIM_EVENTS = _script("trim_events")
TRIM_SALES = _script("trim_sales")
UNREAD = _script("unread")

CREATE_KEY = _script("create_key")
REVOKE_KEY = _script("revoke_key")

ADD_ACCOUNT = _script("add_account")
FIND_ACCOUNT = _script("find_account")
REMOVE_ACCOUNT = _script("sessions", "remove_account")
REVISE_ACCOUNT = _script("sessions", "revise_account")

END_FAMILIES = _script("sessions", "end_families")
OPEN_FAMILY = _script("sessions", "open_family")
REVISE_FAMILY = _script("sessions", "revise_family")

ADD_SIGNING_KEY = _script("add_signing_key")

BEGIN_DATABASE = _script("begin_database")
SNAPSHOT = _script("snapshot")
