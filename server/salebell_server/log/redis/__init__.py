"""The log of many servers: Redis or Valkey, one node, the same contracts as `log/sqlite`."""
