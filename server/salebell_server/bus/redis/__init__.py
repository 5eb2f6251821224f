"""The bus of many servers: Pub/Sub of the Redis that has the log. Loses messages, and says so."""
