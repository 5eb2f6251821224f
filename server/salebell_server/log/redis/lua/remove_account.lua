-- Forgets an account and ends its sessions.
--
-- KEYS  accounts accounts:by-email families families:used families:by-account
-- ARGV  uid, its email_key
-- gives 1, or 0 if there is none
local accounts, by_email = KEYS[1], KEYS[2]
local sessions = {families = KEYS[3], used = KEYS[4], by_account = KEYS[5]}
local uid, email_key = unpack(ARGV)

if redis.call('HEXISTS', accounts, uid) == 0 then
  return 0
end
redis.call('HLEN', by_email)
for _, id in ipairs(sessions_of(sessions, uid)) do
  end_session(sessions, uid, id)
end
redis.call('HDEL', by_email, email_key)
redis.call('HDEL', accounts, uid)
return 1
