-- Replaces an account that is as it was read, and ends its sessions if that is asked for.
--
-- KEYS  accounts families families:used families:by-account
-- ARGV  uid, the account as it was read, what replaces it, "1" to end the sessions
-- gives 1; or the account as it is, or nil
local accounts = KEYS[1]
local sessions = {families = KEYS[2], used = KEYS[3], by_account = KEYS[4]}
local uid, read, new, ends = unpack(ARGV)

local account = redis.call('HGET', accounts, uid)
if account ~= read then
  return account
end
local ended = ends == '1' and sessions_of(sessions, uid) or {}
redis.call('HSET', accounts, uid, new)
for _, id in ipairs(ended) do
  end_session(sessions, uid, id)
end
return 1
