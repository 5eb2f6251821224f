"""One connection to one store, as a pure state machine: no sockets, asyncio, clock or randomness.

machine     states, and what each input does in each of them
inputs      what can happen to a connection
effects     what is to be done then
backoff     how long to wait before the next attempt
reasons     the sentences for people
"""
