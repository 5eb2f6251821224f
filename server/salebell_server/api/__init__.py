"""HTTP: producers send sales in, admins look at them, and operators see how the server is.

application     puts the parts together
edge            around everything: size and number of requests, safe headers, figures
bodies          reading bodies, with a bound, and decoding them
problems        every error as `application/problem+json`
identity        who is asking
ingest          the routes of producers
reading         the routes of admins
auth            the routes of signing in
operations      health and figures
description     the OpenAPI description

Nothing here finds its dependencies by itself: `application.create_api` is given them all.
"""
