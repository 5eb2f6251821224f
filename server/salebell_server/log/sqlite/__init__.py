"""The embedded log: one SQLite file in the server's data directory, with keys and accounts beside the events.

From the top down:

    sale_log, keys, accounts        the contracts `SaleLog`, `KeyStore` and `AccountStore` on a `Database`
    appending, resuming, listing,   what they do, each a function of a connection
    trimming, search, heads
    database                        opens the file, runs commands and queries, holds the directory's lock
    writer, readers, courtesy       the threads, and how they get their turns
    opening, connection, schema     making, judging and upgrading the file before anything works on it
    directory, errors, instants     the data directory and its lock; failures in words; times as numbers
"""
