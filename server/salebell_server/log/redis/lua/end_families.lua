-- Ends sessions that were used too long ago.
--
-- KEYS  families families:used families:by-account
-- ARGV  used earlier than this, most of them to end
-- gives how many there were
local sessions = {families = KEYS[1], used = KEYS[2], by_account = KEYS[3]}
local before, most = unpack(ARGV)

redis.call('ZCARD', sessions.by_account)
local old = redis.call('ZRANGEBYSCORE', sessions.used, '-inf', '(' .. before, 'LIMIT', 0, most)
for _, id in ipairs(old) do
  end_session(sessions, cjson.decode(redis.call('HGET', sessions.families, id)).uid, id)
end
return #old
