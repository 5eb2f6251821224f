"""Talking to the server, and writing what it says into the store.

address     what people type, as the addresses of a server
dialer      sockets: the contract, and the one on `websockets`
trust       who may vouch for servers
reach       why there is no answer, in plain words
web         HTTP with anybody, on `httpx`
http        the server's HTTP API
clock       time and timers, as the loop has them
link        one socket: performs what the connection machine wants
recorder    keeps the stores in the cache
servers     what servers offer to sign in with, and doing it
accounts    the accounts that this computer keeps
session     all that runs while an admin is signed in
client      all of it: signing in and out, switching, one session at a time
"""
