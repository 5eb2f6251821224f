-- The account with an address.
--
-- KEYS  accounts accounts:by-email
-- ARGV  email_key
-- gives the account, or nil
local accounts, by_email = unpack(KEYS)

local uid = redis.call('HGET', by_email, ARGV[1])
return uid and redis.call('HGET', accounts, uid)
