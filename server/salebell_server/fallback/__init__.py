"""Living without the shared log: what comes in is kept on this machine's disk, and told to the log later.

machine         the rule: a table of NORMAL, DEGRADED and RECOVERING; pure
keeper          runs it: tries the log, drains the outbox, tells the admins
shared_log      the log as the rest of the server sees it: used in NORMAL, else away at once
outbox          what was acknowledged meanwhile, on the disk
drain           tells the log what the outbox has
readiness       what `/readyz` says of all this
copies          what was last known of keys and accounts, to authenticate by
copied_stores   the keys and accounts as the rest of the server sees them
copied_file     the copy on the disk
"""
