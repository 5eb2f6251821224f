"""The socket: an `asyncio.Protocol` for `/ws` that uvicorn is given, on websockets' Sans-I/O server protocol.

`gateway` is what a server has one of, `connection` what each client has one of; `handshake` judges the request,
`answers` finds out what a session asks, `metrics` is what is counted.
"""
