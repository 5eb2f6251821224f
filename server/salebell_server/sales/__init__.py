"""Sales: what producers may ask for, what becomes of it, and what it adds up to.

    rules       what each command does to a sale in each state, as a table
    errors      why a command is refused
    requests    what producers send
    digests     what tells a retry from another request under the same event id
    assembly    requests to sales
    ledger      look, decide, append, and again when somebody was faster
    intake      the contract of what keeps sales while the log cannot be reached
    draining    what becomes of them when it can
    service     creating, changing, cancelling and refunding
    payments    confirming payments
    stats       counts and revenue by hour and day

The services work on any `SaleLog`, with the clock and the source of random event ids passed in.
"""
