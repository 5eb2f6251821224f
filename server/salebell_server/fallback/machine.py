"""NORMAL, DEGRADED, RECOVERING: a table, pure."""
