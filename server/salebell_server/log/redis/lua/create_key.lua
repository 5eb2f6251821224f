-- Stores an ingest key under a name that is free.
--
-- KEYS  keys keys:by-hash
-- ARGV  name, hash, key (JSON)
-- gives nil; or the hash of the key that has the name
local keys, by_hash = unpack(KEYS)
local name, hash, key = unpack(ARGV)

local taken = redis.call('HGET', keys, name)
if taken then
  return taken
end
redis.call('HLEN', by_hash) -- another program's is noticed before anything is written
redis.call('HSET', keys, name, hash)
redis.call('HSET', by_hash, hash, key)
return nil
