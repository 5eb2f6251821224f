"""Who listens to which store: brings a store's events to its connections, each exactly once and in order.

`hub` has the stores, `channel` one store and its connections, `member` one connection's place in it, `replay` what a
connection is sent until it has caught up, `recount` the counts that changed otherwise, `verdicts` whether the admins
still are admins, `frames` the bytes, `tasks` what runs in the background.
"""
