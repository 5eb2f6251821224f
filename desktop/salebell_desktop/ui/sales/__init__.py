"""The sales window: the list, its filters, the figures of the day, one sale in full."""
