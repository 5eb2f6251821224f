-- Makes a key the newest if the newest so far is the one that the caller knows.
--
-- KEYS  signing-keys
-- ARGV  kid of the newest that the caller knows, or ""; key (JSON); how many are kept
-- gives the keys as they are then, newest first
local keys = KEYS[1]
local after, key, most = unpack(ARGV)

local newest = redis.call('LINDEX', keys, 0)
if after == (newest and cjson.decode(newest).kid or '') then
  redis.call('LPUSH', keys, key)
  redis.call('LTRIM', keys, 0, most - 1)
end
return redis.call('LRANGE', keys, 0, -1)
