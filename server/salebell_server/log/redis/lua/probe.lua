-- Writes, if anything can be written.
--
-- KEYS  probe
-- ARGV  what to write
redis.call('SET', KEYS[1], ARGV[1])
