-- What a server knows people and producers by, at one instant.
--
-- KEYS  meta keys:by-hash accounts signing-keys stores
-- gives {id, schema, replaces}, {hash, key, …}, {account, …}, {signing key, …} newest first, {store, …}
local meta, by_hash, accounts, signing_keys, stores = unpack(KEYS)

return {
  redis.call('HMGET', meta, 'id', 'schema', 'replaces'),
  redis.call('HGETALL', by_hash),
  redis.call('HVALS', accounts),
  redis.call('LRANGE', signing_keys, 0, -1),
  redis.call('SMEMBERS', stores),
}
