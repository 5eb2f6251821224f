"""Living without the shared log: what comes in is kept on this machine's disk, and told to the log later.

`machine` is the rule, a table of NORMAL, DEGRADED and RECOVERING.
"""
