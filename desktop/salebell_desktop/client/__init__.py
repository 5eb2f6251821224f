"""Talking to the server, and writing what it says into the store.

address     what people type, as the addresses of a server
dialer      sockets: the contract, and the one on `websockets`
http        the server's HTTP API
clock       time and timers, as the loop has them
link        one socket: performs what the connection machine wants
recorder    keeps the stores in the cache
client      all of it: signing in and out, one link a store
"""
