-- Replaces a session that is as it was read, or ends it.
--
-- KEYS  families families:used families:by-account
-- ARGV  id, the family as it was read, its uid, what replaces it ("" to end it), used at
-- gives 1; or the family as it is, or nil
local sessions = {families = KEYS[1], used = KEYS[2], by_account = KEYS[3]}
local id, read, uid, new, used_at = unpack(ARGV)

local family = redis.call('HGET', sessions.families, id)
if family ~= read then
  return family
end
redis.call('ZCARD', sessions.used)
redis.call('ZCARD', sessions.by_account)
if new == '' then
  end_session(sessions, uid, id)
else
  put_session(sessions, uid, id, used_at, new)
end
return 1
