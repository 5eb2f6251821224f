-- What is known of an event id and a sale, at one instant.
--
-- KEYS  ids sales
-- ARGV  event id, or "" for none; sale id
-- gives what lies under each, or nil
local known = ARGV[1] ~= '' and redis.call('HGET', KEYS[1], ARGV[1])
return {known, redis.call('HGET', KEYS[2], ARGV[2])}
