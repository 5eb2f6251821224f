"""Who listens to which store: brings a store's events to its connections, each exactly once and in order.

`hub` has the stores, `channel` one store and its connections, `surroundings` what channels share, `member` one
connection's place, `replay` what it is sent until it has caught up, `recount` the counts that changed otherwise,
`verdicts` whether the admins still are admins, `frames` the bytes, `tasks` what runs in the background.

While the log is away: `deferral` who is to hear so, `pending` the contract of what waits for it, `provisional` what
connections are sent of that.
"""
