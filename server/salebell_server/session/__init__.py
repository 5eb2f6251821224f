"""The server's side of one connection, without I/O: no sockets, no clock; messages in, effects out.

`states` has the states, `machine` what happens in each; `inputs` is what a session is told, `effects` what it wants
done; `grants` is what a signed-in connection has, `allowance` how much a client may send, `refusals` the close codes
and their words.
"""
