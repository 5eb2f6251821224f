-- Forgets an ingest key.
--
-- KEYS  keys keys:by-hash
-- ARGV  name
-- gives 1, or 0 if none has the name
local keys, by_hash = unpack(KEYS)

local hash = redis.call('HGET', keys, ARGV[1])
if not hash then
  return 0
end
redis.call('HDEL', by_hash, hash)
redis.call('HDEL', keys, ARGV[1])
return 1
